"""Make any move of the lifecycle with any case, through the services; refusals are part of the walk."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Whistle
from mulin.domains.cases.services import handover
from tests.factories import Town

Walk = Callable[[Case, Town, datetime], object]


def _other(case: Case) -> Case:
    other = Case.objects.exclude(pk=case.pk).order_by("-pk").first()
    return other or case


def _whistle(case: Case) -> Whistle:
    return Whistle.objects.filter(case=case).order_by("-pk").first() or Whistle(pk=0, case=case)


def _answer(case: Case, town: Town, now: datetime) -> object:
    called = _whistle(case)
    if not called.pk:
        return None
    return services.give_result(actor=town.users["department"], whistle=called, answer="已处理", now=now)


MOVES: dict[str, Walk] = {
    "verify": lambda c, t, now: services.verify(actor=t.users["community"], case=c, note="现场看过", now=now),
    "dispatch": lambda c, t, now: services.dispatch(actor=t.users["community"], case=c, now=now),
    "reassign": lambda c, t, now: services.dispatch(
        actor=t.users["community"], case=c, tenure=t.tenures["grid_worker"], now=now
    ),
    "to_department": lambda c, t, now: services.dispatch(
        actor=t.users["county"], case=c, organisation=t.organisations["URBAN_MANAGEMENT"], now=now
    ),
    "accept": lambda c, t, now: services.accept(actor=t.users["leader"], case=c, now=now),
    "contact": lambda c, t, now: services.contact(actor=t.users["leader"], case=c, note="打过电话", now=now),
    "return": lambda c, t, now: services.return_case(
        actor=t.users["leader"], case=c, reason_code="WRONG_PLACE", note="不在本楼", now=now
    ),
    "refuse_return": lambda c, t, now: services.refuse_return(
        actor=t.users["community"], case=c, reason="属于本楼", now=now
    ),
    "escalate": lambda c, t, now: services.escalate(actor=t.users["leader"], case=c, reason="办不了", now=now),
    "escalate_by_clock": lambda c, t, now: services.escalate_by_clock(case=c, now=now + timedelta(days=60)),
    "whistle": lambda c, t, now: services.whistle(
        actor=t.users["community"], case=c, organisation=t.organisations["URBAN_MANAGEMENT"], ask="请到场", now=now
    ),
    "answer": _answer,
    "pause": lambda c, t, now: services.pause(
        actor=t.users["leader"], case=c, reason_code="WEATHER", until=now + timedelta(days=2), note="", now=now
    ),
    "resume": lambda c, t, now: services.resume(actor=t.users["leader"], case=c, now=now),
    "resume_by_clock": lambda c, t, now: services.resume(actor=None, case=c, now=now),
    "extend": lambda c, t, now: services.extend(actor=t.users["community"], case=c, amount=1, reason="等料", now=now),
    "resolve": lambda c, t, now: services.resolve(actor=t.users["leader"], case=c, result="修好了", now=now),
    "rate": lambda c, t, now: services.rate(actor=None, case=c, solved="NO", satisfied="NO", now=now),
    "lapse": lambda c, t, now: services.lapse(case=c, now=now),
    "reopen": lambda c, t, now: services.reopen(actor=None, case=c, reason="又坏了", now=now),
    "reject": lambda c, t, now: services.reject(
        actor=t.users["community"], case=c, reason_code="EMERGENCY_LINE", note="", now=now
    ),
    "withdraw": lambda c, t, now: services.withdraw(actor=None, case=c, now=now),
    "merge": lambda c, t, now: services.merge(actor=t.users["community"], case=c, into=_other(c), now=now),
    "split": lambda c, t, now: services.split(
        actor=t.users["community"], case=c, text="另外还有噪声", category_code="9901", now=now
    ),
    "recategorise": lambda c, t, now: services.recategorise(
        actor=t.users["community"], case=c, category_code="0102", now=now
    ),
    "add_note": lambda c, t, now: services.add_note(actor=t.users["community"], case=c, note="补充", now=now),
    "hand_over": lambda c, t, now: (
        c.holder_tenure_id and handover.hand_over(case=c, tenure_id=c.holder_tenure_id, now=now)
    ),
}
