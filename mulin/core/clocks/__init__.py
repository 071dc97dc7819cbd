"""The clocks of cases: continuous, working hours, working days; with pauses, and explained step by step.

Values in, values out. The calendar is handed in; `mulin.core.calendar_services.work_calendar()` loads it.
"""

from mulin.core.clocks.calendar import WorkCalendar
from mulin.core.clocks.counting import Deadline, Pauses, deadline, elapsed, remaining
from mulin.core.clocks.days import DEFAULT_HOURS, DayRule, WorkingHours
from mulin.core.clocks.errors import AllowanceInvalid, CalendarYearMissing, WorkingHoursMissing
from mulin.core.clocks.explanation import ExplanationStep, StepCode
from mulin.core.clocks.kinds import Allowance, ClockKind, Pause
from mulin.core.clocks.moments import SHANGHAI
from mulin.core.clocks.notation import parse_allowance

__all__ = [
    "DEFAULT_HOURS",
    "SHANGHAI",
    "Allowance",
    "AllowanceInvalid",
    "CalendarYearMissing",
    "ClockKind",
    "DayRule",
    "Deadline",
    "ExplanationStep",
    "Pause",
    "Pauses",
    "StepCode",
    "WorkCalendar",
    "WorkingHours",
    "WorkingHoursMissing",
    "deadline",
    "elapsed",
    "parse_allowance",
    "remaining",
]
