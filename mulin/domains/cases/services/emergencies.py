"""急时: switched on by a named person with a reason and an end; off by itself."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mulin.core import versions
from mulin.core.audit.recording import record_write
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine.reasons import reasoned
from mulin.domains.cases.models import Emergency
from mulin.domains.cases.queries import directory
from mulin.domains.cases.queries.directory import EMERGENCY_VERSION
from mulin.domains.cases.services import burden
from mulin.domains.places.models import Place


class EmergencyTimes(Invalid):
    code = "emergency_times"
    sentence = _("急时状态的结束时间应在现在之后，且不超过规定的最长时间。")
    remedy = _("确需更久时，到期后由负责人重新开启并写明理由。")


class EmergencyRunning(Conflict):
    code = "emergency_running"
    sentence = _("这个区域已经处于急时状态。")


class EmergencyOver(Conflict):
    code = "emergency_over"
    sentence = _("急时状态已经结束。")


@transaction.atomic
def begin(*, actor: User, area: Place, reason: str, ends_at: datetime, now: datetime) -> Emergency:
    """Switch 急时 on. Raises EmergencyTimes, EmergencyRunning, ReasonMissing."""
    hours = directory.policy("emergency_longest_hours", now=now, area_code=area.area_code)
    if not now < ends_at <= now + timedelta(hours=hours):
        raise EmergencyTimes
    end_passed(now=now)
    try:
        with transaction.atomic():
            emergency = Emergency.objects.create(
                area=area, reason=reasoned(reason)[:200], began_by=actor, began_at=now, ends_at=ends_at
            )
    except IntegrityError as running:
        raise EmergencyRunning from running
    versions.bump(EMERGENCY_VERSION)
    return emergency


@transaction.atomic
def end(*, actor: User, emergency: Emergency, now: datetime) -> None:
    """Switch it off before its time. Raises EmergencyOver."""
    running = Emergency.objects.filter(pk=emergency.pk, ended_at=None, ends_at__gt=now)
    if not running.update(ended_at=now, ended_by=actor):
        raise EmergencyOver
    burden.end_over(now=now)
    versions.bump(EMERGENCY_VERSION)


@transaction.atomic
def end_passed(*, now: datetime) -> int:
    """Write the end of those whose time is over; they have had no effect since then."""
    count = 0
    for emergency in Emergency.objects.filter(ended_at=None, ends_at__lte=now):
        if Emergency.objects.filter(pk=emergency.pk, ended_at=None).update(ended_at=emergency.ends_at):
            record_write(actor=None, action="cases.end_passed", one=emergency, now=now)
            count += 1
    if count:
        versions.bump(EMERGENCY_VERSION)
    burden.end_over(now=now)
    return count
