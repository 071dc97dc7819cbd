"""A second, naive clock: it walks minute by minute and shares no code with mulin.core.clocks.

Its holidays are typed from the State Council's notices for 2024, 2025 and 2026.
"""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
ORIGIN = datetime(2024, 1, 1)
LAST_YEAR = 2026
DAY = 1440

OFF = """
2024-01-01 2024-01-01 元旦
2024-02-10 2024-02-17 春节
2024-04-04 2024-04-06 清明节
2024-05-01 2024-05-05 劳动节
2024-06-10 2024-06-10 端午节
2024-09-15 2024-09-17 中秋节
2024-10-01 2024-10-07 国庆节
2025-01-01 2025-01-01 元旦
2025-01-28 2025-02-04 春节
2025-04-04 2025-04-06 清明节
2025-05-01 2025-05-05 劳动节
2025-05-31 2025-06-02 端午节
2025-10-01 2025-10-08 国庆节
2026-01-01 2026-01-03 元旦
2026-02-15 2026-02-23 春节
2026-04-04 2026-04-06 清明节
2026-05-01 2026-05-05 劳动节
2026-06-19 2026-06-21 端午节
2026-09-25 2026-09-27 中秋节
2026-10-01 2026-10-07 国庆节
"""
MADE_UP = """
2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""


class NoTable(Exception):
    pass


def off_days() -> set[date]:
    found: set[date] = set()
    for line in OFF.split("\n")[1:-1]:
        first, last, _name = line.split()
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            found.add(day)
            day += timedelta(days=1)
    return found


def made_up_days() -> set[date]:
    return {date.fromisoformat(day) for day in MADE_UP.split()}


def _working_days() -> set[int]:
    off, made_up = off_days(), made_up_days()
    days = (ORIGIN.date() + timedelta(days=n) for n in range(366 + 365 + 365))
    return {n for n, day in enumerate(days) if day in made_up or (day.weekday() < 5 and day not in off)}


WORKING = _working_days()
TABLE_ENDS = (366 + 365 + 365) * DAY


def minute(at: datetime) -> int:
    local = at.astimezone(BEIJING).replace(tzinfo=None)
    return (local - ORIGIN) // timedelta(minutes=1)


def moment(minutes: int) -> datetime:
    return (ORIGIN + timedelta(minutes=minutes)).replace(tzinfo=BEIJING)


def is_office_time(at: int) -> bool:
    time = at % DAY
    return at // DAY in WORKING and (540 <= time < 720 or 810 <= time < 1050)


def is_close(at: int) -> bool:
    return at // DAY in WORKING and at % DAY == 1050


def is_paused(at: int, pauses: list[tuple[int, int | None]]) -> bool:
    return any(begin <= at and (end is None or at < end) for begin, end in pauses)


def deadline(start: int, amount: int, kind: str, pauses: list[tuple[int, int | None]]) -> int | None:
    """Return the due minute, None if paused for good; raise NoTable if 2027 would have to be known."""
    for_good = min((begin for begin, end in pauses if end is None), default=None)
    counted, at = 0, start
    while for_good is None or at < for_good:
        if not is_paused(at, pauses):
            if kind != "continuous" and at >= TABLE_ENDS:
                raise NoTable
            if kind == "working_days" and is_close(at) and at // DAY > start // DAY:
                counted += 1
                if counted == amount:
                    return at
            if kind == "continuous" or (kind == "working_hours" and is_office_time(at)):
                counted += 1
                if counted == amount:
                    return at + 1
        at += 1
    return None


def elapsed(start: int, end: int, kind: str, pauses: list[tuple[int, int | None]]) -> int:
    running = [at for at in range(start, end + 1) if not is_paused(at, pauses)]
    if kind == "working_days":
        return sum(is_close(at) and at // DAY > start // DAY for at in running)
    return sum(kind == "continuous" or is_office_time(at) for at in running if at < end)
