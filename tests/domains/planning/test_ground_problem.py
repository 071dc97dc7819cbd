"""The ground of an area out of the database, for the partition."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mulin.core.geometry import shape_fields
from mulin.domains.places.models import BaseFeature, BaseKind, Household, Place
from mulin.domains.places.services import move_building_to_grid
from mulin.domains.planning.models import HouseholdCount, NeighbourLink
from mulin.domains.planning.queries import ground
from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, SAME_BLOCK
from tests.factories import COMMUNITY_CODE, COUNTY_CODE, NOW, SINCE, make_town

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
QUERIES = 7


def test_buildings_grids_and_households_as_they_are() -> None:
    town = make_town(grids=2, buildings=6, households=4)
    found = ground.problem_of(COMMUNITY_CODE, on=TODAY)
    assert found.building_ids.tolist() == [building.pk for building in town.buildings]
    assert found.households.tolist() == [4] * 6
    assert found.grid_ids[found.present].tolist() == [town.grids[index % 2].pk for index in range(6)]
    assert found.community_codes.tolist() == [COMMUNITY_CODE]
    assert not found.dedicated.any()
    assert set(found.barriers.tolist()) == {SAME_BLOCK}


def test_a_county_has_neighbours_within_its_communities_only() -> None:
    make_town(community_code="520303001001")
    make_town(community_code="520303001002")
    found = ground.problem_of(COUNTY_CODE, on=TODAY)
    assert found.community_codes.tolist() == ["520303001001", "520303001002"]
    assert len(found.edges) > 0
    assert (found.community[found.edges[:, 0]] == found.community[found.edges[:, 1]]).all()


def test_the_day_asked_for_is_what_counts() -> None:
    town = make_town(buildings=3)
    Household.objects.filter(pk=town.households[0].pk).update(moved_out_on=TODAY)
    Place.objects.filter(pk=town.buildings[2].pk).update(starts_on=TODAY)
    building = town.buildings[0].building
    move_building_to_grid(actor=None, building=building, grid=town.grids[1].grid, from_date=TODAY, now=NOW)
    before = ground.problem_of(COMMUNITY_CODE, on=TODAY - timedelta(days=1))
    today = ground.problem_of(COMMUNITY_CODE, on=TODAY)
    assert (len(before), len(today)) == (2, 3)
    assert (before.households[0], today.households[0]) == (4, 3)
    assert (before.grid_ids[before.present[0]], today.grid_ids[today.present[0]]) == (
        town.grids[0].pk, town.grids[1].pk,
    )  # fmt: skip


def test_a_count_fills_in_where_nobody_is_registered() -> None:
    town = make_town(buildings=2)
    Household.objects.filter(dwelling__building=town.buildings[1].pk).update(moved_out_on=SINCE + timedelta(days=1))
    for building in town.buildings:
        HouseholdCount.objects.create(building_id=building.pk, households=70, is_estimate=True, starts_on=SINCE)
    assert ground.problem_of(COMMUNITY_CODE, on=TODAY).households.tolist() == [4, 70]


def base(kind: BaseKind, shape: shapely.Geometry, rank: int = 1) -> None:
    BaseFeature.objects.create(kind=kind, rank=rank, **shape_fields(shape))


def across_the_middle(town) -> shapely.LineString:
    """A line between the buildings of the first and of the second grid."""
    west, east = town.buildings[0], town.buildings[1]
    middle = ((west.max_lon or 0) + (east.min_lon or 0)) / 2
    return shapely.LineString([(middle, (west.min_lat or 0) - 0.01), (middle, (west.max_lat or 0) + 0.01)])


@pytest.mark.parametrize(
    ("kind", "barrier"), [(BaseKind.ROAD, MAIN_ROAD), (BaseKind.RAILWAY, IMPASSABLE), (BaseKind.WATER, IMPASSABLE)]
)
def test_roads_rails_and_water_of_the_map_lie_between(kind: BaseKind, barrier: int) -> None:
    town = make_town(buildings=2)
    base(kind, across_the_middle(town))
    found = ground.problem_of(COMMUNITY_CODE, on=TODAY, reach=ground.Reach(near_m=1_000))
    assert found.barriers.tolist() == [barrier]


def test_a_link_by_hand_joins_and_parts() -> None:
    town = make_town(buildings=2)
    base(BaseKind.WATER, across_the_middle(town))
    first, second = (building.building for building in town.buildings)
    assert ground.problem_of(COMMUNITY_CODE, on=TODAY).edges.tolist() == []
    link = NeighbourLink.objects.create(first=first, second=second, barrier=MAIN_ROAD, reason="渡船", starts_on=SINCE)
    joined = ground.problem_of(COMMUNITY_CODE, on=TODAY)
    assert (joined.edges.tolist(), joined.barriers.tolist()) == ([[0, 1]], [MAIN_ROAD])
    link.barrier = IMPASSABLE
    link.save()
    assert ground.problem_of(COMMUNITY_CODE, on=TODAY).barriers.tolist() == [IMPASSABLE]


def test_a_building_nobody_can_place_is_named() -> None:
    town = make_town(buildings=2)
    Place.objects.filter(pk=town.buildings[0].pk).update(lon=None)
    assert ground.problem_of(COMMUNITY_CODE, on=TODAY).building_ids.tolist() == [town.buildings[1].pk]
    assert [place.pk for place in ground.without_position(COMMUNITY_CODE, on=TODAY)] == [town.buildings[0].pk]


def test_a_building_known_as_a_point_has_neighbours() -> None:
    town = make_town(buildings=3)
    Place.objects.filter(pk=town.buildings[0].pk).update(shape=None)
    found = ground.problem_of(COMMUNITY_CODE, on=TODAY)
    assert 0 in found.edges


def test_an_area_without_buildings_is_an_empty_ground() -> None:
    town = make_town(buildings=2)
    Place.objects.filter(pk__in=[building.pk for building in town.buildings]).update(ends_on=TODAY)
    found = ground.problem_of(COMMUNITY_CODE, on=TODAY)
    assert (len(found), found.edges.shape) == (0, (0, 2))


@pytest.mark.parametrize("buildings", [10, 20])
def test_the_ground_costs_the_same_number_of_questions_whatever_its_size(buildings: int) -> None:
    make_town(buildings=buildings, households=2)
    with CaptureQueriesContext(connection) as asked:
        ground.problem_of(COMMUNITY_CODE, on=date(2026, 3, 4))
    assert len(asked) == QUERIES
    assert np.isfinite(ground.problem_of(COMMUNITY_CODE, on=TODAY).xy).all()
