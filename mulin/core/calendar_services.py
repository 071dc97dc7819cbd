"""Keeping the work calendar, and the one every clock of this process reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core import versions
from mulin.core.calendar_days import LIBRARY_SOURCE, LIBRARY_YEARS, library_days, read_days
from mulin.core.calendar_models import CalendarDay, CalendarYear, WorkingPeriod
from mulin.core.clocks import DEFAULT_HOURS, CalendarYearMissing, DayRule, WorkCalendar, WorkingHours
from mulin.core.clocks.days import SATURDAY
from mulin.core.errors import Invalid

VERSION = "calendar"


class DayNameMissing(Invalid):
    code = "calendar_day_name_missing"
    sentence = _("放假或调休上班的日子要写明名称。")
    remedy = _("例如：国庆节。")


class WorkingHoursInvalid(Invalid):
    code = "working_hours_invalid"
    sentence = _("上下班时间有误。")
    remedy = _("各段须在同一天内、先后不重叠，例如 09:00–12:00、13:30–17:30。")


@dataclass(frozen=True, slots=True)
class SeededYears:
    added: tuple[int, ...]
    kept: tuple[int, ...]


def work_calendar(region: str = "") -> WorkCalendar:
    """Return the calendar of an area: shared days, and the working hours of the longest code it begins with."""
    return _remembered.get().of(region)


@transaction.atomic
def seed_calendar(*, actor: str, now: datetime, years: Iterable[int] = LIBRARY_YEARS) -> SeededYears:
    """Fill years from chinesecalendar; a year already there keeps what people made of it."""
    wanted = sorted(set(years))
    if unknown := [year for year in wanted if year not in LIBRARY_YEARS]:
        raise CalendarYearMissing(unknown[0])
    present = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    added = [year for year in wanted if year not in present]
    CalendarYear.objects.bulk_create(
        CalendarYear(year=year, source=LIBRARY_SOURCE, edited_by=actor, edited_at=now) for year in added
    )
    _write_notices({year: library_days(year) for year in added}, LIBRARY_SOURCE)
    if not WorkingPeriod.objects.filter(region="").exists():
        _write_hours("", DEFAULT_HOURS, "09:00–12:00, 13:30–17:30")
    _changed()
    return SeededYears(tuple(added), tuple(sorted(present)))


@transaction.atomic
def import_year(*, year: int, lines: Iterable[str], source: str, actor: str, now: datetime) -> int:
    """Take the notice for `year` from CSV lines in place of what was known; return how many days it names."""
    days = read_days(year, lines)
    _edited(year, source, actor, now)
    _write_notices({year: days}, source)
    _changed()
    return len(days)


@transaction.atomic
def set_day(
    *, day: date, is_working: bool, name_zh: str, name_en: str = "", source: str, actor: str, now: datetime
) -> None:
    """Declare one date worked or off; an ordinary date without a name needs no row."""
    if not CalendarYear.objects.filter(year=day.year).exists():
        raise CalendarYearMissing(day.year)
    is_ordinary = is_working == (day.weekday() < SATURDAY)
    if not name_zh and not is_ordinary:
        raise DayNameMissing(date=day.isoformat())
    CalendarDay.objects.filter(date=day).delete()
    if name_zh:
        rule = DayRule(is_working, name_zh, name_en or name_zh)
        CalendarDay.objects.create(**_fields(day, rule, day.year, source))
    CalendarYear.objects.filter(year=day.year).update(edited_by=actor, edited_at=now)
    _changed()


@transaction.atomic
def set_working_hours(*, valid_from: date, periods: Sequence[tuple[int, int]], source: str, region: str = "") -> None:
    """Set the daily periods (minutes after midnight) of a region from a date on."""
    try:
        hours = WorkingHours(valid_from, tuple(periods))
    except ValueError as error:
        raise WorkingHoursInvalid(periods=list(periods)) from error
    _write_hours(region, hours, source)
    _changed()


def _edited(year: int, source: str, actor: str, now: datetime) -> None:
    CalendarYear.objects.update_or_create(year=year, defaults={"source": source, "edited_by": actor, "edited_at": now})


def _write_notices(notices: Mapping[int, Mapping[date, DayRule]], source: str) -> None:
    """Replace what the notices of some years said; where two speak of one day, the later one decides."""
    said = {day: (year, rule) for year in sorted(notices) for day, rule in notices[year].items()}
    CalendarDay.objects.filter(notice_year__in=notices).delete()
    decided = dict(CalendarDay.objects.filter(date__in=said).values_list("date", "notice_year"))
    CalendarDay.objects.filter(date__in=[day for day, year in decided.items() if year < said[day][0]]).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(**_fields(day, rule, year, source))
        for day, (year, rule) in said.items()
        if decided.get(day, year) <= year
    )


def _fields(day: date, rule: DayRule, notice_year: int, source: str) -> dict[str, object]:
    return {
        "date": day,
        "is_working": rule.is_working,
        "name_zh": rule.name_zh,
        "name_en": rule.name_en,
        "notice_year": notice_year,
        "source": source,
    }


def _write_hours(region: str, hours: WorkingHours, source: str) -> None:
    WorkingPeriod.objects.filter(region=region, valid_from=hours.valid_from).delete()
    WorkingPeriod.objects.bulk_create(
        WorkingPeriod(region=region, valid_from=hours.valid_from, starts_minute=start, ends_minute=end, source=source)
        for start, end in hours.periods
    )


def _changed() -> None:
    """Tell the other processes by the version, and this one at once and again when it is certain."""
    versions.bump(VERSION)
    _remembered.forget()
    transaction.on_commit(_remembered.forget)


class _CalendarBook:
    """All rows as read once, and a calendar per region made when it is first asked for."""

    def __init__(self, years: frozenset[int], days: dict[date, DayRule], hours: dict[str, list[WorkingHours]]) -> None:
        self._years, self._days, self._hours = years, days, hours
        self._calendars: dict[str, WorkCalendar] = {}

    def of(self, region: str) -> WorkCalendar:
        known = [code for code in self._hours if region.startswith(code)]
        key = max(known, key=len, default="")
        if key not in self._calendars:
            self._calendars[key] = WorkCalendar(self._years, self._days, self._hours_of(key))
        return self._calendars[key]

    def _hours_of(self, region: str) -> tuple[WorkingHours, ...]:
        """The region's own rows from its first date on, everybody's before."""
        own = self._hours.get(region, []) if region else []
        first = min((hours.valid_from for hours in own), default=date.max)
        shared = [hours for hours in self._hours.get("", []) if hours.valid_from < first]
        return (*shared, *own)


def _load() -> _CalendarBook:
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    days = {
        day: DayRule(is_working, name_zh, name_en)
        for day, is_working, name_zh, name_en in CalendarDay.objects.values_list(
            "date", "is_working", "name_zh", "name_en"
        )
    }
    periods: dict[tuple[str, date], list[tuple[int, int]]] = {}
    rows = WorkingPeriod.objects.order_by("region", "valid_from", "starts_minute")
    for region, valid_from, start, end in rows.values_list("region", "valid_from", "starts_minute", "ends_minute"):
        periods.setdefault((region, valid_from), []).append((start, end))
    hours: dict[str, list[WorkingHours]] = {}
    for (region, valid_from), rows_of_date in periods.items():
        hours.setdefault(region, []).append(WorkingHours(valid_from, tuple(rows_of_date)))
    return _CalendarBook(years, days, hours)


_remembered = versions.Remembered(VERSION, _load)
