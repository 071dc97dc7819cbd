"""The machine's clock is put forward and back: a wrong hour escalates nobody, and nothing waits for it to come."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from mulin.commands.seed import seed_reference
from mulin.core import outbox, ratelimit, worker
from mulin.core.clock_watch import SETTLE_S, TOLERANCE_S, ClockWatch
from mulin.core.errors import TooMany
from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask
from mulin.domains.accounts.presence import WRITTEN_AT_MOST_EVERY_S
from mulin.domains.accounts.services import entries
from mulin.domains.accounts.sessions import SEEN_AT
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.factories import NOW, Town, make_town

DAY, DECADE = timedelta(days=1), timedelta(days=3650)
JUMPS = st.one_of(st.floats(TOLERANCE_S + 1, 1e9), st.floats(-1e9, -TOLERANCE_S - 1))


class Machine:
    """A machine whose clock can be moved."""

    def __init__(self) -> None:
        self.watch, self.now, self.steady_s = ClockWatch(), NOW, 1000.0
        assert self.is_settled()

    def go_on(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        self.steady_s += seconds
        return self.is_settled()

    def jump(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.is_settled()

    def is_settled(self) -> bool:
        return self.watch.is_settled(now=self.now, steady_s=self.steady_s)


@given(st.lists(st.floats(0, 1e5), max_size=20))
def test_a_clock_that_goes_on_is_always_believed(pauses: list[float]) -> None:
    machine = Machine()
    assert all(machine.go_on(pause) for pause in pauses)


@given(st.lists(st.floats(-TOLERANCE_S + 1, TOLERANCE_S - 1), max_size=20))
def test_small_corrections_are_believed(corrections: list[float]) -> None:
    machine = Machine()
    assert all(machine.jump(correction) for correction in corrections)


@given(JUMPS)
def test_a_clock_that_was_moved_is_believed_after_it_has_stood(jump: float) -> None:
    machine = Machine()
    assert not machine.jump(jump)
    assert not machine.go_on(SETTLE_S - 1)
    assert machine.go_on(2)
    assert machine.go_on(1)


@given(JUMPS)
def test_a_clock_put_right_again_is_believed_at_once(jump: float) -> None:
    machine = Machine()
    assert not machine.jump(jump)
    assert machine.jump(-jump)


@pytest.fixture
def town(db: None) -> Town:
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def case(town: Town) -> Case:
    location = places.locate_board(town.board_code())
    return services.report_case(actor=None, report=services.Report("路面积水", "0602", location), now=NOW)


@pytest.mark.django_db
def test_a_clock_a_month_ahead_escalates_nobody_while_it_is_not_believed(case: Case) -> None:
    ahead = NOW + 30 * DAY
    worker.work_once(now=NOW)  # registers the tasks
    worker.work_once(now=ahead, tasks=False)
    assert Case.objects.get(pk=case.pk).step_count == case.step_count
    worker.work_once(now=ahead)
    assert Case.objects.get(pk=case.pk).step_count > case.step_count


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [timedelta(hours=3), DAY, DECADE])
def test_messages_written_ahead_are_delivered_when_the_clock_is_back(town: Town, ahead: timedelta) -> None:
    location = places.locate_board(town.board_code())
    services.report_case(actor=None, report=services.Report("路面积水", "0602", location), now=NOW + ahead)
    pending = OutboxMessage.objects.filter(state=DeliveryState.PENDING)
    assert pending.exists()
    outbox.deliver_pending(now=NOW)
    assert not pending.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [timedelta(hours=3), DAY, DECADE])
def test_a_lease_taken_ahead_does_not_hold_a_message_when_the_clock_is_back(case: Case, ahead: timedelta) -> None:
    dead = outbox.claim(now=NOW + ahead)
    assert dead
    assert {message.pk for message in outbox.claim(now=NOW)} == {message.pk for message in dead}
    assert not any(outbox.deliver(message, now=NOW + ahead) for message in dead)


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [10 * DAY, DECADE])
def test_recurring_tasks_run_on_when_the_clock_is_back(town: Town, ahead: timedelta) -> None:
    worker.run_due_tasks(now=NOW)  # registers them
    tasks = worker.names()
    assert worker.run_due_tasks(now=NOW + ahead) == len(tasks)
    assert worker.run_due_tasks(now=NOW) == len(tasks)
    assert PeriodicTask.objects.filter(name__in=tasks, ran_at=NOW).count() == len(tasks)


@pytest.mark.django_db
def test_refusals_counted_ahead_shut_nobody_out_when_the_clock_is_back() -> None:
    for _number in range(5):
        ratelimit.count_refused("door:10.0.0.1", now=NOW + DAY)
    with pytest.raises(TooMany):
        ratelimit.check("door:10.0.0.1", most=5, now=NOW + DAY)
    ratelimit.check("door:10.0.0.1", most=5, now=NOW)


@pytest.mark.django_db
def test_a_lock_set_ahead_shuts_nobody_out_when_the_clock_is_back() -> None:
    for _number in range(9):
        entries.count_failure(bucket="person:1", now=NOW + DAY)
    with pytest.raises(TooMany):
        entries.check_lock(bucket="person:1", now=NOW + DAY)
    entries.check_lock(bucket="person:1", now=NOW)


@pytest.mark.django_db
def test_a_session_seen_ahead_is_counted_from_the_new_hour(town: Town) -> None:
    client = Client()
    client.force_login(town.users["community"])
    session = client.session
    session[SEEN_AT] = int((datetime.now(UTC) + DAY).timestamp())
    session.save()
    client.get(reverse("accounts:security"))
    seen_s = client.session[SEEN_AT]
    assert abs(seen_s - datetime.now(UTC).timestamp()) < WRITTEN_AT_MOST_EVERY_S


@pytest.mark.django_db
def test_the_deadlines_of_a_case_do_not_move_with_the_clock(case: Case) -> None:
    before = (case.respond_due_at, case.resolve_due_at, case.accept_due_at)
    worker.work_once(now=NOW - DAY)
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.respond_due_at, fresh.resolve_due_at, fresh.accept_due_at) == before
    assert fresh.step_count == case.step_count
