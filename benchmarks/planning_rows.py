"""One line of the planning benchmark: ours beside a rival or a bound, in one run."""

import resource
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`ratio` is ours divided by the rival's; `target` the largest ratio wanted."""

    name: str
    ours: str
    rival: str
    ratio: float
    target: float
    memory_mb: float
    note: str = ""

    @property
    def met(self) -> bool:
        return self.ratio <= self.target


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, in MB (ru_maxrss is kB on Linux, bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
