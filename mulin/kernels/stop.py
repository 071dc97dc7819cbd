"""When a kernel stops improving: after a time, after a number of rounds, or when somebody asks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def nobody_asks() -> bool:
    """The default of `Stop.asked`."""
    return False


@dataclass(frozen=True)
class Stop:
    """Whichever comes first ends the search; the last lawful result is kept.

    Parameters
    ----------
    seconds
        Wall-clock limit in s, counted from the construction of this object. Two runs under a time limit may differ.
    rounds
        Limit on the kernel's own rounds. A run limited by rounds alone is the same for the same seed.
    asked
        Called between chunks of work (every few ms); true ends the search.
    """

    seconds: float | None = None
    rounds: int | None = None
    asked: Callable[[], bool] = nobody_asks
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.seconds is None and self.rounds is None and self.asked is nobody_asks:
            raise ValueError("A search needs a limit: seconds, rounds, or somebody who asks it to stop.")

    def elapsed_s(self) -> float:
        """Seconds since this object was made."""
        return time.monotonic() - self.started

    def is_due(self, rounds: int) -> bool:
        """Whether the search, having done so many rounds, must end now."""
        out_of_time = self.seconds is not None and self.elapsed_s() >= self.seconds
        return out_of_time or (self.rounds is not None and rounds >= self.rounds) or self.asked()
