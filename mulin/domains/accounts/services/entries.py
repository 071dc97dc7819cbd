"""Writes of the door: failures counted and locks set, the sign-in log, what is forgotten in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mulin.core.clock_watch import CLOCKS_DIFFER
from mulin.core.errors import TooMany
from mulin.domains.accounts.models import Entry, EntryMethod, EntryResult, FailedEntry, PhoneCode, Session, User
from mulin.domains.accounts.rules import FAILURES_FORGOTTEN_AFTER, lock_after

PHONE_CODES_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Origin:
    """Where somebody comes from: the address of the request, and system and browser in words."""

    address: str
    device: str


@transaction.atomic
def record_entry(
    *, actor: User | None, result: EntryResult, origin: Origin, now: datetime, method: EntryMethod | str = ""
) -> None:
    """Write one line of the sign-in log; `actor` is nobody when the name is nobody's."""
    Entry.objects.create(
        at=now, user=actor, result=result, method=method, address=origin.address[:45], device=origin.device[:60]
    )


def check_lock(*, bucket: str, now: datetime) -> None:
    """Raise TooMany while `bucket` is locked; known and unknown names are locked alike."""
    failed = FailedEntry.objects.filter(bucket=bucket, locked_until__gt=now, failed_at__lt=now + CLOCKS_DIFFER)
    if failed.exists():
        raise TooMany


@transaction.atomic
def count_failure(*, bucket: str, now: datetime) -> None:
    """Count one more failure in a row; from the fifth on each locks twice as long as the one before."""
    FailedEntry.objects.get_or_create(bucket=bucket, defaults={"failed_at": now})
    row = FailedEntry.objects.select_for_update().get(bucket=bucket)
    row.count = 1 if row.failed_at < now - FAILURES_FORGOTTEN_AFTER else row.count + 1
    lock = lock_after(row.count)
    row.failed_at, row.locked_until = now, now + lock if lock else None
    row.save()


@transaction.atomic
def forgive(*, bucket: str) -> None:
    """The right answer came: the next slip counts as the first."""
    FailedEntry.objects.filter(bucket=bucket).delete()


@transaction.atomic
def forget_old_entries(*, now: datetime) -> None:
    """Delete what is past its time: log lines, ended sessions, old failures, codes of phones."""
    Entry.objects.filter(at__lt=now - timedelta(days=settings.MULIN_SIGN_IN_LOG_DAYS)).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    FailedEntry.objects.filter(failed_at__lt=now - FAILURES_FORGOTTEN_AFTER).delete()
    PhoneCode.objects.filter(created_at__lt=now - PHONE_CODES_KEPT).delete()
