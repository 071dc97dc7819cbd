"""Contact groups: lawful where arithmetic allows it, said plainly where not, what is there stays, all or none."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from mulin.core.geometry import read_shape
from mulin.domains.places.models import GridKind, GroupMembership, Household, Place, PlaceKind
from mulin.domains.places.queries import grid_codes_for, locate_point
from mulin.domains.places.services import DateImpossible
from mulin.domains.planning.queries.groups import GroupGround
from mulin.domains.planning.rules.groups import LEAST, MOST, Door, divide
from mulin.domains.planning.services import groups as services
from mulin.domains.planning.services.micro import draw_micro_grids
from tests.factories import NOW, Town, make_town

TODAY = date(2026, 3, 4)


def town_without_groups(households: int, buildings: int = 1) -> Town:
    town = make_town(buildings=buildings, households=households)
    GroupMembership.objects.all().delete()
    Place.objects.filter(kind=PlaceKind.CONTACT_GROUP).update(ends_on=TODAY)
    return town


def doors(count: int, *, grouped: int = 0) -> list[Door]:
    return [
        Door(
            n,
            1,
            1 + n // 20,
            1 + n % 20 // 4,
            f"{n % 20 // 4 + 1}0{n % 4 + 1}",
            9 if n < grouped else None,
            5,
            106.9,
            27.7,
        )
        for n in range(count)
    ]


def accept(town: Town, mark: str) -> None:
    services.accept_groups(
        actor=None,
        ground=GroupGround(town.community.code, town.buildings[0].pk),
        may_move=False,
        join_within_m=0.0,
        mark=mark,
        now=NOW,
    )


@given(st.integers(1, 80))
def test_every_household_is_in_one_group_and_groups_are_lawful_where_arithmetic_allows(count: int) -> None:
    division = divide(doors(count), may_move=False)
    joined = sorted(pk for one in division.groups for pk in one.joining)
    possible = -(-count // MOST) * LEAST <= count
    assert joined == list(range(count))
    assert all(one.is_lawful for one in division.groups) == possible
    assert bool(division.shortfalls) != possible


@given(st.integers(1, 60), st.integers(0, 15))
def test_nobody_leaves_a_group_unless_it_may_be(count: int, grouped: int) -> None:
    division = divide(doors(count, grouped=min(grouped, count)), may_move=False)
    assert sorted(pk for one in division.groups for pk in one.joining) == list(range(min(grouped, count), count))
    assert division.moved == 0


def test_a_handful_joins_the_group_that_has_room() -> None:
    (joined,) = divide(doors(14, grouped=11), may_move=False).groups
    assert (joined.group, len(joined.joining), joined.size, joined.is_lawful) == (9, 3, 14, True)


def test_the_page_proposes_and_accepting_writes_it(client: Client, db: None) -> None:
    town = town_without_groups(24)
    client.force_login(town.users["community"])
    address = reverse("planning:building-groups", args=[town.buildings[0].pk])
    page = client.get(address)
    mark = page.context["page"].mark

    client.post(address, {"mark": mark})

    sizes = [
        GroupMembership.objects.filter(group=group, ends_on=None).count()
        for group in Place.objects.filter(kind=PlaceKind.CONTACT_GROUP, ends_on=None)
    ]
    assert (sum(sizes), len(sizes)) == (24, 2)
    assert all(LEAST <= size <= MOST for size in sizes)
    assert "每一户都已编入联户组" in client.get(address).content.decode()


def test_an_impossible_number_is_said_and_the_nearest_is_written_when_accepted(client: Client, db: None) -> None:
    town = town_without_groups(17)
    client.force_login(town.users["community"])
    page = client.get(reverse("planning:building-groups", args=[town.buildings[0].pk]))
    assert "17 户分不成" in page.content.decode()

    accept(town, page.context["page"].mark)

    assert GroupMembership.objects.filter(ends_on=None).count() == 17


def test_a_proposal_that_is_no_longer_true_changes_nothing(client: Client, db: None) -> None:
    town = town_without_groups(24)
    client.force_login(town.users["community"])
    mark = client.get(reverse("planning:building-groups", args=[town.buildings[0].pk])).context["page"].mark
    Household.objects.filter(pk=town.households[0].pk).update(moved_out_on=TODAY)

    with pytest.raises(services.GroupsChanged):
        accept(town, mark)

    assert not GroupMembership.objects.exists()


def test_the_desk_of_another_community_and_a_stranger_are_refused(client: Client, db: None) -> None:
    town = town_without_groups(12)
    other = make_town(community_code="520303001002")
    for user, expected in ((other.users["community"], 403), (town.users["stranger"], 403), (town.users["street"], 200)):
        client.force_login(user)
        for address in (
            reverse("planning:building-groups", args=[town.buildings[0].pk]),
            reverse("planning:area-groups", args=[town.community.code]),
        ):
            assert client.get(address).status_code == expected


def test_a_community_costs_as_many_queries_as_a_building(client: Client, db: None) -> None:
    town = town_without_groups(12, buildings=4)
    client.force_login(town.users["community"])
    costs = []
    for address in (
        reverse("planning:building-groups", args=[town.buildings[0].pk]),
        reverse("planning:area-groups", args=[town.community.code]),
    ):
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        costs.append(len(seen))
    assert abs(costs[0] - costs[1]) <= 2
    assert max(costs) <= 20


def test_micro_grids_lie_within_their_grid_and_leave_codes_places_and_coverage_alone(client: Client, db: None) -> None:
    town = make_town(grids=2, buildings=8, households=30)
    point = (town.buildings[0].lon or 0.0, town.buildings[0].lat or 0.0)

    made = draw_micro_grids(actor=None, area_code=town.community.code, now=NOW)

    grounds = {grid.code: read_shape(grid.shape or b"") for grid in town.grids}
    assert len(made) >= 2
    assert all(len(place.code) == 17 for place in made)
    for place in made:
        ground = grounds[place.code[:15]]
        assert read_shape(place.shape or b"").difference(ground).area < ground.area * 1e-6
    assert locate_point(point[0] + 0.0003, point[1] + 0.0005).grid_id == town.grids[0].pk
    assert grid_codes_for({town.community.code: [(0.0, 0.0)]}) == {town.community.code: [f"{town.community.code}003"]}
    client.force_login(town.users["street"])
    assert client.post(reverse("planning:micro-grids", args=[town.community.code])).status_code == 302
    again = Place.objects.filter(grid__grid_kind=GridKind.MICRO, ends_on=None)
    assert not {place.pk for place in made} & {place.pk for place in again}
    with pytest.raises(DateImpossible):
        draw_micro_grids(actor=None, area_code=town.community.code, now=timezone.now())
    client.force_login(town.users["community"])
    assert client.post(reverse("planning:micro-grids", args=[town.community.code])).status_code == 403
