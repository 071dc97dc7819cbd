"""Deadlines, elapsed and remaining time on a clock with pauses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial

from mulin.core.clocks.calendar import WorkCalendar
from mulin.core.clocks.explanation import Course, ExplanationStep, explain
from mulin.core.clocks.kinds import Allowance, ClockKind
from mulin.core.clocks.moments import to_moment, to_utc
from mulin.core.clocks.rulers import Ruler, ruler_for

Pauses = Sequence[tuple[datetime, datetime | None]]
Span = tuple[int, int | None]


@dataclass(frozen=True)
class Deadline:
    """`due_at` is None while the clock is paused; `explanation` says how it was counted, worked out when asked."""

    due_at: datetime | None
    explained: Callable[[], tuple[ExplanationStep, ...]] = field(repr=False, compare=False)

    @cached_property
    def explanation(self) -> tuple[ExplanationStep, ...]:
        return self.explained()

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and now > self.due_at


def deadline(start: datetime, allowance: Allowance, calendar: WorkCalendar, pauses: Pauses = ()) -> Deadline:
    """Return when `allowance` counted from `start` is used up; exactly then is still in time."""
    ruler = ruler_for(allowance.kind, calendar)
    began, stops = to_moment(start), _joined(pauses)
    spans, due = _run(ruler, ruler.first(began), allowance.amount * ruler.unit, stops)
    course = Course(began, tuple(spans), stops, due)
    return Deadline(None if due is None else to_utc(due), partial(explain, allowance, calendar, ruler, course))


def elapsed(start: datetime, end: datetime, kind: ClockKind, calendar: WorkCalendar, pauses: Pauses = ()) -> int:
    """Return the whole minutes (days, for WORKING_DAYS) counted from `start` up to and including `end`."""
    ruler = ruler_for(kind, calendar)
    until, total = ruler.until(to_moment(end)), 0
    for begin, stop in _active(ruler.first(to_moment(start)), _joined(pauses)):
        end_of_span = until if stop is None else min(stop, until)
        if begin >= end_of_span:
            break
        total += ruler.count(begin, end_of_span)
    return total // ruler.unit


def remaining(start: datetime, now: datetime, allowance: Allowance, calendar: WorkCalendar, pauses: Pauses = ()) -> int:
    """Return the minutes (days) left; below zero: how many have been counted too many."""
    return allowance.amount - elapsed(start, now, allowance.kind, calendar, pauses)


def _run(ruler: Ruler, first: int, amount: int, stops: Sequence[Span]) -> tuple[list[tuple[int, int]], int | None]:
    """Count through the active spans; return those used and the moment the amount is reached."""
    used: list[tuple[int, int]] = []
    for begin, stop in _active(first, stops):
        due = ruler.reach(begin, amount, stop)
        if due is not None:
            return [*used, (begin, ruler.until(due))], due
        assert stop is not None, "an endless span reaches any amount or is refused"
        amount -= ruler.count(begin, stop)
        used.append((begin, stop))
    return used, None


def _active(at: int, stops: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans from `at` on in which the clock runs; the last one has no end unless paused for good."""
    for paused, resumed in stops:
        if resumed is not None and resumed <= at:
            continue
        if at < paused:
            yield at, paused
        if resumed is None:
            return
        at = resumed
    yield at, None


def _joined(pauses: Pauses) -> tuple[Span, ...]:
    """Sort the pauses, join those that touch, drop those without length."""
    joined: list[Span] = []
    for begin, end in sorted(_spans(pauses), key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or begin <= joined[-1][1]):
            before, last = joined[-1]
            joined[-1] = before, None if last is None or end is None else max(last, end)
        elif end is None or begin < end:
            joined.append((begin, end))
    return tuple(joined)


def _spans(pauses: Pauses) -> Iterator[Span]:
    for paused_at, resumed_at in pauses:
        if resumed_at is not None and resumed_at < paused_at:
            raise ValueError("a pause cannot end before it begins")
        yield to_moment(paused_at), None if resumed_at is None else to_moment(resumed_at)
