"""起草 → 移动 → 锁定 → 继续优化 → 生效: what is open keeps a holder, and the figures of yesterday stay as they were."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.core import outbox, versions
from mulin.domains.cases import services as cases
from mulin.domains.cases.models import Case
from mulin.domains.cases.states import OPEN
from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Ground
from mulin.domains.places import queries as places
from mulin.domains.places.models import GridMembership, Place
from mulin.domains.planning import computing
from mulin.domains.planning.queries import plans, publications
from mulin.domains.planning.services import drafting, editing, publishing
from mulin.domains.planning.services.editing import NEW_GRID
from mulin.domains.planning.states import DraftState
from tests.domains.planning.drafting import again, claimed, draft_of, head_of, street
from tests.factories import NOW, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    seed_reference(now=NOW)
    town = street()
    staff(town.users["stranger"], "grid_worker", town.grids[1])
    return town


def report(town, building: int, *, at) -> Case:
    location = places.locate_board(town.board_code(building))
    told = cases.Report("楼道堆放杂物，消防通道不畅", "0601", location, contact=cases.Contact("王", "139"))
    return cases.report_case(actor=None, report=told, now=at)


def report_at_spot(town, lon: float, lat: float, *, at) -> Case:
    told = cases.Report("路边垃圾没有清运", "0301", places.locate_point(lon, lat), contact=cases.Contact("王", "139"))
    return cases.report_case(actor=None, report=told, now=at)


def settle(case: Case, *, at) -> None:
    holder = case.holder_tenure.holder
    cases.accept(actor=holder, case=case, now=at)
    cases.resolve(actor=holder, case=case, result="已清理", now=at)
    cases.rate(actor=None, case=case, solved="YES", satisfied="YES", now=at)


def rates_page(town) -> str:
    client = Client()
    client.force_login(town.users["county"])
    period = "first=2026-02-01&last=2026-02-28"
    page = client.get(f"/rates/?area={town.street.code}&{period}").content.decode()
    return page[page.index("<main") : page.index("</main>")]


def deliver(*, now) -> None:
    while outbox.deliver_pending(now=now):
        pass
    versions.forget_all()


def test_a_plan_is_made_moved_locked_improved_and_put_in_force(town):
    draft = draft_of(town)
    arrays = plans.ground_of(head_of(draft).snapshot_id).arrays
    index = {pk: number for number, pk in enumerate(arrays.building_ids.tolist())}
    west = [index[town.buildings[number].pk] for number in (0, 2, 4, 6)]
    moved = editing.move_buildings(
        actor=town.users["county"], draft=draft, seen=head_of(draft).pk, buildings=west, to=NEW_GRID, now=NOW
    )
    new = int(plans.plan_of(moved)[west[0]])
    editing.lock_grid(actor=town.users["county"], draft=draft, seen=moved.pk, label=new, is_locked=True, now=NOW)
    drafting.improve(actor=town.users["county"], draft=draft, time_limit_s=1, now=NOW)
    computing.compute(*claimed())
    draft = again(draft)
    assert sorted(
        index for index, label in enumerate(plans.plan_of(head_of(draft)).tolist()) if label == new
    ) == sorted(west)

    settled = report(town, 0, at=NOW - timedelta(days=2))
    settle(settled, at=NOW - timedelta(days=1))
    settled_in = settled.grid_id
    open_case = report(town, 0, at=NOW)
    at_spot = report_at_spot(town, town.buildings[0].lon, (town.community.min_lat or 0) + 0.0035, at=NOW)
    assert at_spot.building_id is None
    publication = publishing.schedule(
        actor=town.users["county"], draft=draft, seen=head_of(draft).pk, from_date=timezone.localdate(NOW),
        reason="按居民意见", now=NOW,
    )  # fmt: skip
    publishing.carry_out(actor=None, publication_id=publication.pk, now=NOW)
    deliver(now=NOW + timedelta(minutes=1))

    drawn = GridMembership.objects.get(building=town.buildings[0].pk, ends_on=None).grid_id
    for case in (open_case, at_spot):
        case.refresh_from_db()
        assert case.status in OPEN
        assert case.holder_tenure_id is not None or case.holder_organisation_id is not None
        assert case.grid_id == drawn
    settled.refresh_from_db()
    assert settled.grid_id == settled_in != drawn
    assert again(draft).state == DraftState.PUBLISHED
    publication.refresh_from_db()
    rows = [row for row in publications.household_changes(publication) if row.grids.is_changed]
    assert Place.objects.get(pk=drawn).code in {row.grids.to_code for row in rows}
    gaps = coverage.gaps(coverage.GRIDS, Ground(town.community.code), now=NOW)
    assert [gap.id for gap in gaps] == [post.id for post in publications.posts_to_fill(publication, now=NOW)]
    assert drawn in {gap.id for gap in gaps}


def test_the_rates_of_a_past_period_are_what_they_were(town):
    settle(report(town, 0, at=NOW - timedelta(days=20)), at=NOW - timedelta(days=19))
    deliver(now=NOW)
    before = rates_page(town)
    assert "1/1" in before
    draft = draft_of(town)
    first = plans.plan_of(head_of(draft))[0]
    everything = list(range(12))
    editing.move_buildings(
        actor=None, draft=draft, seen=head_of(draft).pk, buildings=everything, to=int(first), now=NOW
    )
    draft = again(draft)
    publication = publishing.schedule(
        actor=town.users["county"], draft=draft, seen=head_of(draft).pk, from_date=timezone.localdate(NOW),
        reason="合并试点", now=NOW,
    )  # fmt: skip
    publishing.carry_out(actor=None, publication_id=publication.pk, now=NOW)
    deliver(now=NOW + timedelta(minutes=1))
    assert rates_page(town) == before
