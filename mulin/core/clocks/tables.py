"""Running totals of a calendar, one entry a day, so that a deadline is two look-ups and not a walk."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from mulin.core.clocks.days import SATURDAY, DayRule, WorkingHours
from mulin.core.clocks.errors import CalendarYearMissing, WorkingHoursMissing
from mulin.core.clocks.moments import MINUTE


class StretchKind(StrEnum):
    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


class Stretch(NamedTuple):
    """Consecutive days explained by one sentence."""

    kind: StretchKind
    first: int  # ordinals, both included
    last: int
    name_zh: str
    name_en: str
    hours: WorkingHours


@dataclass(frozen=True)
class DayTables:
    """Entry i speaks of the day with ordinal `base + i`; totals have one entry more than there are days."""

    base: int
    days_before: list[int] = field(default_factory=lambda: [0])
    worked_before: list[int] = field(default_factory=lambda: [0])  # microseconds
    hours: list[WorkingHours | None] = field(default_factory=list)  # None: year not covered
    block_end: list[int] = field(default_factory=list)  # last entry of the run of covered years
    stretches: list[Stretch] = field(default_factory=list)
    stretch_at: list[int] = field(default_factory=list)

    def entry(self, ordinal: int) -> int:
        """Return the entry of a day; raise CalendarYearMissing if its year has no table."""
        entry = ordinal - self.base
        if not 0 <= entry < len(self.hours) or self.hours[entry] is None:
            raise CalendarYearMissing(date.fromordinal(ordinal).year)
        return entry

    def hours_of(self, entry: int) -> WorkingHours:
        hours = self.hours[entry]
        assert hours is not None, "entry() lets only covered days pass"
        return hours

    def is_working(self, entry: int) -> bool:
        return self.days_before[entry + 1] > self.days_before[entry]


def build_tables(years: frozenset[int], rules: Mapping[date, DayRule], hours: Sequence[WorkingHours]) -> DayTables:
    if not years:
        return DayTables(base=0)
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    tables = DayTables(base=first.toordinal())
    in_force = _HoursInForce(hours)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day.year in years:
            _append_day(tables, day, rules.get(day), in_force.on(day))
        else:
            _append_gap(tables)
    tables.block_end.extend(_block_ends(tables.hours))
    return tables


class _HoursInForce:
    def __init__(self, hours: Sequence[WorkingHours]) -> None:
        self._ordered = sorted(hours, key=lambda row: row.valid_from)
        self._dates = [row.valid_from for row in self._ordered]

    def on(self, day: date) -> WorkingHours:
        position = bisect_right(self._dates, day)
        if position == 0:
            raise WorkingHoursMissing(day)
        return self._ordered[position - 1]


def _append_day(tables: DayTables, day: date, rule: DayRule | None, hours: WorkingHours) -> None:
    is_working = rule.is_working if rule else day.weekday() < SATURDAY
    worked = sum(end - start for start, end in hours.periods) * MINUTE if is_working else 0
    tables.days_before.append(tables.days_before[-1] + is_working)
    tables.worked_before.append(tables.worked_before[-1] + worked)
    tables.hours.append(hours)
    _extend_stretches(tables.stretches, _stretch_of(day, rule, hours))
    tables.stretch_at.append(len(tables.stretches) - 1)


def _append_gap(tables: DayTables) -> None:
    tables.days_before.append(tables.days_before[-1])
    tables.worked_before.append(tables.worked_before[-1])
    tables.hours.append(None)
    tables.stretch_at.append(-1)


def _stretch_of(day: date, rule: DayRule | None, hours: WorkingHours) -> Stretch:
    ordinal = day.toordinal()
    if rule is None or (rule.is_working and day.weekday() < SATURDAY):
        return Stretch(StretchKind.ORDINARY, ordinal, ordinal, "", "", hours)
    kind = StretchKind.MAKE_UP if rule.is_working else StretchKind.HOLIDAY
    return Stretch(kind, ordinal, ordinal, rule.name_zh, rule.name_en, hours)


def _extend_stretches(stretches: list[Stretch], day: Stretch) -> None:
    """Join the day to the stretch before it when one sentence can speak of both."""
    before = stretches[-1] if stretches else None
    if before and before._replace(first=day.first, last=day.last) == day and before.last + 1 == day.first:
        stretches[-1] = before._replace(last=day.last)
    else:
        stretches.append(day)


def _block_ends(hours: Sequence[WorkingHours | None]) -> list[int]:
    ends, end = [-1] * len(hours), -1
    for entry in reversed(range(len(hours))):
        if hours[entry] is None:
            end = -1
        elif end < 0:
            end = entry
        ends[entry] = end
    return ends
