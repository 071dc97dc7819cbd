from datetime import timedelta

import pytest
import shapely
from django.utils import timezone

from mulin.core import versions
from mulin.core.errors import Invalid
from mulin.core.geometry import PointInvalid, read_shape
from mulin.domains.places import queries, services
from mulin.domains.places.models import GridBoundary, GridKind, GridMembership, GroupMembership, Place, PlaceKind
from mulin.domains.places.rules import GridCodeInvalid, GroupSize, GroupSizeInvalid
from tests.factories import GRID_DEGREES, NOW, SINCE, SOUTH, WEST, make_town

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
MONTH_AGO = TODAY - timedelta(days=30)
TOMORROW = TODAY + timedelta(days=1)
HUICHUAN = "520303000000"
EAST_OF_GRIDS = shapely.box(WEST + 0.05, SOUTH, WEST + 0.054, SOUTH + GRID_DEGREES)


@pytest.fixture
def town():
    return make_town(staffed=False)


def places_version() -> int:
    return versions.current(queries.PLACES_VERSION)


def test_areas_of_a_county_come_with_everything_above_them():
    made = services.seed_areas(actor=None, counties=[HUICHUAN], now=NOW)
    assert made == Place.objects.count()
    assert Place.objects.filter(kind=PlaceKind.COMMUNITY).count() == 139
    names = [area.name for area in queries.area_path("520303001001")]
    assert (names[-2:], len(names)) == (["遵义市", "贵州省"], 5)
    assert all(area.parent_id for area in queries.areas.get().values() if area.kind != PlaceKind.PROVINCE)


def test_seeding_again_adds_nothing_and_a_second_county_only_its_own():
    services.seed_areas(actor=None, counties=[HUICHUAN], now=NOW)
    assert services.seed_areas(actor=None, counties=[HUICHUAN], now=NOW) == 0
    more = services.seed_areas(actor=None, counties=["520302000000"], now=NOW)
    assert more == Place.objects.filter(code__startswith="520302").count() > 0


def test_an_unknown_county_is_refused_and_nothing_is_made():
    with pytest.raises(services.UnknownCounty):
        services.seed_areas(actor=None, counties=[HUICHUAN, "110101000000"], now=NOW)
    assert not Place.objects.exists()


def test_a_new_building_is_found_by_its_code_its_point_and_its_address(town):
    grid = town.grids[1].grid
    shape = shapely.box(WEST + 0.006, SOUTH + 0.002, WEST + 0.0063, SOUTH + 0.0022)
    building = services.create_building(
        actor=None, community=town.community, name="锦绣华庭1栋", address="上海路12号", shape=shape, grid=grid, now=NOW
    )
    versions.forget_all()
    assert queries.locate_board(building.board_code).grid_id == grid.pk
    assert queries.locate_point(WEST + 0.0061, SOUTH + 0.0021).building_id == building.pk
    assert queries.find_buildings("锦绣华庭一号楼")[0].place_id == building.pk
    assert building.place.code == f"{town.community.code}B0004"


def test_a_building_outside_every_grid_is_still_found(town):
    building = services.create_building(
        actor=None, community=town.community, name="9栋", address="路9号", shape=shapely.Point(WEST, SOUTH), now=NOW
    )
    location = queries.locate_board(building.board_code)
    assert (location.grid_id, location.outside_grids, location.building_id) == (None, True, building.pk)


def test_a_building_whose_grid_membership_has_ended_is_still_found(town):
    GridMembership.objects.filter(building=town.buildings[0].pk).update(ends_on=TODAY)
    location = queries.locate_board(town.board_code())
    assert (location.building_id, location.grid_id) == (town.buildings[0].pk, None)


def test_codes_of_new_places_count_on(town):
    made = [
        services.create_place(actor=None, kind=PlaceKind.ESTATE, name=name, parent=town.community, now=NOW)
        for name in ("锦绣华庭", "御景名城")
    ]
    assert [place.code for place in made] == [f"{town.community.code}X0001", f"{town.community.code}X0002"]


@pytest.mark.parametrize(
    ("kind", "parent"),
    [(PlaceKind.ENTRANCE, "community"), (PlaceKind.ESTATE, "street"), (PlaceKind.COMMUNITY, "street")],
)
def test_a_place_goes_where_its_kind_belongs(town, kind, parent):
    before = Place.objects.count()
    with pytest.raises(services.ParentMismatch):
        services.create_place(actor=None, kind=kind, name="误", parent=getattr(town, parent), now=NOW)
    assert Place.objects.count() == before


def test_a_new_grid_gets_the_next_code_and_leads_its_points_home(town):
    grid = services.create_grid(
        actor=None, community=town.community, name="第3网格", shape=EAST_OF_GRIDS, starts_on=MONTH_AGO, now=NOW
    )
    versions.forget_all()
    assert grid.place.code == f"{town.community.code}003"
    assert queries.locate_point(WEST + 0.052, SOUTH + 0.001).grid_id == grid.pk


def test_grids_do_not_overlap_but_micro_grids_lie_within(town):
    within = shapely.box(WEST, SOUTH, WEST + GRID_DEGREES / 2, SOUTH + GRID_DEGREES)
    with pytest.raises(services.GridsOverlap) as refusal:
        services.create_grid(actor=None, community=town.community, name="叠", shape=within, now=NOW)
    assert refusal.value.details["grid"] == "第1网格"
    services.create_grid(
        actor=None, community=town.community, name="微1", shape=within, grid_kind=GridKind.MICRO, now=NOW
    )


@pytest.mark.parametrize(
    ("shape", "refusal"),
    [
        (shapely.Polygon(), services.ShapeInvalid),
        (shapely.Point(WEST, SOUTH), services.ShapeInvalid),
        (shapely.Polygon([(106, 27), (107, 28), (107, 27), (106, 28)]), services.ShapeInvalid),
        (shapely.box(27.7, 106.9, 27.71, 106.91), PointInvalid),
    ],
    ids=["empty", "a point", "bow tie", "axes swapped"],
)
def test_bad_ground_is_refused(town, shape, refusal):
    before = (GridBoundary.objects.count(), places_version())
    with pytest.raises(refusal):
        services.create_grid(actor=None, community=town.community, name="坏", shape=shape, now=NOW)
    with pytest.raises(refusal):
        services.redraw_grid(actor=None, grid=town.grids[0].grid, shape=shape, from_date=TODAY, now=NOW)
    assert (GridBoundary.objects.count(), places_version()) == before


def test_a_wrong_grid_code_is_refused(town):
    with pytest.raises(GridCodeInvalid):
        services.create_grid(
            actor=None, community=town.community, name="错", shape=EAST_OF_GRIDS, code="520303001002009", now=NOW
        )


def test_redrawing_keeps_the_old_boundary_and_moves_points_at_once(town):
    grid, point = town.grids[0].grid, (WEST + 0.052, SOUTH + 0.001)
    before = places_version()
    services.redraw_grid(actor=None, grid=grid, shape=EAST_OF_GRIDS, from_date=MONTH_AGO, now=NOW)
    versions.forget_all()
    old, new = GridBoundary.objects.filter(grid=grid).order_by("starts_on")
    assert (old.starts_on, old.ends_on, new.starts_on, new.ends_on) == (SINCE, MONTH_AGO, MONTH_AGO, None)
    assert read_shape(new.shape or b"").equals(EAST_OF_GRIDS)
    assert queries.locate_point(*point).grid_id == grid.pk
    assert queries.locate_point(WEST + 0.001, SOUTH + 0.0035).grid_id is None
    assert places_version() != before


def test_redrawing_twice_on_one_day_leaves_one_row_for_it(town):
    grid = town.grids[0].grid
    for east in (0.054, 0.053):
        shape = shapely.box(WEST + 0.05, SOUTH, WEST + east, SOUTH + GRID_DEGREES)
        services.redraw_grid(actor=None, grid=grid, shape=shape, from_date=TODAY, now=NOW)
    days = GridBoundary.objects.filter(grid=grid).order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(days) == [(SINCE, TODAY), (TODAY, None)]


@pytest.mark.parametrize("day", [TOMORROW, SINCE - timedelta(days=1)])
def test_no_change_lies_in_the_future_or_before_the_beginning(town, day):
    building, grid = town.buildings[0].building, town.grids[1].grid
    before = list(GridMembership.objects.order_by("pk").values_list("pk", "ends_on"))
    with pytest.raises(services.DateImpossible):
        services.move_building_to_grid(actor=None, building=building, grid=grid, from_date=day, now=NOW)
    with pytest.raises(services.DateImpossible):
        services.redraw_grid(actor=None, grid=grid, shape=EAST_OF_GRIDS, from_date=day, now=NOW)
    assert list(GridMembership.objects.order_by("pk").values_list("pk", "ends_on")) == before


def test_a_building_moves_and_what_was_stays_on_record(town):
    building, there = town.buildings[0].building, town.grids[1].grid
    services.move_building_to_grid(actor=None, building=building, grid=there, from_date=MONTH_AGO, now=NOW)
    rows = GridMembership.objects.filter(building=building).order_by("starts_on")
    assert [(r.grid_id, r.starts_on, r.ends_on) for r in rows] == [
        (town.grids[0].pk, SINCE, MONTH_AGO),
        (there.pk, MONTH_AGO, None),
    ]
    assert queries.locate_board(town.board_code()).grid_id == there.pk


def test_moving_to_where_it_is_changes_nothing(town):
    before = places_version()
    services.move_building_to_grid(
        actor=None, building=town.buildings[0].building, grid=town.grids[0].grid, from_date=TODAY, now=NOW
    )
    assert (GridMembership.objects.filter(building=town.buildings[0].pk).count(), places_version()) == (1, before)


def test_a_building_stays_in_its_community(town):
    other = make_town(community_code="520303001002", staffed=False)
    with pytest.raises(services.ParentMismatch):
        services.move_building_to_grid(
            actor=None, building=town.buildings[0].building, grid=other.grids[0].grid, from_date=TODAY, now=NOW
        )


def test_contact_groups_have_ten_to_fifteen_households():
    town = make_town(households=12, staffed=False)
    first, second = town.groups[:2]
    new = services.create_place(
        actor=None, kind=PlaceKind.CONTACT_GROUP, name="第2联户组", parent=town.buildings[0], now=NOW
    )
    mine = [h for h in town.households if h.dwelling.building_id == town.buildings[0].pk]
    with pytest.raises(GroupSizeInvalid):
        services.form_contact_group(actor=None, group=new, households=mine[:4], from_date=TODAY, now=NOW)
    assert GroupMembership.objects.filter(group=first, ends_on=None).count() == 12
    moved = services.form_contact_group(
        actor=None, group=new, households=mine[:4], from_date=TODAY, now=NOW, size=GroupSize(4, 8)
    )
    assert moved == 4
    assert GroupMembership.objects.filter(group=first, ends_on=None).count() == 8
    assert GroupMembership.objects.filter(group=first, ends_on=TODAY).count() == 4
    assert GroupMembership.objects.filter(group=second, ends_on=None).count() == 12


def test_only_what_is_empty_can_be_closed(town):
    for place in (town.community, town.buildings[0], town.grids[0], town.groups[0]):
        with pytest.raises(services.PlaceInUse):
            services.close_place(actor=None, place=place, on=TODAY, now=NOW)
    assert not Place.objects.exclude(ends_on=None).exists()


def test_a_closed_grid_is_off_the_map_and_takes_nothing_more(town):
    grid = town.grids[0].grid
    for place in town.buildings:
        services.move_building_to_grid(
            actor=None, building=place.building, grid=town.grids[1].grid, from_date=TODAY, now=NOW
        )
    services.close_place(actor=None, place=town.grids[0], on=TODAY, now=NOW)
    versions.forget_all()
    assert queries.locate_point(WEST + 0.001, SOUTH + 0.0035).grid_id is None
    with pytest.raises(services.PlaceClosedAlready):
        services.move_building_to_grid(
            actor=None, building=town.buildings[0].building, grid=grid, from_date=TODAY, now=NOW
        )
    with pytest.raises(services.PlaceClosedAlready):
        services.close_place(actor=None, place=town.grids[0], on=TODAY, now=NOW)


def test_dwellings_are_added_once(town):
    rooms = [(1, "101"), (7, "701"), (7, "702")]
    assert services.add_dwellings(actor=None, entrance=town.entrances[0], rooms=rooms, now=NOW) == 2
    assert services.add_dwellings(actor=None, entrance=town.entrances[0], rooms=rooms, now=NOW) == 0
    with pytest.raises(Invalid):
        services.add_dwellings(actor=None, entrance=town.buildings[0], rooms=rooms, now=NOW)


def test_every_change_moves_the_version(town):
    seen = [places_version()]
    services.create_place(actor=None, kind=PlaceKind.ESTATE, name="新", parent=town.community, now=NOW)
    seen.append(places_version())
    services.redraw_grid(actor=None, grid=town.grids[0].grid, shape=EAST_OF_GRIDS, from_date=MONTH_AGO, now=NOW)
    seen.append(places_version())
    assert sorted(set(seen)) == seen
