"""What cases do by the clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from mulin.core import ratelimit
from mulin.core.privacy.retention import register
from mulin.core.worker import periodic
from mulin.domains.cases import queries
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import directory
from mulin.domains.cases.services import emergencies, handover, holding, resident, retention
from mulin.domains.cases.states import IN_HAND, Status
from mulin.domains.places.models import Tier

BATCH = 500


def _some(cases: Iterable[int]) -> Iterator[Case]:
    for pk in cases:
        yield Case(pk=pk)


@periodic("cases.escalate_by_clock", every=timedelta(minutes=1))
def escalate_overdue(now: datetime) -> int:
    """提级 what was not accepted or not resolved in time."""
    late = Q(status=Status.DISPATCHED, accept_due_at__lt=now) | Q(
        status__in=IN_HAND, resolve_due_at__lt=now, overdue_escalated=False
    )
    due = Case.objects.filter(late, tier__lt=Tier.COUNTY).order_by("pk").values_list("pk", flat=True)
    return sum(holding.escalate_by_clock(case=case, now=now) for case in _some(list(due[:BATCH])))


@periodic("cases.resume_by_clock", every=timedelta(minutes=1))
def resume_paused(now: datetime) -> int:
    over = Case.objects.filter(status=Status.PAUSED, paused_until__lte=now).values_list("pk", flat=True)
    return sum(bool(holding.resume(actor=None, case=case, now=now)) for case in _some(list(over[:BATCH])))


@periodic("cases.lapse", every=timedelta(minutes=10))
def lapse_unrated(now: datetime) -> int:
    """逾期未评: close what was not rated within the window of its area."""
    waiting = Case.objects.filter(status=Status.RESOLVED).order_by("resolved_at")
    rows = waiting.values_list("pk", "area_code", "resolved_at")[:BATCH]
    windows: dict[str, timedelta] = {}
    count = 0
    for pk, area_code, resolved_at in rows:
        county = area_code[:6].ljust(12, "0")
        if county not in windows:
            days = directory.policy("rating_lapse_days", now=now, area_code=county)
            windows[county] = timedelta(days=days)
        if resolved_at and resolved_at + windows[county] < now:
            count += resident.lapse(case=Case(pk=pk), now=now)
    return count


@periodic("cases.hand_over_left_behind", every=timedelta(minutes=5))
def hand_over_left_behind(now: datetime) -> int:
    """Hand on what reached a tenure in the moment it ended, after its event had been dealt with."""
    left = queries.held_by_ended_tenures()[:BATCH]
    return sum(handover.hand_over(case=Case(pk=pk), tenure_id=tenure_id, now=now) for pk, tenure_id in left)


@periodic("cases.end_emergencies", every=timedelta(minutes=1))
def end_emergencies(now: datetime) -> int:
    return emergencies.end_passed(now=now)


@periodic("cases.prune_attempts", every=timedelta(hours=6))
def prune_attempts(now: datetime) -> int:
    return ratelimit.prune(now=now)


register("CASE_CONTACT", retention.contacts_over, retention.erase_contacts)
register("CASE_CONTACT", retention.care_over, retention.erase_care)
register("CASE_PHOTO", retention.photos_over, retention.delete_photos)
register("CASE_WORDS", retention.words_over, retention.erase_words)
