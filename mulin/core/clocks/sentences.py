"""Explanation steps and amounts of time in plain words: the one place where clocks speak."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.utils.dateformat import format as written
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from mulin.core.clocks.explanation import ExplanationStep, StepCode, StepValue
from mulin.core.clocks.kinds import Allowance, ClockKind
from mulin.core.listed import listed

Params = Mapping[str, StepValue]

KIND_LABELS: dict[ClockKind, str | Promise] = {
    ClockKind.CONTINUOUS: gettext_lazy("紧急工作时"),
    ClockKind.WORKING_HOURS: gettext_lazy("工作时"),
    ClockKind.WORKING_DAYS: gettext_lazy("工作日"),
}

# Django's own Chinese names (星期一) are too long for a phone.
_WEEKDAYS: tuple[str | Promise, ...] = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)


def sentences(steps: Iterable[ExplanationStep]) -> list[str]:
    """Return the explanation in the reader's language, one sentence a step."""
    return [_WORDS[step.code](step.params) for step in steps]


def allowance_text(allowance: Allowance) -> str:
    """Return for example 5 个工作日, 8 小时（工作时）, 2 小时 30 分（紧急工作时）."""
    amount = amount_text(allowance.amount, allowance.kind)
    if allowance.kind is ClockKind.WORKING_DAYS:
        return amount
    return _("%(amount)s（%(clock)s）") % {"amount": amount, "clock": KIND_LABELS[allowance.kind]}


def amount_text(amount: int, kind: ClockKind) -> str:
    if kind is ClockKind.WORKING_DAYS:
        return ngettext("%(days)d 个工作日", "%(days)d 个工作日", amount) % {"days": amount}
    hours, minutes = divmod(amount, 60)
    if not hours:
        return _("%(minutes)d 分钟") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d 小时") % {"hours": hours}
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes}


def _started(params: Params) -> str:
    return _("%(time)s 开始计时，时限 %(allowance)s。") % {"time": _time(params["at"]), "allowance": _allowed(params)}


def _runs_always(params: Params) -> str:
    return _("紧急事项昼夜连续计时，不分节假日。")


def _next_day(params: Params) -> str:
    return _("%(day)s 当天不计，从次日起算（《民法典》第二百零一条）。") % {"day": _day(params["day"])}


def _office_hours(params: Params) -> str:
    return _("只在工作时间内计时：%(periods)s。") % {"periods": listed(str(params["periods"]).split("、"))}


def _ordinary_days(params: Params) -> str:
    words = {"days": _days(params), "amount": _amount(params)}
    if not params["amount"]:
        return _("%(days)s 周末，不计。") % words
    if params["weekend_days"]:
        return _("%(days)s 计 %(amount)s，周末不计。") % words
    return _("%(days)s 计 %(amount)s。") % words


def _holiday(params: Params) -> str:
    return _("%(days)s %(name)s放假，不计。") % {"days": _days(params), "name": _name(params)}


def _make_up_day(params: Params) -> str:
    words = {"days": _days(params), "name": _name(params), "amount": _amount(params)}
    return _("%(days)s 因%(name)s调休上班，计 %(amount)s。") % words


def _paused(params: Params) -> str:
    words = {"paused": _time(params["paused_at"]), "resumed": _time(params["resumed_at"])}
    return _("%(paused)s 至 %(resumed)s 暂停计时。") % words


def _still_paused(params: Params) -> str:
    return _("%(paused)s 起暂停计时，恢复后再算出截止时间。") % {"paused": _time(params["paused_at"])}


def _due(params: Params) -> str:
    return _("%(time)s 满 %(allowance)s，为截止时间。") % {"time": _time(params["at"]), "allowance": _allowed(params)}


_WORDS: dict[StepCode, Callable[[Params], str]] = {
    StepCode.STARTED: _started,
    StepCode.RUNS_ALWAYS: _runs_always,
    StepCode.NEXT_DAY: _next_day,
    StepCode.OFFICE_HOURS: _office_hours,
    StepCode.ORDINARY_DAYS: _ordinary_days,
    StepCode.HOLIDAY: _holiday,
    StepCode.MAKE_UP_DAY: _make_up_day,
    StepCode.PAUSED: _paused,
    StepCode.STILL_PAUSED: _still_paused,
    StepCode.DUE: _due,
}


def _amount(params: Params) -> str:
    return amount_text(int(str(params["amount"])), ClockKind(str(params["kind"])))


def _allowed(params: Params) -> str:
    return allowance_text(Allowance(int(str(params["amount"])), ClockKind(str(params["kind"]))))


def _name(params: Params) -> str:
    in_chinese = (get_language() or "zh").startswith("zh")
    return str(params["name_zh"] if in_chinese else params["name_en"])


def _days(params: Params) -> str:
    first, last = _day(params["first"]), _day(params["last"])
    return first if first == last else _("%(first)s 至 %(last)s") % {"first": first, "last": last}


def day_text(day: date) -> str:
    """Return for example 9月20日(周日)."""
    return written(day, pgettext("date format", "n月j日")) + _weekday(day)


def _day(day: StepValue) -> str:
    assert isinstance(day, date)
    return day_text(day)


def _time(at: StepValue) -> str:
    assert isinstance(at, datetime)
    return written(at, pgettext("date format", "Y年n月j日")) + _weekday(at) + written(at, " H:i")


def _weekday(day: date) -> str:
    return f"({_WEEKDAYS[day.weekday()]})"
