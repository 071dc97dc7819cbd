"""A plan comes into force: on its day, once, with everything open carried over."""

import io
from datetime import timedelta

import pytest
import shapely
from django.utils import timezone
from pypdf import PdfReader

from mulin.core import outbox, versions
from mulin.core.geometry import read_shape
from mulin.domains.duty.models import Tenure, TenureState
from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Ground
from mulin.domains.places import services as places_services
from mulin.domains.places.models import Grid, GridBoundary, GridMembership, Place
from mulin.domains.planning.models import GridChange, Publication, PublicationState
from mulin.domains.planning.notice_pdf import notices_pdf
from mulin.domains.planning.pages.notices import notice_data
from mulin.domains.planning.queries import ground, plans, publications
from mulin.domains.planning.services import editing, publishing
from mulin.domains.planning.services.editing import NEW_GRID
from mulin.domains.planning.states import DraftState
from tests.domains.planning.drafting import again, draft_of, street
from tests.factories import NOW, staff

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate(NOW)


def moved(town, draft, buildings: list[int], to: int):
    """The draft after moving buildings (indices of the town's list) into a grid of it."""
    arrays = plans.ground_of(draft.head.snapshot_id).arrays
    index = {pk: number for number, pk in enumerate(arrays.building_ids.tolist())}
    chosen = [index[town.buildings[number].pk] for number in buildings]
    editing.move_buildings(
        actor=town.users["county"], draft=draft, seen=draft.head_id, buildings=chosen, to=to, now=NOW
    )
    return again(draft)


def label_of(draft, building: Place) -> int:
    arrays = plans.ground_of(draft.head.snapshot_id).arrays
    return int(plans.plan_of(draft.head)[arrays.building_ids.tolist().index(building.pk)])


def scheduled(town, draft, *, on=TODAY, reason="试点") -> Publication:
    return publishing.schedule(
        actor=town.users["county"], draft=draft, seen=draft.head_id, from_date=on, reason=reason, now=NOW
    )


def carry_out(publication, *, now=NOW) -> PublicationState:
    state = publishing.carry_out(actor=None, publication_id=publication.pk, now=now)
    while outbox.deliver_pending(now=now):
        pass
    versions.forget_all()
    return state


def grid_of(building: Place) -> int:
    return GridMembership.objects.get(building=building.pk, ends_on=None).grid_id


def ground_of_grid(grid_id: int) -> bytes:
    return bytes(GridBoundary.objects.get(grid=grid_id, ends_on=None).shape or b"")


@pytest.fixture
def town():
    """Twelve buildings in two grids; the second grid has its worker too."""
    made = street()
    staff(made.users["stranger"], "grid_worker", made.grids[1])
    return made


def test_a_published_plan_draws_grids_moves_buildings_and_lists_posts_to_fill(town):
    draft = draft_of(town)
    draft = moved(town, draft, [0, 2, 4, 6], NEW_GRID)
    publication = scheduled(town, draft)
    assert carry_out(publication) == PublicationState.CARRIED_OUT
    new = Place.objects.get(pk=grid_of(town.buildings[0]))
    assert new.pk not in {grid.pk for grid in town.grids}
    assert new.code == f"{town.community.code}003"
    assert again(draft).state == DraftState.PUBLISHED
    publication.refresh_from_db()
    posts = publications.posts_to_fill(publication, now=NOW)
    gaps = coverage.gaps(coverage.GRIDS, Ground(town.community.code), now=NOW)
    assert [post.id for post in posts] == [gap.id for gap in gaps] == [new.pk]
    tally = publications.tally(publication)
    assert (tally.changed_buildings, tally.changed_households, tally.new_grids) == (4, 40, 1)
    assert (tally.buildings, tally.households) == (12, 120)


def test_the_ground_of_the_grids_covers_the_community_once(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    carry_out(scheduled(town, draft))
    shapes = [
        read_shape(wkb) for wkb in GridBoundary.objects.filter(ends_on=None).values_list("shape", flat=True) if wkb
    ]
    community = read_shape(town.community.shape or b"")
    assert sum(shape.area for shape in shapes) == pytest.approx(community.area)
    assert shapely.union_all(shapes).area == pytest.approx(community.area)
    for building in town.buildings:
        place = Place.objects.get(pk=grid_of(building))
        outline = read_shape(ground_of_grid(place.pk))
        assert outline.covers(shapely.Point(building.lon, building.lat))


def test_a_grid_that_lives_on_keeps_place_code_and_posts_and_one_left_empty_is_closed(town):
    draft = draft_of(town)
    first, second = (label_of(draft, town.buildings[index]) for index in (0, 1))
    tenure = Tenure.objects.get(place=town.grids[1], post_kind__code="grid_worker")
    draft = moved(town, draft, [1, 3, 5, 7, 9, 11], first)
    carry_out(scheduled(town, draft))
    assert first != second
    assert {grid_of(building) for building in town.buildings} == {town.grids[0].pk}
    town.grids[1].refresh_from_db()
    assert town.grids[1].ends_on == TODAY
    tenure.refresh_from_db()
    assert tenure.state == TenureState.ENDED
    assert Tenure.objects.get(pk=town.tenures["grid_leader"].pk).state == TenureState.ACTIVE
    assert publications.posts_to_fill(Publication.objects.get(), now=NOW) == []


def test_codes_of_closed_grids_are_never_given_again(town):
    draft = draft_of(town)
    first = label_of(draft, town.buildings[0])
    carry_out(scheduled(town, moved(town, draft, [1, 3, 5, 7, 9, 11], first)))
    again_tomorrow = draft_of(town, lowest=10, highest=200)
    again_tomorrow = moved(town, again_tomorrow, [1, 3, 5, 7, 9, 11], NEW_GRID)
    publication = publishing.schedule(
        actor=town.users["county"], draft=again_tomorrow, seen=again_tomorrow.head_id,
        from_date=TODAY + timedelta(days=1), reason="试点", now=NOW,
    )  # fmt: skip
    assert carry_out(publication, now=NOW + timedelta(days=1)) == PublicationState.CARRIED_OUT
    codes = list(Grid.objects.order_by("place__code").values_list("place__code", flat=True))
    assert codes == [f"{town.community.code}{number:03}" for number in (1, 2, 3)]


def test_a_plan_for_later_holds_from_its_day_and_only_once(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    day = TODAY + timedelta(days=7)
    publication = scheduled(town, draft, on=day)
    before = list(GridMembership.objects.order_by("pk").values_list("building", "grid", "ends_on"))
    assert carry_out(publication, now=NOW + timedelta(days=6)) == PublicationState.SCHEDULED
    assert list(GridMembership.objects.order_by("pk").values_list("building", "grid", "ends_on")) == before
    on_the_day = NOW + timedelta(days=7)
    assert publishing.carry_out_due(actor=None, now=on_the_day) == [publication.pk]
    after = list(GridMembership.objects.order_by("pk").values_list("building", "grid", "ends_on"))
    assert after != before
    assert publishing.carry_out_due(actor=None, now=on_the_day) == []
    assert carry_out(publication, now=on_the_day) == PublicationState.CARRIED_OUT
    assert list(GridMembership.objects.order_by("pk").values_list("building", "grid", "ends_on")) == after
    assert GridMembership.objects.filter(building=town.buildings[0].pk, starts_on=day, ends_on=None).exists()


def test_a_scheduled_plan_is_recalled_before_its_day(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    publication = scheduled(town, draft, on=TODAY + timedelta(days=7))
    publishing.recall(actor=town.users["county"], draft=draft, now=NOW)
    assert carry_out(publication, now=NOW + timedelta(days=8)) == PublicationState.RECALLED
    assert again(draft).state == DraftState.READY
    assert GridChange.objects.count() == 0


def test_a_building_that_came_since_is_told_and_taken_in_when_the_ground_is_refreshed(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    publication = scheduled(town, draft, on=TODAY + timedelta(days=7))
    box = shapely.box(106.9011, 27.7021, 106.9012, 27.7022)
    new = places_services.create_building(
        actor=None, community=town.community, name="13栋", address="测试路13号", shape=box, now=NOW
    )
    assert carry_out(publication, now=NOW + timedelta(days=7)) == PublicationState.SENT_BACK
    publication.refresh_from_db()
    assert publication.refusal["code"] == "ground_changed"
    assert publication.refusal["facts"]["new"] == [new.pk]
    assert GridChange.objects.count() == 0
    draft = again(draft)
    with pytest.raises(publishing.GroundChanged):
        scheduled(town, draft)
    arrays = ground.problem_of(draft.area_code, on=TODAY)
    editing.refresh_ground(actor=None, draft=draft, arrays=arrays, now=NOW)
    assert carry_out(scheduled(town, again(draft))) == PublicationState.CARRIED_OUT
    assert grid_of(new.place)


def test_what_falls_apart_never_holds_and_bounds_only_for_a_reason(town):
    draft = draft_of(town)
    with pytest.raises(publishing.DateGone):
        scheduled(town, draft, on=TODAY - timedelta(days=1))
    small = moved(town, draft, [0], NEW_GRID)
    with pytest.raises(publishing.ReasonNeeded):
        scheduled(town, small, reason="  ")
    west_and_east = moved(town, small, [0, 11], NEW_GRID)
    with pytest.raises(publishing.PlanBroken):
        scheduled(town, west_and_east)
    assert again(draft).state == DraftState.READY
    assert Publication.objects.count() == 0


def test_every_household_finds_its_grid_before_and_after(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    publication = scheduled(town, draft)
    carry_out(publication)
    publication.refresh_from_db()
    rows = list(publications.household_changes(publication))
    assert len(rows) == len({row.household_id for row in rows}) == 120
    changed = [row for row in rows if row.grids.is_changed]
    assert {(row.grids.from_name, row.grids.to_name) for row in changed} == {("第1网格", "第3网格")}
    assert {row.building for row in changed} == {"1栋", "3栋", "5栋", "7栋"}


def test_a_notice_for_each_door_names_both_grids_and_who_to_call(town):
    draft = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    publication = scheduled(town, draft)
    carry_out(publication)
    publication.refresh_from_db()
    pages = PdfReader(io.BytesIO(notices_pdf(notice_data(publication, after=0, now=NOW)))).pages
    assert len(pages) == 4
    text = pages[0].extract_text()
    for words in ("网格调整告知书", "第1网格", "第3网格", "2026", "测试community", "12345"):
        assert words in text


def test_a_dedicated_grid_keeps_its_buildings_and_its_ground(town):
    Grid.objects.filter(pk=town.grids[1].pk).update(grid_kind="DEDICATED")
    before = ground_of_grid(town.grids[1].pk)
    draft = draft_of(town)
    draft = moved(town, draft, [0, 2], NEW_GRID)
    carry_out(scheduled(town, draft))
    assert ground_of_grid(town.grids[1].pk) == before
    assert {grid_of(town.buildings[index]) for index in range(1, 12, 2)} == {town.grids[1].pk}


def test_publishing_asks_as_often_for_many_buildings_as_for_few(django_assert_max_num_queries):
    counts = []
    for number, buildings in enumerate((8, 8, 12), 1):
        town = street(community_code=f"52030300100{number}", buildings=buildings, grids=2)
        publication = scheduled(town, moved(town, draft_of(town, lowest=10, highest=400), [0], NEW_GRID))
        with django_assert_max_num_queries(60) as queries:
            publishing.carry_out(actor=None, publication_id=publication.pk, now=NOW)
        counts.append(len(queries))
    assert counts[1] == counts[2], "the first one of a process remembers areas"
