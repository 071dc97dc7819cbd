"""Drafts: computed under a lease, edited by hand, undone, locked, improved."""

from datetime import timedelta

import numpy as np
import pytest

from mulin.core.lifecycle import IllegalMove
from mulin.domains.places.models import Place, PlaceKind
from mulin.domains.planning import computing
from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.queries import plans
from mulin.domains.planning.services import drafting, editing
from mulin.domains.planning.services.drafting import LEASE, WishInvalid
from mulin.domains.planning.services.editing import NEW_GRID
from mulin.domains.planning.states import DRAFT_LIFECYCLE, DraftState
from mulin.kernels.partition.measuring import ABOVE, BELOW, BROKEN
from tests.domains.planning.drafting import again, claimed, draft_of, head_of, later, street
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def plan(draft: Draft) -> list[int]:
    return plans.plan_of(head_of(again(draft))).tolist()


def test_every_state_of_a_draft_can_be_reached():
    assert DRAFT_LIFECYCLE.reachable() == set(DraftState.values)
    assert [m.name for m in DRAFT_LIFECYCLE.moves if not m.permission or not str(m.label)] == []


def test_a_draft_of_a_community_puts_each_building_in_one_grid_within_bounds():
    draft = draft_of(street())
    assert draft.state == DraftState.READY
    assert plans.bends_of(draft, head_of(draft)) == []
    assert head_of(draft).figures["outside"] == 0
    assert len(plan(draft)) == 12


def test_a_plan_that_keeps_to_the_present_changes_nothing_where_nothing_is_bent():
    town = street()
    draft = draft_of(town, weights={"change": 1.0})
    assert head_of(draft).figures["changed"] == 0
    arrays = plans.ground_of(head_of(draft).snapshot_id).arrays
    assert plan(draft) == arrays.present.tolist()


def test_a_wish_that_contradicts_itself_is_refused_and_nothing_is_kept():
    town = street()
    with pytest.raises(WishInvalid):
        draft_of(town, lowest=90)
    assert Draft.objects.count() == 0


def test_an_area_without_buildings_says_what_to_do():
    town = street()
    Place.objects.filter(kind=PlaceKind.BUILDING).update(lon=None, lat=None)
    draft = draft_of(town)
    assert draft.state == DraftState.FAILED
    assert draft.refusal["code"] == "no_buildings"


def test_drafts_of_an_unchanged_ground_share_it():
    town = street()
    assert draft_of(town).snapshot_id == draft_of(town, name="另一份").snapshot_id


def test_a_building_moves_and_the_bent_rule_is_told_and_undone():
    draft = draft_of(street())
    before = plan(draft)
    target = before[-1]
    ends = [i for i, label in enumerate(before) if label != target][:3]
    version = editing.move_buildings(
        actor=None, draft=draft, seen=head_of(draft).pk, buildings=ends, to=target, now=NOW
    )
    rules = {bend.rule for bend in plans.bends_of(draft, version)}
    assert {ABOVE, BELOW} <= rules
    assert editing.undo(actor=None, draft=draft, seen=version.pk, now=NOW).pk == draft.head_id
    assert plan(draft) == before
    assert editing.redo(actor=None, draft=draft, seen=head_of(draft).pk, now=NOW).pk == version.pk
    with pytest.raises(editing.NothingToRedo):
        editing.redo(actor=None, draft=draft, seen=version.pk, now=NOW)


def test_a_grid_that_falls_apart_is_told():
    draft = draft_of(street())
    labels = np.array(plan(draft))
    arrays = plans.ground_of(head_of(draft).snapshot_id).arrays
    west, east = int(arrays.xy[:, 0].argmin()), int(arrays.xy[:, 0].argmax())
    version = editing.move_buildings(
        actor=None, draft=draft, seen=head_of(draft).pk, buildings=[west, east], to=NEW_GRID, now=NOW
    )
    assert BROKEN in {bend.rule for bend in plans.bends_of(draft, version)}
    assert set(plans.plan_of(version).tolist()) - set(labels.tolist())


def test_two_who_edit_at_once_meet_and_nothing_is_lost():
    draft = draft_of(street())
    seen, target = head_of(draft).pk, plan(draft)[-1]
    editing.move_buildings(actor=None, draft=draft, seen=seen, buildings=[0], to=target, now=NOW)
    now_there = plan(draft)
    with pytest.raises(editing.PlanMovedOn):
        editing.move_buildings(actor=None, draft=draft, seen=seen, buildings=[1], to=target, now=NOW)
    assert plan(draft) == now_there


@pytest.mark.parametrize(
    ("buildings", "to", "refusal"),
    [
        ([], 0, editing.BuildingsUnknown),
        ([99], 0, editing.BuildingsUnknown),
        ([-1], 0, editing.BuildingsUnknown),
        ([0], 77, editing.GridUnknown),
    ],
)
def test_what_is_not_in_the_draft_is_refused(buildings, to, refusal):
    draft = draft_of(street())
    with pytest.raises(refusal):
        editing.move_buildings(actor=None, draft=draft, seen=head_of(draft).pk, buildings=buildings, to=to, now=NOW)
    assert PlanVersion.objects.count() == 1


def test_a_locked_grid_is_neither_entered_nor_changed_by_the_next_computation():
    draft = draft_of(street(buildings=18, grids=3))
    labels = plan(draft)
    locked = labels[0]
    version = editing.lock_grid(actor=None, draft=draft, seen=head_of(draft).pk, label=locked, is_locked=True, now=NOW)
    outside = next(i for i, label in enumerate(labels) if label != locked)
    with pytest.raises(editing.GridLocked):
        editing.move_buildings(actor=None, draft=draft, seen=version.pk, buildings=[outside], to=locked, now=NOW)
    drafting.improve(actor=None, draft=draft, time_limit_s=1, now=NOW)
    computing.compute(*claimed())
    improved = plan(draft)
    assert [i for i, one in enumerate(improved) if one == locked] == [
        i for i, one in enumerate(labels) if one == locked
    ]
    assert head_of(again(draft)).locked == [locked]


def test_a_computation_that_dies_is_begun_again_and_what_was_saved_stays():
    draft = draft_of(street(), computed=False)
    _id, dead = claimed()
    arrays = computing._ground(again(draft))
    grid = arrays.present
    assert drafting.save_progress(
        actor=None, draft_id=draft.pk, lease=dead, grid=grid, figures={"grids": 2}, seconds=1.0, now=NOW
    )
    assert drafting.claim(actor=None, now=NOW + LEASE / 2) is None
    taken_over = claimed(at=NOW + LEASE * 2)
    assert not drafting.save_progress(actor=None, draft_id=draft.pk, lease=dead, seconds=2.0, now=later(minutes=1))
    assert plans.progress_of(draft.pk) is not None
    computing.compute(*taken_over)
    assert again(draft).state == DraftState.READY
    late = drafting.Outcome(grid, {})
    assert drafting.finish(actor=None, draft_id=draft.pk, lease=dead, outcome=late, now=later(hours=1)) is None
    assert PlanVersion.objects.filter(draft=draft).count() == 1


def test_one_that_dies_too_often_keeps_the_last_plan_or_says_so():
    with_plan, without = draft_of(street(), computed=False), None
    at = NOW
    for _attempt in range(drafting.MOST_ATTEMPTS):
        _id, lease = claimed(at=at)
        arrays = computing._ground(again(with_plan))
        drafting.save_progress(
            actor=None, draft_id=with_plan.pk, lease=lease, grid=arrays.present, figures={"grids": 2}, now=at
        )
        at += timedelta(minutes=5)
    assert drafting.claim(actor=None, now=at) is None
    assert again(with_plan).state == DraftState.READY
    assert head_of(again(with_plan)).figures == {"grids": 2}
    without = drafting.ask_draft(actor=None, area_code=with_plan.area_code, wish=drafting.Wish(time_limit_s=1), now=at)
    for _attempt in range(drafting.MOST_ATTEMPTS):
        assert drafting.claim(actor=None, now=at) is not None
        at += timedelta(minutes=5)
    assert drafting.claim(actor=None, now=at) is None
    assert (again(without).state, again(without).refusal["code"]) == (DraftState.FAILED, "process_died")


def test_stopping_takes_what_is_there():
    draft = draft_of(street(), computed=False)
    _id, lease = claimed()
    arrays = computing._ground(again(draft))
    drafting.save_progress(actor=None, draft_id=draft.pk, lease=lease, grid=arrays.present, figures={}, now=NOW)
    drafting.stop(actor=None, draft=draft, now=NOW)
    assert not drafting.save_progress(actor=None, draft_id=draft.pk, lease=lease, now=NOW)
    outcome = drafting.Outcome(arrays.present, {"grids": 2})
    assert drafting.finish(actor=None, draft_id=draft.pk, lease=lease, outcome=outcome, now=NOW)
    assert again(draft).state == DraftState.READY


def test_stopping_before_anybody_computes_leaves_no_plan():
    draft = draft_of(street(), computed=False)
    drafting.stop(actor=None, draft=draft, now=NOW)
    assert again(draft).state == DraftState.STOPPED
    with pytest.raises(IllegalMove):
        editing.undo(actor=None, draft=draft, seen=0, now=NOW)


def test_a_discarded_draft_is_not_computed():
    draft = draft_of(street(), computed=False)
    drafting.discard(actor=None, draft=draft, now=NOW)
    assert drafting.claim(actor=None, now=NOW) is None
