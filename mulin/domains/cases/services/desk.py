"""What a desk does with a case: verify, dispatch, judge returns, extend, reject, merge, split, recategorise."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine import clocks, dispatching
from mulin.domains.cases.engine.dispatching import hand_to, kind_of
from mulin.domains.cases.engine.reasons import listed, reasoned
from mulin.domains.cases.engine.steps import allowed, holder_data, locked, take
from mulin.domains.cases.models import Case, CategoryRule, Channel, Reporter
from mulin.domains.cases.queries import directory
from mulin.domains.cases.services import learning
from mulin.domains.cases.services.reporting import Report, report_case
from mulin.domains.cases.states import OPEN
from mulin.domains.duty import queries as duty
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations import queries as organisations
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Tier


class ExtensionTooLong(Invalid):
    code = "extension_too_long"
    sentence = _("延期超过规定上限。")
    remedy = _("请在规定的次数和天数以内延期，或提级办理。")


class HolderAway(Conflict):
    code = "holder_away"
    sentence = _("所选岗位现在没有人在岗。")
    remedy = _("请选择其他岗位，或派给上一级。")


class CannotMerge(Conflict):
    code = "cannot_merge"
    sentence = _("不能并入这件事项。")
    remedy = _("请并入同一社区内一件正在办理的事项。")


@transaction.atomic
def verify(*, actor: User, case: Case, note: str, now: datetime) -> Case:
    """核查: note what was found on the spot before dispatch."""
    case = locked(case)
    take(case, "verify", actor=actor, now=now, note=reasoned(note))
    return case


@transaction.atomic
def dispatch(
    *,
    actor: User,
    case: Case,
    now: datetime,
    tenure: Tenure | None = None,
    organisation: Organisation | None = None,
    note: str = "",
) -> Case:
    """派单 or 改派: to the chosen tenure or organisation, or by the rule when none is chosen. Raises HolderAway."""
    case = locked(case)
    move_name = "reassign" if case.status not in ("REPORTED", "RETURNED") else "dispatch"
    allowed(case, move_name)
    hand_to(case, _chosen(case, tenure, organisation, now=now), now=now)
    take(case, move_name, actor=actor, now=now, note=note.strip()[:1000], data=holder_data(case))
    return case


def _chosen(
    case: Case, tenure: Tenure | None, organisation: Organisation | None, *, now: datetime
) -> dispatching.Holder:
    if tenure is not None:
        if not duty.people_acting(now=now, tenure_ids=[tenure.pk]):
            raise HolderAway
        return dispatching.Holder(tenure.post_kind.tier, tenure_id=tenure.pk)
    if organisation is not None:
        return dispatching.Holder(Tier.COUNTY, organisation=organisation)
    return dispatching.find_holder(dispatching.location_of(case), kind_of(case), now=now, spread=case.pk)


@transaction.atomic
def refuse_return(*, actor: User, case: Case, reason: str, now: datetime) -> Case:
    """不同意退单: the case goes back to who returned it."""
    case = locked(case)
    allowed(case, "refuse_return")
    returned = case.steps.filter(move="return").latest("sequence").data
    tenure = duty.tenure(returned["tenure"]) if returned["tenure"] else None
    organisation = organisations.organisation(returned["organisation"]) if returned["organisation"] else None
    if tenure is not None and not duty.people_acting(now=now, tenure_ids=[tenure.pk]):
        tenure = None
    hand_to(case, _chosen(case, tenure, organisation, now=now), now=now)
    take(case, "refuse_return", actor=actor, now=now, note=reasoned(reason), data=holder_data(case))
    return case


@transaction.atomic
def extend(*, actor: User, case: Case, amount: int, reason: str, now: datetime) -> Case:
    """延期 by `amount` minutes or days of the case's own clock. Raises ExtensionTooLong."""
    case = locked(case)
    allowed(case, "extend")
    rule = directory.rules_by_id()[case.rule_id]
    _check_extension(case, rule, amount, now=now)
    case.extension_amount += amount
    clocks.set_deadlines(case, rule)
    data = {"amount": amount, "clock": rule.resolve_clock, "due_at": case.resolve_due_at, "round": case.round}
    take(case, "extend", actor=actor, now=now, note=reasoned(reason), public_note=reason.strip(), data=_plain(data))
    return case


def _check_extension(case: Case, rule: CategoryRule, amount: int, *, now: datetime) -> None:
    rows = directory.policy("extension_rules", now=now, area_code=case.area_code)
    limit = next(row for row in rows if row["resolve_clock"] == rule.resolve_clock)
    times = case.steps.filter(move="extend", data__round=case.round).count()
    left = int(limit["most_amount"]) - case.extension_amount
    if not 1 <= amount <= left or times >= int(limit["most_times"]):
        raise ExtensionTooLong(most=left, most_times=int(limit["most_times"]))


def _plain(data: dict[str, object]) -> dict[str, object]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in data.items()}


@transaction.atomic
def reject(*, actor: User, case: Case, reason_code: str, note: str, now: datetime) -> Case:
    """不予受理 for a reason of the lawful list; the resident is told who refused and where to go instead."""
    case = locked(case)
    allowed(case, "reject")
    entry = listed("reject_reasons", reason_code, case=case, now=now)
    case.ended_at = now
    take(case, "reject", actor=actor, now=now, note=note.strip()[:1000], data={"reason": entry, "by": actor.name})
    return case


@transaction.atomic
def merge(*, actor: User, case: Case, into: Case, now: datetime) -> Case:
    """并单: the case goes on as part of `into`; its reporters are answered with it. Raises CannotMerge."""
    first, second = sorted([case.pk, into.pk])
    if first == second:
        raise CannotMerge
    rows = {c.pk: c for c in Case.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")}
    case, into = rows[case.pk], rows[into.pk]
    if into.status not in OPEN or into.area_code != case.area_code:
        raise CannotMerge
    case.merged_into, case.ended_at = into, now
    take(case, "merge", actor=actor, now=now, data={"into": into.number, "into_code": into.receipt_code})
    Reporter.objects.bulk_create([_copied(reporter, into) for reporter in case.reporters.all()])
    take(into, "add_note", actor=actor, now=now, data={"merged": case.number})
    return case


def _copied(reporter: Reporter, into: Case) -> Reporter:
    return Reporter(
        case=into,
        name=reporter.name,
        phone=reporter.phone,
        room=reporter.room,
        phone_confirmed_at=reporter.phone_confirmed_at,
        created_at=reporter.created_at,
    )


@transaction.atomic
def split(*, actor: User, case: Case, text: str, category_code: str, now: datetime) -> Case:
    """拆单: a part of the case becomes a case of its own, with its own holder and deadline; return the new one."""
    case = locked(case)
    allowed(case, "split")
    location = dispatching.location_of(case)
    report = Report(text, category_code, location, channel=Channel.SPLIT, address_text=case.address_text)
    part = report_case(actor=actor, report=report, now=now)
    part.split_from = case
    part.save(update_fields=["split_from"])
    Reporter.objects.filter(case=part).delete()
    Reporter.objects.bulk_create([_copied(reporter, part) for reporter in case.reporters.all()])
    take(case, "split", actor=actor, now=now, data={"part": part.number, "part_code": part.receipt_code})
    return part


@transaction.atomic
def recategorise(*, actor: User, case: Case, category_code: str, now: datetime) -> Case:
    """改分类: the rule of the new category, in force on the day of the report, applies from the report on."""
    case = locked(case)
    allowed(case, "recategorise")
    on = timezone.localdate(case.reported_at)
    kind = directory.kind(category_code, on=on, area_code=case.area_code)
    before = case.category_id
    case.category_id, case.rule_id = kind.category_id, kind.rule_id
    case.extension_amount = 0
    clocks.set_deadlines(case, directory.rules_by_id()[kind.rule_id])
    take(case, "recategorise", actor=actor, now=now, data={"from": before, "to": kind.category_id, "code": kind.code})
    learning.learn(text=case.text, category_code=kind.code)
    return case
