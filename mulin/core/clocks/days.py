"""What the yearly notice and the office rules say about days: plain values."""

from dataclasses import dataclass
from datetime import date

SATURDAY = 5  # date.weekday()
MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class DayRule:
    """One date the yearly notice speaks of: a holiday, or a day worked in exchange (调休)."""

    is_working: bool
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Daily working periods from a date on, as (start, end) minutes after midnight."""

    valid_from: date
    periods: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        clock = [minute for period in self.periods for minute in period]
        in_order = all(start < end for start, end in self.periods) and clock == sorted(clock)
        if not clock or not in_order or clock[0] < 0 or clock[-1] > MINUTES_PER_DAY:
            raise ValueError(f"working periods must follow one another within one day: {self.periods}")

    @property
    def closes_minute(self) -> int:
        return self.periods[-1][1]


DEFAULT_HOURS = WorkingHours(date(2004, 1, 1), ((9 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)))


def period_text(hours: WorkingHours) -> str:
    """Return for example 09:00–12:00、13:30–17:30."""
    return "、".join(f"{_clock(start)}–{_clock(end)}" for start, end in hours.periods)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
