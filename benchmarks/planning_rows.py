"""One line of the planning benchmark: ours beside a rival or a bound, in one run."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path


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
    status = Path("/proc/self/status")
    if status.exists():  # there ru_maxrss of a child begins at its parent's
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
