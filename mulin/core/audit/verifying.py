"""Walk the chain of batches and name every row that was changed, removed or put in afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mulin.core.audit.models import AuditRecord, AuditRemoval, AuditSeal, AuditVerification
from mulin.core.audit.sealing import (
    BATCH,
    DIGEST_DIGITS,
    LONGEST_TRANSACTION,
    Covered,
    digest,
    seal_hash,
    signed,
)
from mulin.core.history import FIRST


@dataclass(frozen=True)
class Fault:
    """What is wrong: `kind` changed, removed or inserted (a record), unlinked, unsigned or missing (a batch)."""

    kind: str
    number: int


@dataclass(frozen=True)
class Head:
    """Where the chain ends. Written down elsewhere, it shows later that nothing was cut off its end."""

    sequence: int
    hash: str


def head() -> Head:
    last = AuditSeal.objects.order_by("-sequence").first() or AuditRemoval.objects.order_by("-sequence").first()
    return Head(last.sequence, last.hash) if last else Head(0, FIRST)


def reaches(written_down: str) -> bool:
    """Say whether the chain holds the head somebody wrote down ('12:ab…'), or has lawfully removed it since."""
    sequence, _colon, was = written_down.partition(":")
    if not (sequence.isascii() and sequence.isdigit() and len(sequence) < 19):
        return False
    seal = AuditSeal.objects.filter(sequence=int(sequence)).first()
    if seal is not None:
        return seal.hash == was
    return AuditRemoval.objects.filter(sequence__gte=int(sequence)).exists()


def walk(*, now: datetime) -> Iterator[Fault | None]:
    """Yield once per batch what is wrong with it (None: nothing), and then every record that belongs to none."""
    removal = AuditRemoval.objects.order_by("-sequence").first()
    expected, previous = (removal.sequence + 1, removal.hash) if removal else (1, FIRST)
    if removal and removal.mac != removal_mac(removal):
        yield Fault("unsigned", removal.sequence)
    for seal in AuditSeal.objects.order_by("sequence").iterator(chunk_size=50):
        faults: list[Fault | None] = list(_faults(seal, expected, previous))
        yield from faults or [None]
        expected, previous = seal.sequence + 1, seal.hash
    yield from _inserted(now=now)


MOST_FAULTS_KEPT = 50


def verify(*, now: datetime) -> AuditVerification:
    """Walk the whole chain and keep what was found, for the auditor's page."""
    batches, faults = 0, []
    for fault in walk(now=now):
        if fault is None:
            batches += 1
        else:
            faults.append([fault.kind, fault.number])
    kept = faults[:MOST_FAULTS_KEPT]
    return AuditVerification.objects.create(at=now, batches=batches, faults=len(faults), first_faults=kept)


def removal_mac(removal: AuditRemoval) -> str:
    """Return the signature of a removal: how far, how many, and the hash the chain goes on from."""
    return signed(f"removal {removal.sequence} {removal.last_id} {removal.records} {removal.hash}")


def _faults(seal: AuditSeal, expected: int, previous: str) -> Iterator[Fault]:
    if seal.sequence != expected:
        yield Fault("missing", expected)
    elif seal.previous != previous:
        yield Fault("unlinked", seal.sequence)
    if seal.mac != signed(seal.hash):
        yield Fault("unsigned", seal.sequence)
    rows, digests = list(_rows(seal)), []
    for pk, found, was in rows:
        digests.append(found)
        if not found:
            yield Fault("removed", pk)
        elif found[:DIGEST_DIGITS] != was:
            yield Fault("changed", pk)
    if all(found[:DIGEST_DIGITS] == was for _pk, found, was in rows) and seal.hash != seal_hash(seal, digests):
        yield Fault("unsigned", seal.sequence)


def _rows(seal: AuditSeal) -> Iterator[tuple[int, str, str]]:
    """Yield id, hash now (empty if the row is gone) and beginning of the hash when it was sealed."""
    ids = [pk for first, last in seal.ranges for pk in range(first, last + 1)]
    there = {record.pk: digest(record) for record in AuditRecord.objects.filter(pk__in=ids)}
    for number, pk in enumerate(ids):
        yield pk, there.get(pk, ""), seal.digests[number * DIGEST_DIGITS : (number + 1) * DIGEST_DIGITS]


def _inserted(*, now: datetime) -> Iterator[Fault]:
    """Yield records below a closed batch that are in none: they did not come from a transaction of ours."""
    old = AuditSeal.objects.filter(at__lt=now - LONGEST_TRANSACTION).order_by("-sequence").first()
    removal = AuditRemoval.objects.order_by("-sequence").first()
    floor = old.ranges[-1][1] if old else removal.last_id if removal else 0
    sealed = Covered(one for found in AuditSeal.objects.values_list("ranges", flat=True) for one in found)
    ids = AuditRecord.objects.filter(pk__lte=floor).order_by("pk").values_list("pk", flat=True)
    for pk in ids.iterator(chunk_size=BATCH):
        if pk not in sealed:
            yield Fault("inserted", pk)
