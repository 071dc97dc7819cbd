"""Slow down guessing: count refused attempts per address and window, in the database so that all processes see them."""

from datetime import datetime, timedelta

from django.db.models import F, Sum

from mulin.core.errors import TooMany
from mulin.core.models import RefusedAttempt

WINDOW = timedelta(minutes=10)


def _window(now: datetime) -> datetime:
    return now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0)


def check(bucket: str, *, most: int, now: datetime) -> None:
    """Raise TooMany when `bucket` has had `most` refused attempts in this and the last window."""
    here = _window(now)  # windows ahead are of a clock that was wrong: they would shut somebody out until then
    recent = RefusedAttempt.objects.filter(bucket=bucket[:120], window_at__range=(here - WINDOW, here + WINDOW))
    if (recent.aggregate(total=Sum("count"))["total"] or 0) >= most:
        raise TooMany


def count_refused(bucket: str, *, now: datetime) -> None:
    """Count one more attempt of `bucket`; in the common case one query."""
    rows = RefusedAttempt.objects.filter(bucket=bucket[:120], window_at=_window(now))
    if rows.update(count=F("count") + 1):
        return
    _row, created = RefusedAttempt.objects.get_or_create(bucket=bucket[:120], window_at=_window(now))
    if not created:
        rows.update(count=F("count") + 1)


def prune(*, now: datetime) -> int:
    return RefusedAttempt.objects.filter(window_at__lt=now - timedelta(days=1)).delete()[0]
