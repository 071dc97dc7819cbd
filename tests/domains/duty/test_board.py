"""The board at the door: who answers, on paper and on the phone, without a login and without a word too many."""

from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from mulin.domains.duty.models import Absence
from mulin.domains.places.models import GridMembership
from tests.factories import Town, make_town, make_user, staff

pytestmark = pytest.mark.django_db


def page(client: Client, town: Town, building: int = 0) -> BeautifulSoup:
    response = client.get(f"/b/{town.board_code(building)}/")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def pdf_text(content: bytes) -> list[str]:
    """What stands on each page, without the spaces a reader puts where the script changes."""
    return ["".join(sheet.extract_text().split()) for sheet in PdfReader(BytesIO(content)).pages]


def test_everybody_responsible_is_named_with_a_phone_to_tap(client: Client) -> None:
    town = make_town()

    shown = page(client, town)

    for role in ("contact", "leader", "grid_worker", "grid_leader", "first_grid_leader", "community"):
        assert town.users[role].name in shown.get_text()
        digits = town.users[role].work_phone.replace("-", "")
        assert shown.select_one(f'a[href="tel:{digits}"]') is not None
    assert shown.select_one('a[href="tel:12345"]') is not None
    assert shown.select_one(f'a[href$="?b={town.board_code()}"]') is not None


def test_those_above_and_elsewhere_are_not_shown(client: Client) -> None:
    town = make_town()

    text = page(client, town).get_text()

    for role in ("street", "county", "department", "stranger"):
        assert town.users[role].name not in text
    assert all(user.username not in text for user in town.users.values() if user.username != user.name)


def test_what_is_vacant_says_who_stands_in(client: Client) -> None:
    town = make_town()

    text = page(client, town, building=1).get_text()

    assert text.count("空缺，由社区值班岗代管") == 5
    assert "空缺，由街道工作台代管" not in text


def test_without_a_community_desk_the_street_stands_in(client: Client) -> None:
    town = make_town(staffed=False)

    assert "空缺，由社区值班岗代管" not in page(client, town).get_text()


def test_an_absent_holder_gives_way_to_the_substitute(client: Client) -> None:
    town = make_town()
    now = timezone.now()
    Absence.objects.create(
        tenure=town.tenures["leader"],
        substitute=town.users["stranger"],
        begins_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )

    text = page(client, town).get_text()

    assert town.users["stranger"].name in text
    assert town.users["leader"].name not in text


def test_who_stands_in_beside_a_seat_of_their_own_is_named_once(client: Client) -> None:
    town = make_town()
    colleague = staff(make_user("colleague", work_phone="0851-28001111"), "community_desk", town.community, seat=2)
    now = timezone.now()
    Absence.objects.create(
        tenure=town.tenures["community"],
        substitute=colleague.holder,
        begins_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )

    text = page(client, town).get_text()

    assert text.count("0851-28001111") == 1
    assert "代班" not in text


def test_a_building_in_no_grid_has_a_board_too(client: Client) -> None:
    town = make_town()
    GridMembership.objects.all().delete()

    assert "还没有划入网格" in page(client, town).get_text()


def test_an_unknown_code_is_refused_with_what_to_do(client: Client) -> None:
    response = client.get("/b/NOBODY/", headers={"Accept": "application/json"})

    assert response.status_code == 404
    assert response.json()["code"] == "place_unknown"
    assert response.json()["remedy"]


@pytest.mark.parametrize(("buildings", "households"), [(2, 10), (2, 20)])
def test_a_board_costs_four_queries(
    client: Client, buildings: int, households: int, django_assert_num_queries: object
) -> None:
    town = make_town(buildings=buildings, households=households)

    with django_assert_num_queries(4):  # type: ignore[operator]
        page(client, town)


def test_the_sheet_says_the_same_and_fits_one_page(client: Client) -> None:
    town = make_town()

    response = client.get(f"/b/{town.board_code()}/board.pdf")
    (text,) = pdf_text(response.content)

    assert response["Content-Type"] == "application/pdf"
    for role in ("contact", "leader", "grid_worker", "community"):
        assert town.users[role].name in text
    assert "12345" in text
    assert "Scantoseewhoisresponsible" in text


def test_a_community_prints_all_its_boards_and_only_its_own_desk_may(client: Client) -> None:
    town = make_town(buildings=4)
    neighbour = make_town(community_code="520303001002")
    address = f"/boards/{town.community.code}.pdf"

    assert client.get(address).status_code == 403
    for role in ("stranger", "grid_worker"):
        client.force_login(town.users[role])
        assert client.get(address).status_code == 403
    client.force_login(neighbour.users["community"])
    assert client.get(address).status_code == 403
    client.force_login(town.users["community"])
    sheets = pdf_text(client.get(address).content)
    assert ["1栋" in sheets[0], "4栋" in sheets[3], len(sheets)] == [True, True, 4]
