"""What a desk does to a plan by hand: move buildings, lock grids, undo and redo, comment, take in new buildings."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.planning.engine import locked
from mulin.domains.planning.models import Comment, Draft, PlanVersion, VersionKind
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.rules.labels import carried_over
from mulin.domains.planning.rules.snapshot import GroundArrays, pack_plan
from mulin.domains.planning.services.drafting import take_snapshot
from mulin.domains.planning.states import DRAFT_LIFECYCLE
from mulin.kernels.partition.problem import Integers

NEW_GRID = -1
LONGEST_COMMENT = 1000


class PlanMovedOn(Conflict):
    code = "plan_moved_on"
    sentence = _("这份草案刚刚被别人改过，这一步没有做。")
    remedy = _("请看一下新的方案再改。")


class BuildingsUnknown(Invalid):
    code = "draft_buildings_unknown"
    sentence = _("草案里没有这些楼栋。")
    remedy = _("请在地图上或列表中选择楼栋。")


class GridUnknown(Invalid):
    code = "draft_grid_unknown"
    sentence = _("草案里没有这个网格。")
    remedy = _("请选择地图上的一个网格，或新建网格。")


class GridLocked(Conflict):
    code = "draft_grid_locked"
    sentence = _("这个网格已锁定。")
    remedy = _("请先解锁，再移动楼栋。")


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    sentence = _("没有可以撤销的步骤了。")


class NothingToRedo(Conflict):
    code = "nothing_to_redo"
    sentence = _("没有可以重做的步骤了。")


class CommentInvalid(Invalid):
    code = "draft_comment_invalid"
    sentence = _("意见是空的，或者超过 1000 字。")


@transaction.atomic
def move_buildings(
    *, actor: User | None, draft: Draft, seen: int, buildings: Sequence[int], to: int, now: datetime
) -> PlanVersion:
    """Put buildings (indices of the snapshot) into a grid, or into a new one (NEW_GRID); nothing is refused for bounds.

    Raises IllegalMove, PlanMovedOn, BuildingsUnknown, GridUnknown, GridLocked.
    """
    draft, head = _editable(draft, seen)
    ground = plans.ground_of(head.snapshot_id)
    grid = plans.plan_of(head)
    chosen = np.unique(np.asarray(buildings, dtype=np.int64))
    if not len(chosen) or chosen[0] < 0 or chosen[-1] >= len(grid):
        raise BuildingsUnknown
    label = _free_label(grid, ground.arrays) if to == NEW_GRID else to
    if to != NEW_GRID and not (grid == to).any() and not 0 <= to < len(ground.arrays.grid_ids):
        raise GridUnknown
    if set(head.locked) & {label, *grid[chosen].tolist()}:
        raise GridLocked
    moved = grid.copy()
    moved[chosen] = label
    return _next_version(draft, head, moved, VersionKind.MOVED, actor=actor, now=now)


def _free_label(grid: Integers, arrays: GroundArrays) -> int:
    return max(int(grid.max(initial=-1)) + 1, len(arrays.grid_ids))


def _next_version(
    draft: Draft, head: PlanVersion, grid: Integers, kind: VersionKind, *, actor: User | None, now: datetime
) -> PlanVersion:
    arrays = plans.ground_of(head.snapshot_id).arrays
    made = PlanVersion.objects.create(
        draft=draft,
        parent=head,
        snapshot_id=head.snapshot_id,
        kind=kind,
        grid=pack_plan(grid),
        locked=head.locked,
        figures=figures_of(arrays, grid, plans.bounds_of(draft), params_of(draft.weights)),
        certificates=head.certificates,
        unexplained=head.unexplained,
        made_by=actor,
        made_at=now,
    )
    _go_to(draft, made)
    return made


@transaction.atomic
def lock_grid(
    *, actor: User | None, draft: Draft, seen: int, label: int, is_locked: bool, now: datetime
) -> PlanVersion:
    """Let a grid stay as it is in later computations, or free it. Raises IllegalMove, PlanMovedOn, GridUnknown."""
    draft, head = _editable(draft, seen)
    if not (plans.plan_of(head) == label).any():
        raise GridUnknown
    locks = set(head.locked) | {label} if is_locked else set(head.locked) - {label}
    made = PlanVersion.objects.create(
        draft=draft,
        parent=head,
        snapshot_id=head.snapshot_id,
        kind=VersionKind.LOCKED,
        grid=bytes(head.grid),
        locked=sorted(locks),
        figures=head.figures,
        certificates=head.certificates,
        unexplained=head.unexplained,
        made_by=actor,
        made_at=now,
    )
    _go_to(draft, made)
    return made


@transaction.atomic
def undo(*, actor: User | None, draft: Draft, seen: int, now: datetime) -> PlanVersion:
    """Go back one version. Raises IllegalMove, PlanMovedOn, NothingToUndo."""
    draft, head = _editable(draft, seen)
    if head.parent is None or head.parent.snapshot_id != head.snapshot_id:
        raise NothingToUndo
    _go_to(draft, head.parent)
    return head.parent


@transaction.atomic
def redo(*, actor: User | None, draft: Draft, seen: int, now: datetime) -> PlanVersion:
    """Go forward to the version made last from here. Raises IllegalMove, PlanMovedOn, NothingToRedo."""
    draft, head = _editable(draft, seen)
    child = plans.younger(head)
    if child is None:
        raise NothingToRedo
    _go_to(draft, child)
    return child


@transaction.atomic
def refresh_ground(*, actor: User | None, draft: Draft, arrays: GroundArrays, now: datetime) -> PlanVersion:
    """Carry the plan over to the ground as it is now: a new building joins the nearest one of its community.

    Raises IllegalMove.
    """
    draft = locked(draft)
    DRAFT_LIFECYCLE.step(draft.state, "edit")
    if draft.head is None:
        raise GridUnknown
    head = draft.head
    before = plans.ground_of(head.snapshot_id).arrays
    grid, labels = carried_over(before, plans.plan_of(head), arrays)
    snapshot = take_snapshot(actor=actor, draft_id=draft.pk, arrays=arrays, now=now)
    made = PlanVersion.objects.create(
        draft=draft,
        parent=head,
        snapshot=snapshot,
        kind=VersionKind.REFRESHED,
        grid=pack_plan(grid),
        locked=sorted(labels[one] for one in head.locked if one in labels),
        figures=figures_of(arrays, grid, plans.bounds_of(draft), params_of(draft.weights)),
        certificates=[],
        made_by=actor,
        made_at=now,
    )
    draft.snapshot = snapshot
    draft.head = made
    draft.save(update_fields=["head", "snapshot"])
    return made


@transaction.atomic
def comment(*, actor: User, draft: Draft, text: str, label: int | None, now: datetime) -> Comment:
    """Say something of a draft or of one of its grids. Raises CommentInvalid."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_COMMENT:
        raise CommentInvalid
    return Comment.objects.create(draft=draft, label=label, text=text, author=actor, written_at=now)


def _editable(draft: Draft, seen: int) -> tuple[Draft, PlanVersion]:
    """Return the locked draft and its plan, if it may be edited and is still the one that was seen."""
    draft = locked(draft)
    DRAFT_LIFECYCLE.step(draft.state, "edit")
    if draft.head is None or draft.head_id != seen:
        raise PlanMovedOn
    return draft, draft.head


def _go_to(draft: Draft, version: PlanVersion) -> None:
    draft.head = version
    draft.save(update_fields=["head"])
