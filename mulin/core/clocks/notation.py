"""Allowances as people write them: "5 工作日", "2紧急工作时", "90 working minutes"."""

import re

from mulin.core.clocks.errors import AllowanceInvalid
from mulin.core.clocks.kinds import Allowance, ClockKind

# unit as written -> clock and how many minutes (or days) one unit is
_UNITS: dict[str, tuple[ClockKind, int]] = {
    "工作日": (ClockKind.WORKING_DAYS, 1),
    "个工作日": (ClockKind.WORKING_DAYS, 1),
    "working day": (ClockKind.WORKING_DAYS, 1),
    "working days": (ClockKind.WORKING_DAYS, 1),
    "工作时": (ClockKind.WORKING_HOURS, 60),
    "工作分钟": (ClockKind.WORKING_HOURS, 1),
    "working hour": (ClockKind.WORKING_HOURS, 60),
    "working hours": (ClockKind.WORKING_HOURS, 60),
    "working minutes": (ClockKind.WORKING_HOURS, 1),
    "紧急工作时": (ClockKind.CONTINUOUS, 60),
    "小时": (ClockKind.CONTINUOUS, 60),
    "分钟": (ClockKind.CONTINUOUS, 1),
    "hour": (ClockKind.CONTINUOUS, 60),
    "hours": (ClockKind.CONTINUOUS, 60),
    "minutes": (ClockKind.CONTINUOUS, 1),
}
_WRITTEN = re.compile(r"\s*(\d{1,6})\s*(\S.*?)\s*", re.ASCII)


def parse_allowance(text: str) -> Allowance:
    written = _WRITTEN.fullmatch(text)
    unit = _UNITS.get(written[2].lower()) if written else None
    if written is None or unit is None:
        raise AllowanceInvalid(text)
    kind, factor = unit
    return Allowance(int(written[1]) * factor, kind)
