"""The audit: rows that cannot be altered, batches that tell, and what is removed when its time is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from mulin.core.audit import purposes, retention, sealing, triggers, verifying
from mulin.core.audit.models import AuditRecord, AuditRemoval, AuditSeal, AuditVerification
from mulin.core.audit.origin import Origin, coming_from
from mulin.core.audit.recording import record_write
from mulin.core.audit.sealing import Covered, ranges
from mulin.core.audit.verifying import Fault

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def write(count: int = 1, *, at: datetime = NOW) -> list[int]:
    for number in range(count):
        record_write(actor=None, action=f"tests.write_{number}", one=None, now=at)
    return list(AuditRecord.objects.order_by("-pk").values_list("pk", flat=True)[:count])[::-1]


def faults(*, now: datetime = NOW) -> list[Fault]:
    return [one for one in verifying.walk(now=now) if one is not None]


@contextmanager
def without_triggers() -> Iterator[None]:
    """What somebody does who owns the database: the chain, not the trigger, has to tell."""
    with connection.cursor() as cursor:
        for statement in triggers.removal(connection.vendor):
            cursor.execute(statement)
        yield
        for statement in triggers.creation(connection.vendor):
            cursor.execute(statement)


def test_a_record_says_from_where() -> None:
    with coming_from(Origin("10.1.2.3", "a" * 32)):
        record_write(actor="root", action="tests.write", one=None, now=NOW)
    row = AuditRecord.objects.get()
    assert (row.address, row.request_id, row.kind, row.at) == ("10.1.2.3", "a" * 32, "WRITE", NOW)


def test_a_resident_without_an_account_is_not_traced() -> None:
    with coming_from(Origin("10.1.2.3", "a" * 32)):
        write()
    assert AuditRecord.objects.get().address == ""


@pytest.mark.parametrize("table", [AuditRecord, AuditSeal])
def test_the_database_refuses_to_change_or_delete(table: type[AuditRecord] | type[AuditSeal]) -> None:
    write(2)
    sealing.seal_all(now=NOW)
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        table.objects.update(at=NOW - timedelta(days=400))
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        table.objects.all().delete()
    assert triggers.missing() == []
    assert faults() == []


def test_batches_are_chained_and_sealed_once() -> None:
    write(3)
    assert sealing.seal_all(now=NOW) == 1
    assert sealing.seal_all(now=NOW) == 0
    write(2)
    assert sealing.seal_all(now=NOW) == 1
    first, second = AuditSeal.objects.order_by("sequence")
    assert second.previous == first.hash
    assert verifying.head() == verifying.Head(2, second.hash)
    assert faults() == []


def test_a_record_that_commits_late_is_in_a_later_batch() -> None:
    """Its id is lower than that of rows sealed already, as happens when two transactions overlap."""
    ids = write(3)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[1]).delete()
    sealing.seal_all(now=NOW)
    late = AuditRecord(pk=ids[1], at=NOW, kind="WRITE", action="tests.late")
    late.save(force_insert=True)
    assert sealing.seal_all(now=NOW + timedelta(minutes=1)) == 1
    assert AuditSeal.objects.get(sequence=2).ranges == [[ids[1], ids[1]]]
    assert faults(now=NOW + timedelta(days=1)) == []


def test_a_changed_row_is_named() -> None:
    ids = write(5)
    sealing.seal_all(now=NOW)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[2]).update(actor_name="somebody else")
    assert faults() == [Fault("changed", ids[2])]


def test_a_removed_row_is_named() -> None:
    ids = write(5)
    sealing.seal_all(now=NOW)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[3]).delete()
    assert faults() == [Fault("removed", ids[3])]


def test_an_inserted_row_is_named() -> None:
    ids = write(3)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[1]).delete()
    sealing.seal_all(now=NOW)
    AuditRecord(pk=ids[1], at=NOW, kind="READ", action="tests.forged").save(force_insert=True)
    later = NOW + timedelta(hours=2)
    assert sealing.seal_all(now=later) == 0
    assert faults(now=later) == [Fault("inserted", ids[1])]


def test_a_batch_written_without_the_key_is_named() -> None:
    """A row changed and every hash worked out anew: only the key is missing."""
    ids = write(2)
    sealing.seal_all(now=NOW)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[0]).update(action="tests.nothing_happened")
        seal = AuditSeal.objects.get()
        digests = [sealing.digest(record) for record in AuditRecord.objects.order_by("pk")]
        seal.digests = "".join(one[: sealing.DIGEST_DIGITS] for one in digests)
        seal.hash = sealing.seal_hash(seal, digests)
        seal.save()
    assert faults() == [Fault("unsigned", 1)]


def test_a_removed_batch_is_named() -> None:
    for _number in range(3):
        write(2)
        sealing.seal_all(now=NOW)
    with without_triggers():
        AuditSeal.objects.filter(sequence=2).delete()
    assert faults() == [Fault("missing", 2)]


def test_what_is_too_old_goes_and_the_chain_goes_on(settings) -> None:
    settings.MULIN_AUDIT_DAYS = 200
    old = NOW - timedelta(days=300)
    write(4, at=old)
    sealing.seal_all(now=old)
    write(3)
    sealing.seal_all(now=NOW)
    kept = AuditSeal.objects.get(sequence=1).hash
    assert retention.remove_old(now=NOW) == 4
    assert retention.remove_old(now=NOW) == 0
    assert AuditRecord.objects.count() == 3
    removal = AuditRemoval.objects.get()
    assert (removal.sequence, removal.hash, removal.records) == (1, kept, 4)
    assert faults(now=NOW + timedelta(days=1)) == []
    write()
    sealing.seal_all(now=NOW)
    assert faults() == []


def test_a_removal_written_without_the_key_is_named(settings) -> None:
    settings.MULIN_AUDIT_DAYS = 200
    test_what_is_too_old_goes_and_the_chain_goes_on(settings)
    with without_triggers():
        AuditRemoval.objects.update(records=1)
    assert faults() == [Fault("unsigned", 1)]


def test_nobody_can_set_the_time_below_the_law(settings) -> None:
    settings.MULIN_AUDIT_DAYS = 7
    recent = NOW - timedelta(days=100)
    write(2, at=recent)
    sealing.seal_all(now=recent)
    assert retention.remove_old(now=NOW) == 0
    assert AuditRecord.objects.count() == 2


@given(st.sets(st.integers(1, 300)))
def test_ranges_hold_exactly_their_ids(ids: set[int]) -> None:
    covered = Covered(ranges(sorted(ids)))
    assert {pk for pk in range(310) if pk in covered} == ids


def test_a_purpose_is_one_of_the_list_or_said_in_words() -> None:
    assert purposes.named("CONTACT") == purposes.TO_CONTACT
    assert purposes.named("OTHER", " 街道  要求 ").note == "街道 要求"
    for code, note in (("", ""), ("NOSY", ""), ("OTHER", "  ")):
        with pytest.raises(purposes.PurposeMissing):
            purposes.named(code, note)


def test_the_worker_walks_a_piece_at_a_time_and_once_a_day() -> None:
    ids = []
    for _number in range(5):
        ids += write(2)
        sealing.seal_all(now=NOW)
    with without_triggers():
        AuditRecord.objects.filter(pk=ids[9]).update(actor_name="somebody else")
    assert verifying.verify(now=NOW, most=2).up_to == 2
    assert verifying.verify(now=NOW, most=2).up_to == 4
    walked = verifying.verify(now=NOW, most=2)
    assert (walked.batches, walked.faults, walked.first_faults) == (4, 1, [["changed", ids[9]]])
    assert walked.finished_at == NOW
    assert verifying.verify_when_due(now=NOW + timedelta(hours=1)) == 0
    assert verifying.verify_when_due(now=NOW + verifying.EVERY) == 1
    assert AuditVerification.objects.count() == 2


def test_a_walk_goes_on_past_what_was_removed_lawfully_and_names_what_was_not(settings) -> None:
    settings.MULIN_AUDIT_DAYS = 200
    old = NOW - timedelta(days=300)
    for at in (old, old, NOW, NOW):
        write(at=at)
        sealing.seal_all(now=at)
    assert verifying.verify(now=NOW, most=1).up_to == 1
    assert retention.remove_old(now=NOW) == 2
    assert verifying.verify(now=NOW, most=1).up_to == 3
    with without_triggers():
        AuditSeal.objects.filter(sequence=3).delete()
    walked = verifying.verify(now=NOW)
    assert walked.first_faults[0] == ["unlinked", 4]
