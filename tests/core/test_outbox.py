"""What is published in a transaction is delivered, once, or shown to the administrator; nothing else is."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import outbox, worker
from mulin.core.models import DeliveryState, IdempotencyKey, OutboxMessage, PeriodicTask

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@outbox.event("test.rang")
class Rang:
    bell: str
    event_name: ClassVar[str]


class Broken(Exception):
    pass


@outbox.on(Rang)
def write_down(happened: Rang) -> None:
    """Leaves a row as its effect, and fails on demand after having written it."""
    IdempotencyKey.objects.create(scope="rang", key=f"{happened.bell}:{IdempotencyKey.objects.count()}", created_at=NOW)
    if happened.bell == "broken":
        raise Broken


def ring(bell: str) -> None:
    with transaction.atomic():
        outbox.publish(Rang(bell=bell), now=NOW)


@transaction.atomic
def ring_and_break() -> None:
    outbox.publish(Rang(bell="door"), now=NOW)
    raise Broken


def effects() -> int:
    return IdempotencyKey.objects.filter(scope="rang").count()


@pytest.mark.django_db(transaction=True)
class TestOutbox:
    def test_an_event_is_delivered_once(self):
        ring("door")
        assert outbox.deliver_pending(now=NOW) == 1
        assert outbox.deliver_pending(now=NOW) == 0
        assert effects() == 1

    def test_an_event_of_a_failed_transaction_never_was(self):
        with pytest.raises(Broken):
            ring_and_break()
        assert OutboxMessage.objects.count() == 0

    def test_publishing_outside_a_transaction_is_refused(self):
        with pytest.raises(RuntimeError, match="outside a transaction"):
            outbox.publish(Rang(bell="door"), now=NOW)

    def test_a_failed_handler_leaves_nothing_and_is_tried_again_later(self):
        ring("broken")
        assert outbox.deliver_pending(now=NOW) == 0
        assert effects() == 0
        message = OutboxMessage.objects.get()
        assert (message.attempts, message.due_at) == (1, NOW + outbox.retry_delay(1))
        assert "Broken" in message.error

    def test_a_failing_message_does_not_hold_up_its_neighbour(self):
        ring("broken")
        ring("door")
        assert outbox.deliver_pending(now=NOW) == 1

    def test_after_the_last_attempt_it_lies_with_the_dead_until_revived(self):
        ring("broken")
        at = NOW
        for _ in range(outbox.MOST_ATTEMPTS):
            outbox.deliver_pending(now=at)
            at += timedelta(hours=2)
        dead = OutboxMessage.objects.get()
        assert dead.state == DeliveryState.DEAD
        assert outbox.deliver_pending(now=at) == 0
        OutboxMessage.objects.update(payload={"bell": "mended"})
        assert outbox.revive(message_id=dead.pk, now=at)
        assert outbox.deliver_pending(now=at) == 1
        assert not outbox.revive(message_id=dead.pk, now=at)

    def test_a_message_whose_worker_died_is_taken_again_after_its_lease(self):
        ring("door")
        assert len(outbox.claim(now=NOW)) == 1
        assert outbox.claim(now=NOW + outbox.LEASE / 2) == []
        assert outbox.deliver_pending(now=NOW + outbox.LEASE * 2) == 1

    def test_a_worker_that_lost_its_lease_does_nothing(self):
        ring("door")
        (stale,) = outbox.claim(now=NOW)
        later = NOW + outbox.LEASE * 2
        (fresh,) = outbox.claim(now=later)
        assert not outbox.deliver(stale, now=later)
        assert outbox.deliver(fresh, now=later)
        assert effects() == 1

    def test_delivered_messages_are_pruned_and_others_kept(self):
        ring("door")
        outbox.deliver_pending(now=NOW)
        ring("broken")
        assert outbox.prune(before=NOW + timedelta(days=1)) == 1
        assert OutboxMessage.objects.count() == 1


@given(st.integers(1, 40))
def test_pauses_between_attempts_grow_and_end_at_an_hour(attempts):
    assert outbox.retry_delay(attempts) <= outbox.retry_delay(attempts + 1) <= timedelta(hours=1)


_ran: list[datetime] = []


@pytest.fixture
def _tasks_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that counts its runs and one that fails; other tests never meet them."""
    monkeypatch.setattr(worker, "_tasks", dict(worker._tasks))

    @worker.periodic("test.count", every=timedelta(minutes=5))
    def count(now: datetime) -> None:
        _ran.append(now)

    @worker.periodic("test.broken", every=timedelta(minutes=5))
    def broken(now: datetime) -> None:
        raise Broken


@pytest.mark.usefixtures("_tasks_of_our_own")
@pytest.mark.django_db(transaction=True)
class TestPeriodicTasks:
    def run(self, now: datetime) -> list[datetime]:
        _ran.clear()
        worker.run_due_tasks(now=now)
        return list(_ran)

    def test_a_task_runs_when_due_and_not_before(self):
        self.run(NOW)
        assert self.run(NOW) == [NOW]
        assert self.run(NOW + timedelta(minutes=1)) == []
        assert self.run(NOW + timedelta(minutes=5)) == [NOW + timedelta(minutes=5)]

    def test_a_failing_task_is_shown_and_tried_again(self):
        self.run(NOW)
        self.run(NOW)
        task = PeriodicTask.objects.get(name="test.broken")
        assert "Broken" in task.error
        assert task.due_at == NOW + timedelta(minutes=5)

    def test_a_task_whose_worker_died_runs_again_after_its_lease(self):
        self.run(NOW)
        PeriodicTask.objects.filter(name="test.count").update(due_at=NOW, leased_until=NOW + worker.TASK_LEASE)
        assert self.run(NOW + timedelta(minutes=1)) == []
        after = NOW + worker.TASK_LEASE + timedelta(seconds=1)
        assert self.run(after) == [after]
