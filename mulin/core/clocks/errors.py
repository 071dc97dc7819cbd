"""Refusals of the clocks."""

from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, Refused


class CalendarYearMissing(Refused):
    """A deadline would reach a year whose working days are not known yet."""

    code = "calendar_year_missing"

    def __init__(self, year: int) -> None:
        super().__init__(
            format_lazy(_("{year} 年还没有工作日历，期限无法计算。"), year=year),
            remedy=format_lazy(_("放假通知公布后，请管理员运行：mulin calendar import {year} 文件.csv"), year=year),
            year=year,
        )


class WorkingHoursMissing(Refused):
    code = "working_hours_missing"
    sentence = _("这一天没有设定上下班时间，期限无法计算。")
    remedy = _("请管理员运行 mulin calendar hours，设定上下班时间和起用日期。")

    def __init__(self, day: date) -> None:
        super().__init__(date=day.isoformat())


class AllowanceInvalid(Invalid):
    code = "allowance_invalid"
    sentence = _("时限写法有误。")
    remedy = _("请写正整数加单位，例如：5 工作日、8 工作时、2 紧急工作时。")

    def __init__(self, written: str) -> None:
        super().__init__(written=written)
