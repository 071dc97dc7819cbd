"""例外: what the burden linter refuses, allowed in an emergency by a named person, for a set time."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mulin.core.audit.recording import record_write
from mulin.core.burden.linter import Definition, judge, refuse_burden
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine.reasons import reasoned
from mulin.domains.cases.models import BurdenException, Emergency


class NoEmergency(Conflict):
    code = "no_emergency"
    sentence = _("现在不在急时状态，不能申请例外。")
    remedy = _("只有安保、应急的特殊场景才可以；先由区级指挥中心开启急时状态。")


class NothingForbidden(Invalid):
    code = "nothing_forbidden"
    sentence = _("这一项不在禁止之列，不需要例外。")


class BasisMissing(Invalid):
    code = "basis_missing"
    sentence = _("请写明依据。")
    remedy = _("写出规定这件事的应急预案或文件，例如《汇川区防汛应急预案》第十二条。")


class ExceptionTimes(Invalid):
    code = "exception_times"
    sentence = _("例外的结束时间应在现在之后，且不晚于这次急时状态。")


@transaction.atomic
def allow(
    *, actor: User, emergency: Emergency, asked: Definition, reason: str, basis: str, ends_at: datetime, now: datetime
) -> list[BurdenException]:
    """Allow a definition while an emergency lasts; recorded in the audit.

    Raises NoEmergency, NothingForbidden, Burdensome where the article knows no exception, ReasonMissing,
    BasisMissing, ExceptionTimes.
    """
    running = Emergency.objects.select_for_update().filter(pk=emergency.pk, ended_at=None, ends_at__gt=now).first()
    if running is None:
        raise NoEmergency
    forbidden = {finding.ban for finding in judge(asked)}
    if not forbidden:
        raise NothingForbidden
    refuse_burden([asked], excepted=[(asked.code, ban.code) for ban in forbidden if ban.in_emergencies])
    words = {"name": asked.name_zh or asked.name_en, "reason": reasoned(reason)[:200], "basis": _ruled(basis)}
    if not now < ends_at <= running.ends_at:
        raise ExceptionTimes
    made = [_made(running, asked.code, ban.code, words, actor, ends_at, now=now) for ban in forbidden]
    for one in made:
        record_write(actor=actor, action="cases.allow_burden", one=one, now=now)
    return made


def _ruled(basis: str) -> str:
    if not basis.strip():
        raise BasisMissing
    return basis.strip()[:200]


def _made(
    emergency: Emergency, code: str, ban: str, words: dict[str, str], actor: User, ends_at: datetime, *, now: datetime
) -> BurdenException:
    """Write an exception; asked again while one runs, it is the newer one that holds."""
    BurdenException.objects.filter(emergency=emergency, definition=code, ban=ban, ended_at=None).update(ended_at=now)
    return BurdenException.objects.create(
        emergency=emergency, definition=code, ban=ban, **words, asked_by=actor, asked_at=now, ends_at=ends_at
    )


@transaction.atomic
def end_over(*, now: datetime) -> int:
    """Write the end of exceptions whose time, or whose emergency, is over; they have had no effect since then."""
    over = Q(ends_at__lte=now) | Q(emergency__ended_at__isnull=False)
    count = 0
    for one in BurdenException.objects.filter(over, ended_at=None).select_related("emergency"):
        ended_at = min(one.ends_at, one.emergency.ended_at or one.ends_at)
        if BurdenException.objects.filter(pk=one.pk, ended_at=None).update(ended_at=ended_at):
            record_write(actor=None, action="cases.end_burden_exception", one=one, now=now)
            count += 1
    return count
