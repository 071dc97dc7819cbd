"""Notices that the machine's clock was moved, so that a wrong hour does not escalate, close and delete what it may not.

A clock that is put right again within the wait has done nothing. One that stands for SETTLE_S in its new place is
believed: then it was the old one that was wrong.
"""

import logging
import time
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(minutes=5)
"""What was written further ahead than this was written by a clock that has been put back since."""
TOLERANCE_S = 120.0
SETTLE_S = 600.0


def steady_s() -> float:
    """Seconds nobody can move, those asleep included where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class ClockWatch:
    def __init__(self) -> None:
        self._trusted_s: float | None = None
        self._moved_at_s: float | None = None

    def is_settled(self, *, now: datetime, steady_s: float) -> bool:
        """Say whether `now` goes on from the times before, or has been the new time for long enough."""
        offset_s = now.timestamp() - steady_s
        moved_s = 0.0 if self._trusted_s is None else offset_s - self._trusted_s
        if abs(moved_s) <= TOLERANCE_S:
            self._trust(offset_s)
            return True
        if self._moved_at_s is None:
            self._moved_at_s = steady_s
            log.error("The clock was moved by %+.0f s; recurring tasks wait %.0f s", moved_s, SETTLE_S)
        if steady_s - self._moved_at_s < SETTLE_S:
            return False
        self._trust(offset_s)
        return True

    def _trust(self, offset_s: float) -> None:
        self._trusted_s, self._moved_at_s = offset_s, None
