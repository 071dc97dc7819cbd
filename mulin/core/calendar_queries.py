"""The work calendar as people read it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language

from mulin.core.calendar_models import CalendarDay
from mulin.core.calendar_services import work_calendar
from mulin.core.clocks.days import period_text


@dataclass(frozen=True, slots=True)
class DayRow:
    date: date
    is_working: bool
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class YearTable:
    working_days: int
    days: tuple[DayRow, ...]
    hours: tuple[str, ...]


def year_table(year: int, region: str = "") -> YearTable:
    """Return the special days of a year and the hours in force in it; raise CalendarYearMissing."""
    calendar = work_calendar(region)
    first, last = date(year, 1, 1), date(year, 12, 31)
    worked = [calendar.is_working(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    name = "name_zh" if (get_language() or "zh").startswith("zh") else "name_en"
    rows = CalendarDay.objects.filter(date__year=year).order_by("date")
    days = tuple(DayRow(*row) for row in rows.values_list("date", "is_working", name, "source"))
    hours = sorted(calendar.hours, key=lambda row: row.valid_from)
    # What begins after the year, or is replaced before it, is not in force in it.
    in_force = [
        row
        for row, following in zip(hours, [*hours[1:], None], strict=True)
        if row.valid_from <= last and (following is None or following.valid_from > first)
    ]
    return YearTable(sum(worked), days, tuple(f"{row.valid_from}: {period_text(row)}" for row in in_force))
