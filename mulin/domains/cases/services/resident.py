"""What the resident does with the receipt code: rate, reopen, withdraw. The resident has the last word."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine import clocks, dispatching
from mulin.domains.cases.engine.dispatching import hand_to, kind_of
from mulin.domains.cases.engine.reasons import reasoned
from mulin.domains.cases.engine.steps import RESIDENT_NAME, allowed, holder_data, locked, take
from mulin.domains.cases.models import Case, Rating, Satisfied, Solved
from mulin.domains.cases.queries import directory
from mulin.domains.places.models import Tier


class AnswerUnknown(Invalid):
    code = "answer_unknown"
    sentence = _("请选择是否解决、是否满意。")


class TooLateToReopen(Conflict):
    code = "too_late_to_reopen"
    sentence = _("已超过可以重新办理的期限。")
    remedy = _("问题还在的话，请重新点单，并写上原来的事项编号。")


@transaction.atomic
def rate(
    *,
    case: Case,
    solved: str,
    satisfied: str,
    now: datetime,
    note: str = "",
    responded: bool = True,
    actor: User | None,
) -> Rating:
    """评单. Raises AnswerUnknown; IllegalMove when there is nothing to rate or it is rated."""
    case = locked(case)
    allowed(case, "rate")
    if solved not in Solved.values or satisfied not in Satisfied.values:
        raise AnswerUnknown
    rating = Rating.objects.create(
        case=case,
        round=case.round,
        responded=responded,
        solved=solved,
        satisfied=satisfied,
        note=note.strip()[:1000],
        rated_at=now,
    )
    case.ended_at = now
    data = {"solved": solved, "satisfied": satisfied, "round": case.round, "responded": responded}
    take(case, "rate", actor=actor, actor_name=_name(actor), now=now, public_note=rating.note, data=data)
    return rating


def _name(actor: User | None) -> str:
    return actor.name if actor else RESIDENT_NAME


@transaction.atomic
def reopen(*, case: Case, reason: str, now: datetime, actor: User | None) -> Case:
    """重新办理: first to whoever settled it, from the second time on one tier higher. Raises TooLateToReopen."""
    case = locked(case)
    allowed(case, "reopen")
    reason = reasoned(reason)
    days = directory.policy("reopen_days", now=now, area_code=case.area_code)
    ended_at = case.ended_at or case.resolved_at
    if ended_at is not None and now > ended_at + timedelta(days=days):
        raise TooLateToReopen
    case.round += 1
    case.clock_started_at, case.extension_amount, case.overdue_escalated = now, 0, False
    case.first_contact_at = case.respond_due_at = case.resolved_at = case.ended_at = None
    clocks.set_deadlines(case, directory.rules_by_id()[case.rule_id])
    hand_to(case, _settler(case, now=now), now=now)
    data = {**holder_data(case), "round": case.round}
    take(case, "reopen", actor=actor, actor_name=_name(actor), now=now, public_note=reason, data=data)
    return case


def _settler(case: Case, *, now: datetime) -> dispatching.Holder:
    if case.holder_organisation is not None:
        return dispatching.Holder(Tier.COUNTY, organisation=case.holder_organisation)
    higher = 1 if case.round > 2 else 0
    tier = min(case.tier + higher, Tier.COUNTY)
    location = dispatching.location_of(case)
    return dispatching.find_holder(location, kind_of(case), now=now, lowest_tier=tier, spread=case.pk)


@transaction.atomic
def withdraw(*, case: Case, now: datetime, actor: User | None, reason: str = "") -> Case:
    """撤回."""
    case = locked(case)
    case.ended_at = now
    take(case, "withdraw", actor=actor, actor_name=_name(actor), now=now, public_note=reason.strip()[:1000])
    return case


@transaction.atomic
def lapse(*, case: Case, now: datetime) -> bool:
    """逾期未评: the rating window is over; it is not called solved, and can still be rated or reopened."""
    case = locked(case)
    if case.status != "RESOLVED":
        return False
    case.ended_at = now
    take(case, "lapse", actor=None, now=now)
    return True
