"""Where the calendar's days come from: chinesecalendar for the past, a CSV file for a new notice.

Only days that differ from "Monday to Friday" are listed, as in the notice of the State Council itself.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from chinese_calendar.constants import Holiday, holidays, workdays
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.clocks import DayRule
from mulin.core.errors import Invalid, Text

LIBRARY_SOURCE = f"chinesecalendar {version('chinesecalendar')}"
LIBRARY_YEARS = range(min(holidays).year, max(holidays).year + 1)

# The library shortens three names that people know in full.
_FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
_NAMES_ZH = {holiday.value: _FULL_NAMES.get(holiday.chinese, holiday.chinese) for holiday in Holiday}
LONGEST_NAME = 50
_COLUMNS = frozenset({"date", "status", "name_zh"})
_STATUS = {"休": False, "off": False, "班": True, "work": True}


class CalendarFileInvalid(Invalid):
    """The whole file is refused: half a holiday notice would be a wrong calendar."""

    code = "calendar_file_invalid"
    sentence = _("日历文件有误，没有导入任何一天。")
    remedy = _("文件须为 CSV，列为 date,status,name_zh,name_en；status 写“休”或“班”。")


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    reason: Text


def library_days(year: int) -> dict[date, DayRule]:
    """Return the holidays and make-up days of `year` as chinesecalendar knows them."""
    listed = [(day, False, name) for day, name in holidays.items() if day.year == year]
    listed += [(day, True, name) for day, name in workdays.items() if day.year == year]
    return {day: DayRule(is_working, _NAMES_ZH[name], name) for day, is_working, name in sorted(listed)}


def decode(raw: bytes) -> list[str]:
    """Return the lines of a CSV file in UTF-8, or in GB 18030 as Chinese spreadsheets write it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding).replace("\x00", "").splitlines()
        except UnicodeDecodeError:
            continue
    raise CalendarFileInvalid


def read_days(year: int, lines: Iterable[str]) -> dict[date, DayRule]:
    """Read the notice for `year` from CSV lines; raise CalendarFileInvalid with all bad rows.

    A notice may also speak of the December before: days worked or off around New Year.
    """
    days: dict[date, DayRule] = {}
    bad: list[BadRow] = []
    for line, row in _rows(lines):
        try:
            day, rule = _read_row(year, row)
            if day in days:
                raise ValueError(format_lazy(_("{day} 出现了两次"), day=day.isoformat()))
            days[day] = rule
        except ValueError as error:
            bad.append(BadRow(line, error.args[0]))
    if bad:
        raise CalendarFileInvalid(rows=[{"line": row.line, "reason": str(row.reason)} for row in bad])
    if not any(day.year == year and not rule.is_working for day, rule in days.items()):
        raise CalendarFileInvalid(format_lazy(_("文件里没有 {year} 年的放假日。"), year=year))
    return days


def _rows(lines: Iterable[str]) -> list[tuple[int, dict[str, str | None]]]:
    """Return the rows with their numbers in the file; raise CalendarFileInvalid for what is no such table."""
    reader = csv.DictReader(lines)
    try:
        if missing := _COLUMNS.difference(reader.fieldnames or ()):
            raise CalendarFileInvalid(format_lazy(_("文件缺少列：{columns}。"), columns=", ".join(sorted(missing))))
        return [(reader.line_num, row) for row in reader]
    except csv.Error as failure:
        raise CalendarFileInvalid from failure


def _read_row(year: int, row: dict[str, str | None]) -> tuple[date, DayRule]:
    written = {key: (row.get(key) or "").strip() for key in ("date", "status", "name_zh", "name_en")}
    try:
        day = date.fromisoformat(written["date"])
    except ValueError:
        raise ValueError(format_lazy(_("日期“{date}”应写成 2027-01-01"), date=written["date"])) from None
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        raise ValueError(format_lazy(_("{day} 不属于 {year} 年的放假安排"), day=day.isoformat(), year=year))
    is_working = _STATUS.get(written["status"].lower())
    if is_working is None:
        raise ValueError(format_lazy(_("status“{status}”应为“休”或“班”"), status=written["status"]))
    if not written["name_zh"]:
        raise ValueError(_("缺少节日名称 name_zh"))
    if max(len(written["name_zh"]), len(written["name_en"])) > LONGEST_NAME:
        raise ValueError(format_lazy(_("节日名称超过 {most} 个字"), most=LONGEST_NAME))
    return day, DayRule(is_working, written["name_zh"], written["name_en"] or written["name_zh"])
