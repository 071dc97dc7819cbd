"""`mulin tasks`: what waits, what failed, a second try."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead():
    now = timezone.now()
    return OutboxMessage.objects.create(
        event="cases.moved", handler="mulin.nowhere", payload={"case_id": 1}, state=DeliveryState.DEAD,
        published_at=now, due_at=now - timedelta(hours=1), attempts=8, error="ValueError: broken",
    )  # fmt: skip


def test_a_quiet_queue_ends_well(run):
    result = run("tasks")
    assert result.exit_code == 0
    assert "失败 0 件" in result.output


def test_a_dead_letter_is_shown_and_revived_once(run, dead):
    shown = run("tasks")
    assert shown.exit_code == 1
    assert "失败 1 件" in shown.output
    assert run("tasks", "revive", dead.pk).exit_code == 0
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error) == (DeliveryState.PENDING, 0, "")
    assert run("tasks", "revive", dead.pk).exit_code == 2


def test_a_task_is_run_by_name(run):
    assert run("tasks", "run", "core.prune_outbox").exit_code == 0
    assert PeriodicTask.objects.get(name="core.prune_outbox").ran_at is not None
    assert run("tasks", "run", "no.such").exit_code == 2
