"""Whose way to what is asked."""

from dataclasses import dataclass

from mulin.kernels.network.problem import Integers
from mulin.kernels.network.result import Network, Snapped


@dataclass(frozen=True)
class Problem:
    """Buildings and facilities on one walking network.

    Parameters
    ----------
    network
        The walking network.
    buildings
        The b buildings, snapped to it.
    facilities
        The f facilities of all kinds, snapped to it.
    kind : (f,) int64
        The kind of each facility, 0 … kinds-1.
    kinds
        How many kinds there are; one without a facility is out of everybody's reach.
    """

    network: Network
    buildings: Snapped
    facilities: Snapped
    kind: Integers
    kinds: int


@dataclass(frozen=True)
class Params:
    """How people walk, and how long.

    Parameters
    ----------
    speed_m_per_s
        Walking speed. 1.2 m/s makes 15 minutes 1,080 m; GB 50180-2018 counts 800–1,000 m for 15 minutes, 500 m for 10
        and 300 m for 5.
    minutes
        The limits asked about, ascending; the search ends at the last.
    threads
        Kinds searched side by side.
    """

    speed_m_per_s: float = 1.2
    minutes: tuple[float, ...] = (5.0, 10.0, 15.0)
    threads: int = 1

    @property
    def limits_m(self) -> tuple[float, ...]:
        return tuple(60.0 * self.speed_m_per_s * minutes for minutes in self.minutes)
