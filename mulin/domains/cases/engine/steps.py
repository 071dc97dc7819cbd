"""The one way a case changes: lock it, look up the move in the lifecycle, add a step, tell the world."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core import outbox
from mulin.core.errors import Conflict
from mulin.core.history import FIRST, chain_hash, new_salt, words_digest
from mulin.core.lifecycle import Move
from mulin.core.rows import new_row
from mulin.domains.accounts.models import User
from mulin.domains.cases.events import CaseMoved
from mulin.domains.cases.models import Case, Step
from mulin.domains.cases.queries import history
from mulin.domains.cases.states import LIFECYCLE
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations.models import Organisation

RESIDENT_NAME = "居民"
CLOCK_NAME = "系统"


def locked(case: Case) -> Case:
    """Return the case read again under a lock; the caller's copy may be old."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("locked() outside a transaction")
    return Case.objects.select_for_update().get(pk=case.pk)


def allowed(case: Case, move_name: str) -> Move:
    """Return the move if the case may take it now; raise IllegalMove."""
    return LIFECYCLE.step(case.status, move_name)


def next_step(
    case: Case,
    move_name: str,
    *,
    to_status: str,
    actor: User | None,
    now: datetime,
    actor_name: str = "",
    note: str = "",
    public_note: str = "",
    data: dict[str, Any] | None = None,
) -> Step:
    """Return the next, unsaved step of the case and move the case's chain on to it."""
    step = new_row(
        Step,
        case=case,
        sequence=case.step_count + 1,
        move=move_name,
        from_status=case.status if case.step_count else "",
        to_status=to_status,
        actor=actor,
        actor_name=actor_name or (actor.name if actor else CLOCK_NAME),
        taken_at=now,
        note=note,
        public_note=public_note,
        data=data or {},
        previous_hash=case.last_hash or FIRST,
    )
    if note or public_note:
        step.words_salt = new_salt()
        step.words_digest = words_digest(step.words_salt, note, public_note)
    step.hash = chain_hash(step.previous_hash, history.content(step, case.receipt_code))
    case.step_count, case.last_hash, case.status = step.sequence, step.hash, to_status
    return step


def take(
    case: Case,
    move_name: str,
    *,
    actor: User | None,
    now: datetime,
    actor_name: str = "",
    note: str = "",
    public_note: str = "",
    data: dict[str, Any] | None = None,
) -> Step:
    """Take a step of the lifecycle with a locked case: save the case, add the step, publish."""
    move = allowed(case, move_name)
    _check_seen(case)
    step = next_step(
        case,
        move_name,
        to_status=move.lands_on(case.status),
        actor=actor,
        now=now,
        actor_name=actor_name,
        note=note,
        public_note=public_note,
        data=data,
    )
    case.save()
    step.save(force_insert=True)
    announce(step)
    return step


class CaseMovedMeanwhile(Conflict):
    code = "case_moved_meanwhile"
    sentence = _("您看着这件事项的时候，别人刚办过一步，您的这一步没有办。")
    remedy = _("请先看看最新进展；还需要办的话，再提交一次。")


_seen: ContextVar[tuple[int, int] | None] = ContextVar("case and steps seen", default=None)


@contextmanager
def as_seen(case: Case, steps: int | None) -> Iterator[None]:
    """Take the first step inside only if the case still has as many steps as the person saw; None asks nothing.

    Raises CaseMovedMeanwhile: of two people who move a case at once one wins, and the other is told.
    """
    token = _seen.set(None if steps is None else (case.pk, steps))
    try:
        yield
    finally:
        _seen.reset(token)


def _check_seen(case: Case) -> None:
    seen = _seen.get()
    if seen is None or seen[0] != case.pk:
        return
    if seen[1] != case.step_count:
        raise CaseMovedMeanwhile
    _seen.set(None)  # a move may take several steps


_told: ContextVar[bool] = ContextVar("told", default=True)


@contextmanager
def untold() -> Iterator[None]:
    """Steps taken inside were taken long ago elsewhere and are only written down now: nobody is told of them."""
    token = _told.set(False)
    try:
        yield
    finally:
        _told.reset(token)


def announce(step: Step, *, at: datetime | None = None) -> None:
    """Publish a saved step; `at` is when it is told, if that is not when it was taken."""
    if not _told.get():
        return
    moved_at = at or step.taken_at
    happened = CaseMoved(
        case_id=step.case_id,
        sequence=step.sequence,
        move=step.move,
        status=step.to_status,
        moved_at=moved_at.isoformat(),
    )
    outbox.publish(happened, now=moved_at)


def holder_entry(
    *, tier: int, tenure_id: int | None, organisation: Organisation | None, names: tuple[str, str, str]
) -> dict[str, Any]:
    """Return who holds a case as a step records it; `names`, as they are today: of the holder and of the post, zh, en.

    An organisation holds under its own name.
    """
    holder, post_zh, post_en = names
    return {
        "tier": tier,
        "tenure": tenure_id,
        "organisation": organisation.pk if organisation else None,
        "holder": holder or str(organisation or ""),
        "post": post_zh,
        "post_en": post_en,
    }


def holder_data(case: Case) -> dict[str, Any]:
    """Return who holds the case, for the step's data."""
    tenure: Tenure | None = case.holder_tenure
    names = (tenure.holder.name, tenure.post_kind.name_zh, tenure.post_kind.name_en) if tenure else ("", "", "")
    return holder_entry(
        tier=case.tier, tenure_id=case.holder_tenure_id, organisation=case.holder_organisation, names=names
    )
