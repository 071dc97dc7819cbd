"""Times, durations, numbers and money as people read them; plain values in, text out."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR


def human_moment(moment: datetime, now: datetime) -> str:
    """Today and yesterday by name, this year without the year: what is left out is what nobody needs to read."""
    local, local_now = timezone.localtime(moment), timezone.localtime(now)
    clock = f"{local:%H:%M}"
    days_ago = (local_now.date() - local.date()).days
    if days_ago == 0:
        return _("今天 %(clock)s") % {"clock": clock}
    if days_ago == 1:
        return _("昨天 %(clock)s") % {"clock": clock}
    if days_ago == -1:
        return _("明天 %(clock)s") % {"clock": clock}
    return f"{human_date(local.date(), local_now.date())} {clock}"


def human_date(day: date, today: date) -> str:
    if day.year == today.year:
        return written(day, pgettext("date format", "n月j日"))
    return written(day, pgettext("date format", "Y年n月j日"))


def human_span(span: timedelta) -> str:
    """The two largest units, because nobody plans a week by the minute."""
    minutes = int(abs(span).total_seconds() // 60)
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, minutes = divmod(rest, MINUTES_PER_HOUR)
    words = [
        ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days} if days else "",
        ngettext("%(n)d 小时", "%(n)d 小时", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d 分钟", "%(n)d 分钟", minutes) % {"n": minutes} if minutes and not days else "",
    ]
    return " ".join(word for word in words if word) or _("不到 1 分钟")


def time_left_words(due_at: datetime, now: datetime) -> str:
    if due_at >= now:
        return _("还剩 %(span)s") % {"span": human_span(due_at - now)}
    return _("超时 %(span)s") % {"span": human_span(now - due_at)}


def allowance_words(amount: int, clock: str) -> str:
    """`amount` is minutes, or days for "working_days": the three clocks of mulin.core.clocks."""
    if clock == "working_days":
        return ngettext("%(n)d 个工作日", "%(n)d 个工作日", amount) % {"n": amount}
    hours, minutes = divmod(amount, MINUTES_PER_HOUR)
    if clock == "working_hours":
        if minutes:
            return ngettext("%(n)d 工作分钟", "%(n)d 工作分钟", amount) % {"n": amount}
        return ngettext("%(n)d 工作时", "%(n)d 工作时", hours) % {"n": hours}
    if minutes:
        return ngettext("%(n)d 分钟", "%(n)d 分钟", amount) % {"n": amount}
    return ngettext("%(n)d 紧急工作时", "%(n)d 紧急工作时", hours) % {"n": hours}


def yuan(fen: int) -> str:
    return f"¥{grouped(Decimal(fen) / 100, places=2)}"


def grouped(value: int | float | Decimal, places: int | None = None) -> str:
    return f"{value:,}" if places is None else f"{value:,.{places}f}"
