"""The three clocks of GB/T 30428 and what is measured on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mulin.core.clocks.errors import AllowanceInvalid


class ClockKind(StrEnum):
    CONTINUOUS = "continuous"  # 紧急工作时: runs day and night
    WORKING_HOURS = "working_hours"  # 工作时: runs during working periods
    WORKING_DAYS = "working_days"  # 工作日: counts closes of work


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much time is allowed: minutes, or days for WORKING_DAYS."""

    amount: int
    kind: ClockKind

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise AllowanceInvalid(str(self.amount))

    def extended(self, by: int) -> "Allowance":
        """The same clock with `by` more minutes (or days); an extension is a longer allowance."""
        return Allowance(self.amount + by, self.kind)


class Pause(NamedTuple):
    """The clock stands from `paused_at` (included) to `resumed_at` (excluded); None: still paused."""

    paused_at: datetime
    resumed_at: datetime | None = None
