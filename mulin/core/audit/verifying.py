"""Walk the chain of batches and name every row that was changed, removed or put in afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    yield from _removal_faults()
    expected, previous = _beginning()
    for seal in AuditSeal.objects.order_by("sequence").iterator(chunk_size=50):
        faults: list[Fault | None] = list(_faults(seal, expected, previous))
        yield from faults or [None]
        expected, previous = seal.sequence + 1, seal.hash
    yield from _inserted(now=now)


def _beginning() -> tuple[int, str]:
    """Return the number the chain begins with and the hash its first batch names."""
    removal = AuditRemoval.objects.order_by("-sequence").first()
    return (removal.sequence + 1, removal.hash) if removal else (1, FIRST)


def _removal_faults() -> Iterator[Fault]:
    removal = AuditRemoval.objects.order_by("-sequence").first()
    if removal and removal.mac != removal_mac(removal):
        yield Fault("unsigned", removal.sequence)


MOST_FAULTS_KEPT = 50
BATCHES_AT_ONCE = 2_000
EVERY = timedelta(hours=24)


def verify_when_due(*, now: datetime) -> int:
    """Go on with the walk that is under way, or begin one if the last is a day old; return the faults found by it."""
    last = AuditVerification.objects.order_by("-pk").first()
    if last is not None and last.finished_at is not None and now - last.at < EVERY:
        return 0
    return verify(now=now).faults


def verify(*, now: datetime, most: int = BATCHES_AT_ONCE) -> AuditVerification:
    """Walk the next `most` batches of the chain and keep what was found, for the auditor's page."""
    walked = AuditVerification.objects.filter(finished_at=None).first()
    faults = [] if walked else list(_removal_faults())
    walked = walked or AuditVerification(at=now)
    expected, previous = _after(walked.up_to)
    seals = list(AuditSeal.objects.filter(sequence__gte=expected).order_by("sequence")[:most])
    for seal in seals:
        wrong = list(_faults(seal, expected, previous))
        faults += wrong
        walked.batches += not wrong
        expected, previous = seal.sequence + 1, seal.hash
    walked.up_to = expected - 1
    if len(seals) < most:
        faults += _inserted(now=now)
        walked.finished_at = now
    walked.faults += len(faults)
    walked.first_faults = [*walked.first_faults, *([f.kind, f.number] for f in faults)][:MOST_FAULTS_KEPT]
    walked.save()
    return walked


def _after(sequence: int) -> tuple[int, str]:
    """Return the number and the previous hash of the batch after one, which may have been removed lawfully since."""
    beginning = _beginning()
    if sequence < beginning[0]:
        return beginning
    seal = AuditSeal.objects.filter(sequence=sequence).first()
    return sequence + 1, seal.hash if seal else ""


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
