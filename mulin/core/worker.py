"""The worker process: deliver events, run recurring tasks, survive everything."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import close_old_connections, connection, transaction
from django.db.models import Q

from mulin.core import outbox
from mulin.core.clock_watch import ClockWatch, steady_s
from mulin.core.models import PeriodicTask

log = logging.getLogger(__name__)

IDLE_S = 0.5
TASK_LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class Task:
    name: str
    every: timedelta
    run: Callable[[datetime], object]


_tasks: dict[str, Task] = {}


def periodic(name: str, *, every: timedelta) -> Callable[[Callable[[datetime], object]], Callable[[datetime], object]]:
    """Run the decorated function, given the time, about `every` so often in one worker of all."""

    def register(run: Callable[[datetime], object]) -> Callable[[datetime], object]:
        _tasks[name] = Task(name, every, run)
        return run

    return register


def run(stop: threading.Event) -> None:
    """Work until `stop` is set. Errors of the database are waited out.

    After the machine's clock was moved far, what happens by the clock waits until it has stood for a while.
    """
    watch = ClockWatch()
    while not stop.is_set():
        try:
            close_old_connections()
            now = datetime.now(UTC)
            worked = work_once(now=now, tasks=watch.is_settled(now=now, steady_s=steady_s()))
        except Exception:  # the database may be restarting; the worker outlives it
            log.exception("The worker will try again")
            connection.close()
            worked = 0
            stop.wait(5)
        if not worked:
            stop.wait(IDLE_S)


def work_once(*, now: datetime, tasks: bool = True) -> int:
    """Do what is due now, with or without the recurring tasks; return how much was done."""
    return outbox.deliver_pending(now=now) + (run_due_tasks(now=now) if tasks else 0)


def names() -> list[str]:
    """Return the names of the recurring tasks."""
    return sorted(_tasks)


def run_now(name: str, *, now: datetime) -> bool:
    """Run one recurring task at once; return whether it went well. Raises KeyError for an unknown name."""
    task = _tasks[name]
    PeriodicTask.objects.get_or_create(name=name, defaults={"due_at": now})
    return _run(task, now=now)


def run_due_tasks(*, now: datetime) -> int:
    return sum(_run(task, now=now) for task in _tasks.values() if _claim(task, now=now))


def _claim(task: Task, *, now: datetime) -> bool:
    """Take a due task; one whose moments lie further ahead than we ever set them is due, the clock was put back."""
    free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * TASK_LEASE)
    is_due = Q(due_at__lte=now) | Q(due_at__gt=now + 2 * task.every)
    rows = PeriodicTask.objects.filter(name=task.name)
    if rows.filter(free, is_due).update(leased_until=now + TASK_LEASE):
        return True
    if not rows.exists():
        with transaction.atomic():
            PeriodicTask.objects.get_or_create(name=task.name, defaults={"due_at": now})
    return False


def _run(task: Task, *, now: datetime) -> bool:
    began, error = time.monotonic(), ""
    try:
        task.run(now)
    except Exception as failure:  # a failing task is shown to the administrator, and tried again
        log.warning("Task %s failed: %r", task.name, failure)
        error = f"{type(failure).__name__}: {failure}"[:2000]
    PeriodicTask.objects.filter(name=task.name).update(
        due_at=now + task.every,
        leased_until=None,
        ran_at=now,
        took_ms=int((time.monotonic() - began) * 1000),
        error=error,
    )
    return not error


@periodic("core.prune_outbox", every=timedelta(hours=6))
def prune_outbox(now: datetime) -> None:
    outbox.prune(before=now - timedelta(days=30))
