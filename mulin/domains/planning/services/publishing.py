"""A plan comes into force: scheduled by whoever may publish, carried out on its day, once, all or nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from mulin.core.errors import Conflict, Invalid, Refused
from mulin.domains.accounts.models import User
from mulin.domains.places.services import replacing
from mulin.domains.places.services.replacing import PlannedGrid, Replaced
from mulin.domains.planning.engine import advance, locked
from mulin.domains.planning.models import Draft, GridChange, PlanVersion, Publication, PublicationState
from mulin.domains.planning.queries import plans
from mulin.domains.planning.queries.plans import GroundChange
from mulin.domains.planning.rules.judging import Bend
from mulin.domains.planning.rules.outlines import outlines
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.domains.planning.services.editing import PlanMovedOn
from mulin.kernels.partition.problem import Integers

BATCH = 500
LONGEST_REASON = 500


class DateGone(Invalid):
    code = "publication_date_gone"
    sentence = _("生效日期不能早于今天。")


class PlanBroken(Conflict):
    code = "plan_broken"
    sentence = _("有的网格不相连，或跨了社区，不能生效。")
    remedy = _("请在地图上把标红的楼栋移到相邻的网格。")


class ReasonNeeded(Invalid):
    code = "publication_reason_needed"
    sentence = _("有的网格户数超出范围，而且不是不得已的。")
    remedy = _("请调整，或写明理由。")


class GroundChanged(Conflict):
    code = "ground_changed"
    sentence = _("起草以后，楼栋或网格有变化，方案与现状不符。")
    remedy = _("请先“更新底数”，看过新的方案后再定生效日期。")


@transaction.atomic
def schedule(*, actor: User, draft: Draft, seen: int, from_date: date, reason: str, now: datetime) -> Publication:
    """Let the plan hold from a day on.

    Raises IllegalMove, PlanMovedOn, DateGone, PlanBroken, ReasonNeeded, GroundChanged.
    """
    draft = locked(draft)
    if draft.head is None or draft.head_id != seen:
        raise PlanMovedOn
    advance(draft, "schedule")
    if from_date < timezone.localdate(now):
        raise DateGone
    _check_rules(plans.bends_of(draft, draft.head), reason)
    _check_ground(draft.head, now=now)
    draft.from_date = from_date
    draft.save(update_fields=["state", "from_date"])
    return Publication.objects.create(
        draft=draft,
        version=draft.head,
        from_date=from_date,
        reason=reason.strip()[:LONGEST_REASON],
        scheduled_by=actor,
        scheduled_at=now,
    )


def _check_rules(bends: Sequence[Bend], reason: str) -> None:
    """What falls apart or crosses a community never holds; bounds may be bent where it must be, or for a reason."""
    if any(not bend.is_bound for bend in bends):
        raise PlanBroken
    if any(not bend.excused for bend in bends) and not reason.strip():
        raise ReasonNeeded


def _check_ground(version: PlanVersion, *, now: datetime) -> None:
    if blocking := plans.blocking_changes(version, on=timezone.localdate(now)):
        raise GroundChanged(**_facts(blocking))


def _facts(change: GroundChange) -> dict[str, Any]:
    return {
        "new": list(change.new),
        "gone": list(change.gone),
        "moved": list(change.moved),
        "closed_grids": list(change.closed_grids),
    }


def put_in_force(
    *, actor: User, draft: Draft, seen: int, from_date: date, reason: str, now: datetime
) -> PublicationState:
    """Let the plan hold from a day on, at once where that day is today; return what became of it.

    Raises what schedule raises.
    """
    scheduled = schedule(actor=actor, draft=draft, seen=seen, from_date=from_date, reason=reason, now=now)
    return carry_out(actor=actor, publication_id=scheduled.pk, now=now)


@transaction.atomic
def recall(*, actor: User, draft: Draft, now: datetime) -> Draft:
    """Take a scheduled publication back before its day. Raises IllegalMove."""
    draft = locked(draft)
    advance(draft, "recall")
    draft.save(update_fields=["state"])
    scheduled = Publication.objects.filter(draft=draft, state=PublicationState.SCHEDULED)
    scheduled.update(state=PublicationState.RECALLED, done_at=now)
    return draft


@transaction.atomic
def carry_out(*, actor: User | None, publication_id: int, now: datetime) -> PublicationState:
    """Put a scheduled plan in force on its day; done twice, it happens once.

    Where the ground is no longer the one the plan was made for, the plan is sent back to be looked at: nothing of it
    is in force then.
    """
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication_id)
    if publication.state != PublicationState.SCHEDULED or publication.from_date > timezone.localdate(now):
        return PublicationState(publication.state)
    draft = locked(Draft(pk=publication.draft_id))
    version = publication.version
    if blocking := plans.blocking_changes(version, on=publication.from_date):
        refusal: Refused | None = GroundChanged(**_facts(blocking))
    else:
        refusal = _put_in_force(publication, version, actor=actor, now=now)
    if refusal is not None:
        publication.refusal = {"code": refusal.code, "facts": dict(refusal.details)}
    publication.state = PublicationState.SENT_BACK if refusal else PublicationState.CARRIED_OUT
    publication.done_at = now
    publication.save()
    advance(draft, "send_back" if refusal else "publish")
    draft.save(update_fields=["state"])
    return publication.state


def _put_in_force(
    publication: Publication, version: PlanVersion, *, actor: User | None, now: datetime
) -> Refused | None:
    """Return what the places refuse; nothing is written then."""
    arrays, grid = plans.ground_of(version.snapshot_id).arrays, plans.plan_of(version)
    try:
        with transaction.atomic():
            done = replacing.replace_grids(
                actor=actor,
                plans=_planned(version, arrays, grid, on=publication.from_date),
                from_date=publication.from_date,
                now=now,
            )
            _note_changes(publication, arrays, done)
    except Refused as refused:
        return refused
    return None


def _planned(version: PlanVersion, arrays: GroundArrays, grid: Integers, *, on: date) -> list[PlannedGrid]:
    """Return the grids as they are to be, in reading order of their labels; a dedicated one keeps its ground."""
    gone = set(plans.changes_since(arrays, on=on).gone)
    ground = plans.cells_of(plans.ground_of(version.snapshot_id))
    drawn = outlines(ground, grid)
    kept = plans.dedicated_grounds(arrays)
    planned = []
    for label in sorted(drawn):
        members = arrays.building_ids[grid == label].tolist()
        standing = tuple(pk for pk in members if pk not in gone)
        if standing:
            shape = kept.get(label, drawn[label])
            planned.append(_one(arrays, grid, label, standing, shape))
    return planned


def _one(
    arrays: GroundArrays, grid: Integers, label: int, buildings: tuple[int, ...], shape: BaseGeometry
) -> PlannedGrid:
    community = int(arrays.community[np.flatnonzero(grid == label)[0]])
    return PlannedGrid(
        area_code=str(arrays.community_codes[community]),
        shape=shape,
        building_ids=buildings,
        grid_id=int(arrays.grid_ids[label]) if label < len(arrays.grid_ids) else None,
    )


def _note_changes(publication: Publication, arrays: GroundArrays, done: Replaced) -> None:
    GridChange.objects.bulk_create(
        [
            GridChange(publication=publication, building_id=pk, from_grid_id=before, to_grid_id=after)
            for pk, (before, after) in sorted(done.membership.items())
        ],
        batch_size=BATCH,
    )


def carry_out_due(*, actor: User | None, now: datetime) -> list[int]:
    """Carry out every publication whose day has come, each in a transaction of its own; return those that were due."""
    due = plans.due_publications(today=timezone.localdate(now))
    for publication_id in due:
        carry_out(actor=actor, publication_id=publication_id, now=now)
    return due
