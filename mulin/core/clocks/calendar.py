"""The work calendar: which dates are working days, and the hours worked on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from mulin.core.clocks.days import DEFAULT_HOURS, SATURDAY, DayRule, WorkingHours
from mulin.core.clocks.errors import CalendarYearMissing
from mulin.core.clocks.tables import DayTables, build_tables


@lru_cache(maxsize=8)
def _tables(
    years: frozenset[int], days: tuple[tuple[date, DayRule], ...], hours: tuple[WorkingHours, ...]
) -> DayTables:
    """Calendars are read anew more often than anything in them has changed."""
    return build_tables(years, dict(days), hours)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of the covered `years`, in Asia/Shanghai.

    Monday to Friday are worked unless `days` says otherwise. A year that is not covered is refused,
    never guessed: its holidays are decided by a notice that may not be out yet.
    """

    years: frozenset[int]
    days: Mapping[date, DayRule]
    hours: tuple[WorkingHours, ...] = (DEFAULT_HOURS,)

    @cached_property
    def tables(self) -> DayTables:
        return _tables(self.years, tuple(sorted(self.days.items())), self.hours)

    def is_working(self, day: date) -> bool:
        if day.year not in self.years:
            raise CalendarYearMissing(day.year)
        rule = self.days.get(day)
        return rule.is_working if rule else day.weekday() < SATURDAY
