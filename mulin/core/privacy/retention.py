"""What is past its time is really deleted or erased: class by class, in batches, with a report of what was done.

Domains register how (`register`); periods say when (`periods`). Every batch is counted in its own transaction: killed
anywhere, the next run goes on with the same report, and done twice it happens once.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mulin.core.audit.recording import record_removal
from mulin.core.privacy.models import RetentionLine, RetentionRun
from mulin.core.privacy.periods import ACTION_LABELS, Action, Period, periods

BATCH = 200


class Over(Protocol):
    """Returns the rows that are past their time and not yet dealt with."""

    def __call__(self, *, before: datetime) -> QuerySet[Any]: ...


class Dispose(Protocol):
    """Deletes or erases these rows, so that they are not `Over` any more."""

    def __call__(self, *, ids: list[Any], now: datetime) -> None: ...


@dataclass(frozen=True)
class Disposal:
    over: Over
    dispose: Dispose


_disposals: dict[str, list[Disposal]] = defaultdict(list)


def register(code: str, over: Over, dispose: Dispose) -> None:
    """Let the retention job deal with a class of data; a class may lie in several tables."""
    _disposals[code].append(Disposal(over, dispose))


def codes() -> set[str]:
    return set(_disposals)


@dataclass(frozen=True)
class Waiting:
    """What a run would do now: a class, and how many rows are past their time."""

    period: Period
    rows: int


def waiting(*, now: datetime) -> list[Waiting]:
    """Count what is past its time, and change nothing."""
    return [
        Waiting(period, sum(one.over(before=period.before(now)).count() for one in _disposals[period.code]))
        for period in _due_periods(now)
    ]


def _due_periods(now: datetime) -> Iterator[Period]:
    for period in periods(on=timezone.localdate(now)).values():
        if period.days is not None and period.code in _disposals:
            yield period


def carry_out(*, now: datetime) -> RetentionRun:
    """Deal with everything that is past its time; go on with a run that was killed."""
    run = RetentionRun.objects.filter(finished_at=None).order_by("pk").first()
    if run is None:
        run = RetentionRun.objects.create(began_at=now)
    for period in _due_periods(now):
        _carry_out(_line(run, period, now=now), period, now=now)
    RetentionRun.objects.filter(pk=run.pk).update(finished_at=now)
    return run


def _line(run: RetentionRun, period: Period, *, now: datetime) -> RetentionLine:
    fresh = {"action": period.action, "days": period.days, "source": period.source, "before": period.before(now)}
    return RetentionLine.objects.get_or_create(run=run, code=period.code, defaults=fresh)[0]


def _carry_out(line: RetentionLine, period: Period, *, now: datetime) -> None:
    if line.finished_at is not None:
        return
    for one in _disposals[line.code]:
        last: list[Any] = []
        while ids := _dispose_some(line.pk, one, now=now):
            if ids == last:
                raise RuntimeError(f"{line.code} is not disposed of: {ids[:3]}")
            last = ids
    _close(line.pk, period, now=now)


@transaction.atomic
def _close(line_id: int, period: Period, *, now: datetime) -> None:
    """Write the end of a class, and the record of it, once."""
    line = RetentionLine.objects.select_for_update().get(pk=line_id)
    if line.finished_at is not None:
        return
    line.finished_at = now
    line.save(update_fields=["finished_at"])
    with translation.override(settings.LANGUAGE_CODE):
        words = _("{name}：{action} {rows} 行，{before:%Y-%m-%d %H:%M} 以前的，保存 {days} 天").format(
            name=period.name, action=ACTION_LABELS[Action(line.action)], rows=line.rows,
            before=timezone.localtime(line.before), days=line.days,
        )  # fmt: skip
        record_removal(line=line, words=words, now=now)


@transaction.atomic
def _dispose_some(line_id: int, one: Disposal, *, now: datetime) -> list[Any]:
    """Deal with a batch, and count it in the same transaction; two jobs at once go one after the other."""
    line = RetentionLine.objects.select_for_update().get(pk=line_id)
    ids = list(one.over(before=line.before).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if ids:
        one.dispose(ids=ids, now=now)
        line.rows += len(ids)
        line.save(update_fields=["rows"])
    return ids


def runs(most: int = 20) -> list[RetentionRun]:
    """Return the last runs with their lines, latest first; two queries."""
    return list(RetentionRun.objects.order_by("-pk").prefetch_related("lines")[:most])
