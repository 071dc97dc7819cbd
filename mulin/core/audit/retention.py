"""Remove whole batches whose time is over, and leave the hash the chain goes on from."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mulin.core.audit.models import AuditRecord, AuditRemoval, AuditSeal
from mulin.core.audit.triggers import LEAST_DAYS
from mulin.core.audit.verifying import removal_mac

MOST_AT_ONCE = 50


def days_kept() -> int:
    """Return the setting, never less than the half year the law asks for."""
    return max(settings.MULIN_AUDIT_DAYS, LEAST_DAYS + 1)


def remove_old(*, now: datetime) -> int:
    """Remove batches all of whose records are too old, oldest first; return how many records that were."""
    count = 0
    while removed := _remove_some(before=now - timedelta(days=days_kept()), now=now):
        count += removed
    return count


def _remove_some(*, before: datetime, now: datetime) -> int:
    with transaction.atomic():
        over = _over(before)
        if not over:
            return 0
        removed = sum(_delete_rows(seal) for seal in over)
        last = over[-1]
        removal = AuditRemoval(sequence=last.sequence, at=now, records=removed, hash=last.hash)
        removal.last_id = max(last_id for seal in over for _first, last_id in seal.ranges)
        removal.mac = removal_mac(removal)
        removal.save(force_insert=True)
        AuditSeal.objects.filter(sequence__lte=last.sequence).delete()
        return removed


def _over(before: datetime) -> list[AuditSeal]:
    """Return the oldest batches in a row that were sealed before, so that no record in them is younger."""
    found = []
    for seal in AuditSeal.objects.order_by("sequence")[:MOST_AT_ONCE]:
        if seal.at >= before:
            break
        found.append(seal)
    return found


def _delete_rows(seal: AuditSeal) -> int:
    return sum(AuditRecord.objects.filter(pk__range=(first, last)).delete()[0] for first, last in seal.ranges)
