"""Why a deadline is when it is: a short list of steps, each a code with plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from mulin.core.clocks.calendar import WorkCalendar
from mulin.core.clocks.days import WorkingHours, period_text
from mulin.core.clocks.kinds import Allowance, ClockKind
from mulin.core.clocks.moments import DAY, to_local
from mulin.core.clocks.rulers import Ruler
from mulin.core.clocks.tables import DayTables, Stretch, StretchKind

StepValue = str | int | date | datetime


class StepCode(StrEnum):
    STARTED = "started"
    RUNS_ALWAYS = "runs_always"
    NEXT_DAY = "next_day"
    OFFICE_HOURS = "office_hours"
    ORDINARY_DAYS = "ordinary_days"
    HOLIDAY = "holiday"
    MAKE_UP_DAY = "make_up_day"
    PAUSED = "paused"
    STILL_PAUSED = "still_paused"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class ExplanationStep:
    code: StepCode
    params: Mapping[str, StepValue]


class Course(NamedTuple):
    """What happened on the clock, in moments."""

    began: int
    spans: tuple[tuple[int, int], ...]  # in which the clock ran, the last one up to the deadline
    stops: tuple[tuple[int, int | None], ...]
    due: int | None


def explain(allowance: Allowance, calendar: WorkCalendar, ruler: Ruler, course: Course) -> tuple[ExplanationStep, ...]:
    kind = allowance.kind
    allowed: dict[str, StepValue] = {"amount": allowance.amount, "kind": kind.value}
    steps = [ExplanationStep(StepCode.STARTED, {"at": to_local(course.began), **allowed})]
    if kind is ClockKind.CONTINUOUS:
        steps.append(ExplanationStep(StepCode.RUNS_ALWAYS, {}))
    elif kind is ClockKind.WORKING_DAYS:
        steps.append(ExplanationStep(StepCode.NEXT_DAY, {"day": to_local(course.began).date()}))
    steps.extend(_along(kind, calendar, ruler, course))
    if course.due is not None:
        steps.append(ExplanationStep(StepCode.DUE, {"at": to_local(course.due), **allowed}))
    return tuple(steps)


def _along(kind: ClockKind, calendar: WorkCalendar, ruler: Ruler, course: Course) -> Iterator[ExplanationStep]:
    """Tell spans and stops in the order in which they happened."""
    spans, hours_told = list(reversed(course.spans)), None
    for stop in (*course.stops, None):
        while spans and (stop is None or spans[-1][0] < stop[0]):
            span = spans.pop()
            if kind is ClockKind.CONTINUOUS:
                continue
            for stretch in _stretches(calendar.tables, *span):
                if kind is ClockKind.WORKING_HOURS and stretch.hours != hours_told:
                    hours_told = stretch.hours
                    yield _hours_step(hours_told)
                yield from _stretch_steps(stretch, span, kind, calendar.tables, ruler)
        if stop is not None and _matters(course, stop):
            yield _pause_step(*stop)


def _stretches(tables: DayTables, begin: int, end: int) -> list[Stretch]:
    first, last = begin // DAY - tables.base, (end - 1) // DAY - tables.base
    return tables.stretches[tables.stretch_at[first] : tables.stretch_at[last] + 1]


def _stretch_steps(
    stretch: Stretch, span: tuple[int, int], kind: ClockKind, tables: DayTables, ruler: Ruler
) -> Iterator[ExplanationStep]:
    begin, end = max(span[0], stretch.first * DAY), min(span[1], (stretch.last + 1) * DAY)
    amount = ruler.count(begin, end) // ruler.unit
    names: dict[str, StepValue] = {"name_zh": stretch.name_zh, "name_en": stretch.name_en}
    counted: dict[str, StepValue] = {"amount": amount, "kind": kind.value}
    if stretch.kind is StretchKind.HOLIDAY:
        yield ExplanationStep(StepCode.HOLIDAY, _days(begin // DAY, (end - 1) // DAY) | names)
    elif stretch.kind is StretchKind.MAKE_UP and amount:
        yield ExplanationStep(StepCode.MAKE_UP_DAY, _days(begin // DAY, (end - 1) // DAY) | names | counted)
    elif stretch.kind is StretchKind.ORDINARY:
        first, last = _told_days(begin, end, tables, ruler)
        if first <= last:
            worked = tables.days_before[last + 1 - tables.base] - tables.days_before[first - tables.base]
            weekend_days: dict[str, StepValue] = {"weekend_days": last - first + 1 - worked}
            yield ExplanationStep(StepCode.ORDINARY_DAYS, _days(first, last) | counted | weekend_days)


def _told_days(begin: int, end: int, tables: DayTables, ruler: Ruler) -> tuple[int, int]:
    """Leave out a working day at either edge on which the clock ran but nothing was counted."""
    first, last = begin // DAY, (end - 1) // DAY
    if begin > first * DAY and tables.is_working(first - tables.base):
        first += not ruler.count(begin, min(end, (first + 1) * DAY))
    if first <= last and end < (last + 1) * DAY and tables.is_working(last - tables.base):
        last -= not ruler.count(max(begin, last * DAY), end)
    return first, last


def _days(first: int, last: int) -> dict[str, StepValue]:
    return {"first": date.fromordinal(first), "last": date.fromordinal(last)}


def _hours_step(hours: WorkingHours) -> ExplanationStep:
    return ExplanationStep(StepCode.OFFICE_HOURS, {"periods": period_text(hours)})


def _matters(course: Course, stop: tuple[int, int | None]) -> bool:
    begin, end = stop
    return (end is None or end > course.began) and (course.due is None or begin < course.due)


def _pause_step(begin: int, end: int | None) -> ExplanationStep:
    if end is None:
        return ExplanationStep(StepCode.STILL_PAUSED, {"paused_at": to_local(begin)})
    return ExplanationStep(StepCode.PAUSED, {"paused_at": to_local(begin), "resumed_at": to_local(end)})
