"""吹哨报到: departments come and settle a case together; the caller keeps holding it (接诉即办条例 Arts 16, 33)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.clocks import Allowance, ClockKind
from mulin.core.errors import Conflict
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine import clocks
from mulin.domains.cases.engine.reasons import listed, reasoned
from mulin.domains.cases.engine.steps import allowed, locked, take
from mulin.domains.cases.models import Case, Whistle, WhistleState
from mulin.domains.cases.queries import directory
from mulin.domains.organisations.models import Organisation


class WhistleOpen(Conflict):
    code = "whistle_open"
    sentence = _("已经向这个部门吹过哨，正在等待回复。")


class WhistleAnswered(Conflict):
    code = "whistle_answered"
    sentence = _("这次吹哨已经回复过了。")


@transaction.atomic
def whistle(*, actor: User, case: Case, organisation: Organisation, ask: str, now: datetime) -> Whistle:
    """吹哨. Raises ReasonMissing without a request, WhistleOpen when the department is already called."""
    case = locked(case)
    allowed(case, "whistle")
    ask = reasoned(ask)
    allowance = _arrival(case, now=now)
    due_at = clocks.counted(now, allowance, area_code=case.area_code)
    try:
        with transaction.atomic():
            called = Whistle.objects.create(
                case=case, organisation=organisation, ask=ask, called_by=actor, called_at=now, arrive_due_at=due_at
            )
    except IntegrityError as twice:
        raise WhistleOpen from twice
    take(case, "whistle", actor=actor, now=now, note=ask, data=_data(called))
    return called


def _arrival(case: Case, *, now: datetime) -> Allowance:
    """Return the time a department has to arrive: continuous for what is urgent, else in working minutes."""
    urgent = case.emergency or directory.rules_by_id()[case.rule_id].urgent
    name = "whistle_arrive_urgent_minutes" if urgent else "whistle_arrive_working_minutes"
    minutes = directory.policy(name, now=now, area_code=case.area_code)
    return Allowance(minutes, ClockKind.CONTINUOUS if urgent else ClockKind.WORKING_HOURS)


def _data(whistle: Whistle) -> dict[str, object]:
    return {
        "whistle": whistle.pk,
        "organisation": whistle.organisation_id,
        "organisation_name": whistle.organisation.name,
    }


def _locked(whistle: Whistle, move_name: str, *states: WhistleState) -> tuple[Case, Whistle]:
    case = locked(whistle.case)
    allowed(case, move_name)
    whistle = Whistle.objects.select_related("organisation").get(pk=whistle.pk)
    if whistle.state not in states:
        raise WhistleAnswered
    return case, whistle


@transaction.atomic
def arrive(*, actor: User, whistle: Whistle, note: str, now: datetime) -> Whistle:
    """报到."""
    case, whistle = _locked(whistle, "arrive", WhistleState.CALLED)
    whistle.state, whistle.arrived_at = WhistleState.ARRIVED, now
    whistle.save()
    take(case, "arrive", actor=actor, now=now, note=note.strip()[:1000], data=_data(whistle))
    return whistle


@transaction.atomic
def give_result(*, actor: User, whistle: Whistle, answer: str, now: datetime) -> Whistle:
    """联合办理结果: what the department did. Arriving may be skipped when it could be settled from afar."""
    case, whistle = _locked(whistle, "joint_result", WhistleState.CALLED, WhistleState.ARRIVED)
    whistle.answer = reasoned(answer)
    whistle.state, whistle.answered_at = WhistleState.ANSWERED, now
    whistle.arrived_at = whistle.arrived_at or now
    whistle.save()
    take(case, "joint_result", actor=actor, now=now, public_note=whistle.answer, data=_data(whistle))
    return whistle


@transaction.atomic
def return_whistle(*, actor: User, whistle: Whistle, reason_code: str, note: str, now: datetime) -> Whistle:
    """退哨: not on the department's duty list; the caller is told why."""
    case, whistle = _locked(whistle, "return_whistle", WhistleState.CALLED, WhistleState.ARRIVED)
    entry = listed("return_reasons", reason_code, case=case, now=now)
    whistle.state, whistle.answered_at, whistle.answer = WhistleState.RETURNED, now, reasoned(note)
    whistle.save()
    data = {**_data(whistle), "reason": entry}
    take(case, "return_whistle", actor=actor, now=now, note=whistle.answer, data=data)
    return whistle
