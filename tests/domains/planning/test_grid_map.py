"""The grid map on paper: who may take it, what stands on it, on which day, what it costs."""

import xml.etree.ElementTree as ET
from datetime import date, timedelta
from io import BytesIO

import pytest
import shapely
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from mulin.domains.duty.services import end_tenure
from mulin.domains.places.models import GridBoundary
from mulin.domains.places.queries import area_by_code
from mulin.domains.planning.queries.sheets import sheet_facts
from mulin.domains.planning.sheet import colours
from mulin.domains.planning.sheet.labels import Line, place_labels
from tests.factories import COMMUNITY_CODE, NOW, SINCE, Town, make_town, make_user

DAY = date(2026, 3, 4)
STREET_CODE = "520303001000"


@pytest.fixture
def town(db: None) -> Town:
    return make_town(grids=3, buildings=4)


def svg_of(client: Client, code: str = COMMUNITY_CODE, **query: str) -> str:
    answer = client.get(reverse("planning:grid-map-svg", args=[code]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def texts(svg: str) -> list[str]:
    return [mark.text or "" for mark in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_desk_of_the_community_takes_its_map_a_stranger_and_a_neighbour_do_not(client: Client, town: Town) -> None:
    neighbour = make_town(community_code="520303001002")
    address = reverse("planning:grid-map-svg", args=[town.community.code])
    assert client.get(address).status_code in (302, 403)

    client.force_login(town.users["community"])
    assert client.get(address).status_code == 200
    client.force_login(neighbour.users["community"])
    refused = client.get(address)
    assert refused.status_code == 403
    assert town.users["grid_leader"].work_phone not in refused.content.decode()
    client.force_login(make_user("nobody"))
    assert client.get(address).status_code == 403


def test_grids_codes_and_coordinators_stand_on_the_map(client: Client, town: Town) -> None:
    client.force_login(town.users["community"])
    written = texts(svg_of(client))
    for grid in town.grids:
        assert grid.code in written
    assert town.users["grid_leader"].name in written
    assert "待任命" in written
    assert f"{town.community.name}网格分布图" in written


def test_a_day_before_a_redraw_shows_the_old_border(client: Client, town: Town) -> None:
    old = GridBoundary.objects.get(grid=town.grids[0].pk)
    moved = DAY - timedelta(days=30)
    GridBoundary.objects.filter(pk=old.pk).update(ends_on=moved)
    drawn = shapely.to_wkb(shapely.box(106.9, 27.7, 106.901, 27.701))
    later = GridBoundary.objects.create(grid_id=town.grids[0].pk, starts_on=moved, shape=drawn)
    area = area_by_code(COMMUNITY_CODE)

    before = sheet_facts(area, on=moved - timedelta(days=1)).grids[0].shape
    after = sheet_facts(area, on=moved).grids[0].shape

    assert shapely.to_wkb(before) == bytes(old.shape or b"")
    assert shapely.to_wkb(after) == bytes(later.shape or b"")


def test_who_held_the_post_on_the_day_is_named(town: Town) -> None:
    end_tenure(actor=None, tenure=town.tenures["grid_leader"], now=NOW)
    area = area_by_code(COMMUNITY_CODE)

    yesterday = sheet_facts(area, on=DAY - timedelta(days=1)).grids[0].coordinator
    today = sheet_facts(area, on=DAY).grids[0].coordinator

    assert [one.name for one in (yesterday, today) if one] == [
        town.users["grid_leader"].name,
        town.users["grid_worker"].name,
    ]


def test_the_pdf_is_one_page_of_a3_whose_text_can_be_read(client: Client, town: Town) -> None:
    client.force_login(town.users["street"])
    answer = client.get(reverse("planning:grid-map-pdf", args=[STREET_CODE]), {"save": "1"})
    pages = PdfReader(BytesIO(answer.content)).pages
    sides = sorted(float(side) * 25.4 / 72 for side in (pages[0].mediabox.width, pages[0].mediabox.height))
    assert len(pages) == 1
    assert sides == pytest.approx([297, 420], abs=0.5)
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_name_with_marks_of_xml_does_not_break_the_drawing(client: Client, town: Town) -> None:
    town.grids[0].name = '<甲>&"乙"'
    town.grids[0].save()
    client.force_login(town.users["community"])
    assert '<甲>&"乙"' in texts(svg_of(client))


def test_a_day_without_grids_says_so_and_a_wrong_day_is_refused(client: Client, town: Town) -> None:
    client.force_login(town.users["community"])
    early = (SINCE - timedelta(days=1)).isoformat()
    page = client.get(reverse("planning:grid-map"), {"on": early})
    assert page.status_code == 200
    assert "还没有画好的网格" in page.content.decode()
    assert client.get(reverse("planning:grid-map-svg", args=[COMMUNITY_CODE]), {"on": early}).status_code == 400
    assert client.get(reverse("planning:grid-map"), {"on": "morgen"}).status_code == 400


def test_ten_grids_and_twenty_cost_the_same_queries(town: Town) -> None:
    few = _cost(COMMUNITY_CODE)
    make_town(community_code="520303001002", grids=20, buildings=20)
    assert _cost("520303001002") == few <= 9


def _cost(code: str) -> int:
    area = area_by_code(code)
    with CaptureQueriesContext(connection) as seen:
        sheet_facts(area, on=DAY)
    return len(seen)


cells = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=40)


@given(cells)
def test_neighbours_never_share_a_colour(taken: set[tuple[int, int]]) -> None:
    shapes = [shapely.box(x, y, x + 1, y + 1) for x, y in sorted(taken)]
    fills = colours.fills(shapes, within=0.01)
    for one, others in enumerate(colours.neighbours(shapes, within=0.01)):
        assert all(fills[one] != fills[other] for other in others)


@given(cells)
def test_labels_lie_on_the_sheet_and_not_on_each_other(taken: set[tuple[int, int]]) -> None:
    shapes = [shapely.box(x * 12, y * 9, x * 12 + 12, y * 9 + 9) for x, y in sorted(taken)]
    wording = [[Line("第1网格", 3.0), Line("13800000000", 2.6)], [Line("第1网格", 3.0)]]
    frame = shapely.box(-40, -40, 140, 120)
    placed = place_labels(shapes, [wording] * len(shapes), frame=frame)
    boxes = [label.box for label in placed]
    assert len(boxes) == len(shapes)
    assert all(frame.contains(box) for box in boxes)
    assert not any(one.intersects(other) for n, one in enumerate(boxes) for other in boxes[:n])
