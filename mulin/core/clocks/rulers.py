"""Three ways to measure the time between two moments: all of it, office hours, closes of work."""

from bisect import bisect_left
from datetime import date
from typing import Protocol

from mulin.core.clocks.calendar import WorkCalendar
from mulin.core.clocks.errors import CalendarYearMissing
from mulin.core.clocks.kinds import ClockKind
from mulin.core.clocks.moments import DAY, MINUTE


class Ruler(Protocol):
    unit: int
    """What one minute (or day) of an allowance is on this ruler."""

    def first(self, start: int) -> int:
        """Return the moment from which time counts when the clock is started at `start`."""

    def until(self, end: int) -> int:
        """Return the end of the span that contains everything counted up to and including `end`."""

    def count(self, begin: int, end: int) -> int:
        """Return what lies in [begin, end)."""

    def reach(self, begin: int, amount: int, limit: int | None) -> int | None:
        """Return the earliest moment with `amount` counted since `begin`; None if `limit` comes first."""


class ContinuousRuler:
    unit = MINUTE

    def first(self, start: int) -> int:
        return start

    def until(self, end: int) -> int:
        return end

    def count(self, begin: int, end: int) -> int:
        return end - begin

    def reach(self, begin: int, amount: int, limit: int | None) -> int | None:
        moment = begin + amount
        return moment if limit is None or moment <= limit else None


class HoursRuler:
    unit = MINUTE

    def __init__(self, calendar: WorkCalendar) -> None:
        self._tables = calendar.tables

    def first(self, start: int) -> int:
        return start

    def until(self, end: int) -> int:
        return end

    def count(self, begin: int, end: int) -> int:
        return self._before(end, (end - 1) // DAY) - self._before(begin, begin // DAY)

    def reach(self, begin: int, amount: int, limit: int | None) -> int | None:
        tables, ordinal = self._tables, begin // DAY
        target = self._before(begin, ordinal) + amount
        last = tables.block_end[ordinal - tables.base]
        entry = bisect_left(tables.worked_before, target, ordinal - tables.base, last + 2) - 1
        if entry > last:
            _require_stop_within_table(tables.base + last, limit)
            return None
        moment = (tables.base + entry) * DAY + self._time_of(entry, target - tables.worked_before[entry])
        return moment if limit is None or moment <= limit else None

    def _before(self, moment: int, ordinal: int) -> int:
        """Return the time worked before `moment`, which belongs to (or ends) the day `ordinal`."""
        entry = self._tables.entry(ordinal)
        worked = self._tables.worked_before[entry]
        if self._tables.is_working(entry):
            rest = moment - ordinal * DAY
            for start, end in self._tables.hours_of(entry).periods:
                worked += max(0, min(rest, end * MINUTE) - start * MINUTE)
        return worked

    def _time_of(self, entry: int, worked: int) -> int:
        """Return the time of day at which `worked` (more than nothing) has been worked."""
        for start, end in self._tables.hours_of(entry).periods:
            length = (end - start) * MINUTE
            if worked <= length:
                return start * MINUTE + worked
            worked -= length
        raise AssertionError("a day's total is the sum of its periods")


class DaysRuler:
    """Days are counted at their close of work (民法典 203: 有业务时间的，停止业务活动的时间为截止时间)."""

    unit = 1

    def __init__(self, calendar: WorkCalendar) -> None:
        self._tables = calendar.tables

    def first(self, start: int) -> int:
        """民法典 201: 按照日计算期间的，开始的当日不计入，自下一日开始计算."""
        return (start // DAY + 1) * DAY

    def until(self, end: int) -> int:
        return end + 1

    def count(self, begin: int, end: int) -> int:
        return self._before(end, (end - 1) // DAY) - self._before(begin, begin // DAY)

    def reach(self, begin: int, amount: int, limit: int | None) -> int | None:
        tables, ordinal = self._tables, begin // DAY
        target = self._before(begin, ordinal) + amount
        last = tables.block_end[ordinal - tables.base]
        entry = bisect_left(tables.days_before, target, ordinal - tables.base, last + 2) - 1
        if entry > last:
            _require_stop_within_table(tables.base + last, limit)
            return None
        moment = self.close_of(tables.base + entry)
        return moment if limit is None or moment < limit else None

    def close_of(self, ordinal: int) -> int:
        entry = self._tables.entry(ordinal)
        return ordinal * DAY + self._tables.hours_of(entry).closes_minute * MINUTE

    def _before(self, moment: int, ordinal: int) -> int:
        entry = self._tables.entry(ordinal)
        closed = self._tables.is_working(entry) and self.close_of(ordinal) < moment
        return self._tables.days_before[entry] + closed


def ruler_for(kind: ClockKind, calendar: WorkCalendar) -> Ruler:
    if kind is ClockKind.CONTINUOUS:
        return ContinuousRuler()
    return HoursRuler(calendar) if kind is ClockKind.WORKING_HOURS else DaysRuler(calendar)


def _require_stop_within_table(last_ordinal: int, limit: int | None) -> None:
    """Accept running out of table only when the clock stops before the table ends."""
    if limit is None or limit > (last_ordinal + 1) * DAY:
        raise CalendarYearMissing(date.fromordinal(last_ordinal).year + 1)
