"""A moment is one integer: microseconds of local wall-clock time since the day of ordinal 0.

The law counts days and office hours on the clock on the wall, so everything is counted there, exactly
and without objects; only the borders of this package deal in aware datetimes.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE


def to_moment(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a clock needs an aware datetime")
    local = at.astimezone(SHANGHAI)
    second = (local.hour * 60 + local.minute) * 60 + local.second
    return local.toordinal() * DAY + second * SECOND + local.microsecond


def to_local(moment: int) -> datetime:
    ordinal, rest = divmod(moment, DAY)
    return datetime.fromordinal(ordinal).replace(tzinfo=SHANGHAI) + timedelta(microseconds=rest)


def to_utc(moment: int) -> datetime:
    return to_local(moment).astimezone(UTC)
