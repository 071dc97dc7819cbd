"""Close records into batches that name the batch before: done by the worker, so that no writer queues.

A record that commits late is in a later batch, whatever its id: a batch names its rows, it does not end at one.
"""

import hashlib
import hmac
import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction

from mulin.core.audit.models import AuditRecord, AuditRemoval, AuditSeal
from mulin.core.history import FIRST, chain_hash

BATCH = 1000
DIGEST_DIGITS = 16
LONGEST_TRANSACTION = timedelta(hours=1)
"""What is still unsealed below a batch of that age was not written by us."""


def signed(text: str) -> str:
    """Return the HMAC-SHA256 of `text` under the audit key, as 64 hex digits."""
    return hmac.new(settings.MULIN_AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def digest(record: AuditRecord) -> str:
    """Return SHA-256 over every column of a record, alike on both databases."""
    content = {field.attname: _plain(getattr(record, field.attname)) for field in record._meta.concrete_fields}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def seal_hash(seal: AuditSeal, digests: Sequence[str]) -> str:
    """Return the hash of a batch over its rows' full hashes and the seal before."""
    content = {"sequence": seal.sequence, "at": _plain(seal.at), "ranges": seal.ranges, "rows": list(digests)}
    return chain_hash(seal.previous, content)


def seal_all(*, now: datetime) -> int:
    """Seal what is not sealed yet; return how many batches that made."""
    count = 0
    while seal_batch(now=now):
        count += 1
    return count


def seal_batch(*, now: datetime) -> bool:
    with transaction.atomic():
        records = _unsealed(now=now)
        if not records:
            return False
        sequence, previous = _last()
        digests = [digest(record) for record in records]
        seal = AuditSeal(sequence=sequence + 1, at=now, previous=previous, ranges=ranges(r.pk for r in records))
        seal.digests = "".join(one[:DIGEST_DIGITS] for one in digests)
        seal.hash = seal_hash(seal, digests)
        seal.mac = signed(seal.hash)
        seal.save(force_insert=True)
        return True


def _last() -> tuple[int, str]:
    seal = AuditSeal.objects.order_by("-sequence").first()
    last = seal or AuditRemoval.objects.order_by("-sequence").first()
    return (last.sequence, last.hash) if last else (0, FIRST)


def _unsealed(*, now: datetime) -> list[AuditRecord]:
    """Return up to a batch of records in order of id; looks no further back than a transaction can last."""
    old = AuditSeal.objects.filter(at__lt=now - LONGEST_TRANSACTION).order_by("-sequence").first()
    floor = old.ranges[-1][1] if old else _removed_up_to()
    recent = AuditSeal.objects.filter(sequence__gt=old.sequence if old else 0)
    sealed = Covered(one for found in recent.values_list("ranges", flat=True) for one in found)
    ids = AuditRecord.objects.filter(pk__gt=floor).order_by("pk").values_list("pk", flat=True)
    wanted = list(islice((pk for pk in ids.iterator(chunk_size=BATCH) if pk not in sealed), BATCH))
    return list(AuditRecord.objects.filter(pk__in=wanted).order_by("pk"))


class Covered:
    """Ids that lie in one of some ranges."""

    def __init__(self, found: Iterable[Sequence[int]]) -> None:
        self._ranges = sorted((first, last) for first, last in found)
        self._firsts = [first for first, _last in self._ranges]

    def __contains__(self, pk: int) -> bool:
        at = bisect_right(self._firsts, pk) - 1
        return at >= 0 and pk <= self._ranges[at][1]


def _removed_up_to() -> int:
    removal = AuditRemoval.objects.order_by("-sequence").first()
    return removal.last_id if removal else 0


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Return ascending ids as closed ranges: 1 2 3 7 is [[1, 3], [7, 7]]."""
    found: list[list[int]] = []
    for one in ids:
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return found
