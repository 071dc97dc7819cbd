"""Drafts of grids: asked for, computed elsewhere, stopped, discarded.

The computation runs in a process of its own (planning/computing.py). It works under a lease: whoever holds it saves
what it has, every second or so; a process that died is followed by another, which begins anew, and the last plan that
was saved is kept until it has a better one.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import User
from mulin.domains.places.queries import area_by_code
from mulin.domains.planning.engine import advance, locked
from mulin.domains.planning.models import Draft, PlanVersion, Snapshot, VersionKind
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.judging import WEIGHTS
from mulin.domains.planning.rules.snapshot import GroundArrays, pack_plan
from mulin.domains.planning.states import AT_WORK, DRAFT_LIFECYCLE, DraftState
from mulin.kernels.facts import Certificate
from mulin.kernels.partition.problem import Integers

LEASE = timedelta(seconds=15)
FIRST_LEASE = timedelta(minutes=2)
"""Until the first sign of life: the ground is read, and once per machine the kernels are compiled."""
MOST_ATTEMPTS = 3
LONGEST_S = 600
MOST_HOUSEHOLDS = 100_000
PROCESS_DIED = "process_died"
MADE_ELSEWHERE = "made elsewhere"


class WishInvalid(Invalid):
    code = "draft_wish_invalid"
    sentence = _("起草的要求有误。")
    remedy = _("每格户数的下限应不大于上限，计算时间在 1 到 600 秒之间。")


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a draft."""

    name: str = ""
    lowest: int = 300
    highest: int = 500
    weights: Mapping[str, float] = field(default_factory=dict)
    keeps_present: bool = True
    seed: int = 1
    time_limit_s: int = 10
    from_date: date | None = None

    def check(self) -> None:
        """Raise WishInvalid."""
        bounds = 0 <= self.lowest <= self.highest <= MOST_HOUSEHOLDS and self.highest > 0
        weights = set(self.weights) <= set(WEIGHTS) and all(0 <= w < 1e9 for w in self.weights.values())
        if not (bounds and weights and 1 <= self.time_limit_s <= LONGEST_S and 0 <= self.seed < 2**31):
            raise WishInvalid


@dataclass(frozen=True)
class Outcome:
    """What a computation ends with; `yardstick`: the figures of METIS' plan with as many grids, where there is one."""

    grid: Integers
    figures: dict[str, Any]
    certificates: Sequence[Certificate] = ()
    unexplained: Sequence[int] = ()
    yardstick: dict[str, Any] | None = None


@transaction.atomic
def ask_draft(*, actor: User | None, area_code: str, wish: Wish, now: datetime) -> Draft:
    """Note the wish; the worker computes it. Raises WishInvalid, PlaceUnknown."""
    wish.check()
    area = area_by_code(area_code)
    return Draft.objects.create(
        area_code=area.code,
        name=(wish.name.strip() or area.name)[:100],
        lowest=wish.lowest,
        highest=wish.highest,
        weights=dict(wish.weights),
        keeps_present=wish.keeps_present,
        seed=wish.seed,
        time_limit_s=wish.time_limit_s,
        from_date=wish.from_date,
        asked_by=actor,
        asked_at=now,
    )


@transaction.atomic
def take_in(
    *, actor: User | None, area_code: str, wish: Wish, arrays: GroundArrays, outcome: Outcome, now: datetime
) -> Draft:
    """Make a draft of a plan that was made elsewhere, ready to be changed by hand. Raises WishInvalid, PlaceUnknown."""
    draft = locked(ask_draft(actor=actor, area_code=area_code, wish=wish, now=now))
    advance(draft, "compute")
    draft.lease, draft.leased_until = MADE_ELSEWHERE, now + LEASE
    draft.save(update_fields=["state", "lease", "leased_until"])
    take_snapshot(actor=actor, draft_id=draft.pk, arrays=arrays, now=now)
    finish(actor=actor, draft_id=draft.pk, lease=MADE_ELSEWHERE, outcome=outcome, now=now)
    return locked(draft)


@transaction.atomic
def improve(*, actor: User | None, draft: Draft, time_limit_s: int, now: datetime) -> Draft:
    """Compute on from the plan there is; what is locked stays. Raises IllegalMove, WishInvalid."""
    draft = locked(draft)
    if not 1 <= time_limit_s <= LONGEST_S:
        raise WishInvalid
    advance(draft, "improve")
    draft.time_limit_s, draft.refusal = time_limit_s, None
    draft.attempts, draft.stop_asked, draft.lease, draft.leased_until = 0, False, "", None
    draft.progress, draft.progress_figures, draft.progress_s = None, None, 0.0
    draft.save()
    return draft


@transaction.atomic
def stop(*, actor: User | None, draft: Draft, now: datetime) -> Draft:
    """End the computation and take what is there: the plan saved last, or nothing. Raises IllegalMove."""
    draft = locked(draft)
    has_plan = draft.progress is not None or draft.head_id is not None
    DRAFT_LIFECYCLE.step(draft.state, "take" if has_plan else "halt")
    draft.stop_asked = True
    if draft.leased_until is None or draft.leased_until < now:
        _close_without_process(draft, now=now)
    draft.save()
    return draft


def _close_without_process(draft: Draft, *, now: datetime) -> None:
    """Nobody computes who could answer the wish to stop."""
    if draft.progress is not None and draft.snapshot_id is not None:
        _take_progress(draft, now=now)
    advance(draft, "take" if draft.head_id is not None else "halt")
    draft.lease, draft.leased_until = "", None


def _take_progress(draft: Draft, *, now: datetime) -> None:
    assert draft.snapshot_id is not None
    draft.head = PlanVersion.objects.create(
        draft=draft,
        parent=draft.head,
        snapshot_id=draft.snapshot_id,
        kind=VersionKind.COMPUTED,
        grid=draft.progress,
        locked=draft.head.locked if draft.head else [],
        figures=draft.progress_figures or {},
        made_at=now,
    )
    draft.progress, draft.progress_figures = None, None


@transaction.atomic
def discard(*, actor: User | None, draft: Draft, now: datetime) -> Draft:
    """Lay a draft aside for good; a computation under way ends by itself. Raises IllegalMove."""
    draft = locked(draft)
    advance(draft, "discard")
    draft.lease, draft.stop_asked = "", True
    draft.save(update_fields=["state", "lease", "stop_asked"])
    return draft


@transaction.atomic
def claim(*, actor: User | None, now: datetime, draft_id: int | None = None) -> tuple[int, str] | None:
    """Take the oldest draft that nobody computes, or the one named; return it with the lease, or None.

    One whose process died too often is closed: with the plan that was saved last, or as failed.
    """
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = plans.waiting(now_free=free) if draft_id is None else plans.waiting(now_free=free).filter(pk=draft_id)
    for draft in waiting.select_for_update(of=("self",)):
        if draft.stop_asked or draft.attempts >= MOST_ATTEMPTS:
            _give_up(draft, now=now)
            continue
        advance(draft, "compute")
        draft.lease = uuid.uuid4().hex
        draft.leased_until, draft.attempts = now + FIRST_LEASE, draft.attempts + 1
        draft.save(update_fields=["state", "lease", "leased_until", "attempts"])
        return draft.pk, draft.lease
    return None


def _give_up(draft: Draft, *, now: datetime) -> None:
    has_plan = draft.progress is not None or draft.head_id is not None
    if draft.stop_asked or has_plan:
        _close_without_process(draft, now=now)
    else:
        advance(draft, "fail")
        draft.refusal = {"code": PROCESS_DIED, "facts": {}}
    draft.save()


@transaction.atomic
def take_snapshot(*, actor: User | None, draft_id: int, arrays: GroundArrays, now: datetime) -> Snapshot:
    """Keep the ground a draft is computed on; an unchanged ground is kept once."""
    draft = locked(Draft(pk=draft_id))
    snapshot, _made = Snapshot.objects.get_or_create(
        area_code=draft.area_code,
        digest=arrays.digest,
        defaults={
            "arrays": arrays.packed(),
            "buildings": len(arrays),
            "households": int(arrays.households.sum()),
            "taken_at": now,
        },
    )
    draft.snapshot = snapshot
    draft.save(update_fields=["snapshot"])
    return snapshot


@transaction.atomic
def save_progress(
    *,
    actor: User | None,
    draft_id: int,
    lease: str,
    now: datetime,
    grid: Integers | None = None,
    figures: dict[str, Any] | None = None,
    seconds: float = 0.0,
) -> bool:
    """Show a sign of life with the plan so far; return whether the computation should go on."""
    mine = Draft.objects.filter(pk=draft_id, lease=lease, state=DraftState.COMPUTING)
    known: dict[str, Any] = {"leased_until": now + LEASE, "progress_s": seconds}
    if grid is not None:
        known |= {"progress": pack_plan(grid), "progress_figures": figures}
    return bool(mine.update(**known)) and not mine.filter(stop_asked=True).exists()


@transaction.atomic
def finish(*, actor: User | None, draft_id: int, lease: str, outcome: Outcome, now: datetime) -> PlanVersion | None:
    """Keep the result as the next version; None when the lease went to somebody else or the draft was discarded."""
    draft = locked(Draft(pk=draft_id))
    if draft.lease != lease or draft.state != DraftState.COMPUTING or draft.snapshot_id is None:
        return None
    before = draft.head
    draft.head = PlanVersion.objects.create(
        draft=draft,
        parent=before,
        snapshot_id=draft.snapshot_id,
        kind=VersionKind.COMPUTED,
        grid=pack_plan(outcome.grid),
        locked=before.locked if before else [],
        figures=outcome.figures,
        certificates=[asdict(one) for one in outcome.certificates],
        unexplained=[int(label) for label in outcome.unexplained],
        made_at=now,
    )
    draft.yardstick = {"snapshot": draft.snapshot_id, **outcome.yardstick} if outcome.yardstick else None
    advance(draft, "finish")
    draft.lease, draft.leased_until, draft.stop_asked = "", None, False
    draft.progress, draft.progress_figures = None, None
    draft.save()
    return draft.head


@transaction.atomic
def fail(*, actor: User | None, draft_id: int, lease: str, code: str, facts: dict[str, Any], now: datetime) -> None:
    """Say why no plan could be computed; a plan there was before stays."""
    draft = locked(Draft(pk=draft_id))
    if draft.lease != lease or draft.state not in AT_WORK:
        return
    advance(draft, "fail" if draft.head_id is None else "take")
    draft.refusal, draft.lease, draft.leased_until = {"code": code, "facts": facts}, "", None
    draft.save()


@transaction.atomic
def tell_asker(*, actor: User | None, draft_id: int, has_plan: bool, link: str, now: datetime) -> None:
    """Tell whoever asked that there is a plan to look at, or that there is none."""
    draft = Draft.objects.defer("progress").get(pk=draft_id)
    if draft.asked_by_id is not None:
        source = f"draft:{draft.pk}:{draft.head_id or 0}"
        facts = {"name": draft.name, "has_plan": has_plan}
        accounts.notify(
            actor=None, user_ids=[draft.asked_by_id], source=source, kind="draft", facts=facts, link=link, now=now
        )


@transaction.atomic
def let_go(*, actor: User | None, draft_id: int, lease: str, now: datetime) -> None:
    """Note that the process under this lease is no more, so that the next one need not wait for the lease to end."""
    Draft.objects.filter(pk=draft_id, lease=lease, state=DraftState.COMPUTING).update(
        leased_until=now - timedelta(seconds=1)
    )
