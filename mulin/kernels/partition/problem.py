"""What is to be divided into grids, and what a division must keep."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Coordinates = NDArray[np.float64]
Flags = NDArray[np.bool_]

SAME_BLOCK, MINOR_STREET, MAIN_ROAD, IMPASSABLE = 0, 1, 2, 3


@dataclass(frozen=True)
class Bounds:
    """Households of one grid: 300–500 in towns (GB/T 34300-2017); a place may set others."""

    lowest: int = 300
    highest: int = 500

    @property
    def target(self) -> float:
        return (self.lowest + self.highest) / 2


@dataclass(frozen=True)
class Problem:
    """Buildings, who is whose neighbour, and the rules.

    Parameters
    ----------
    households : (n,) int64
        Households of each building; zero is allowed.
    xy : (n, 2) float64
        Position in m on a local plane.
    edges : (m, 2) int64
        Pairs of neighbouring buildings; each pair once, in either order.
    barriers : (m,) int64
        What lies between the pair: `SAME_BLOCK`, `MINOR_STREET`, `MAIN_ROAD`; `IMPASSABLE` (a river, a railway)
        joins nothing and is as if the edge were not there.
    community : (n,) int64
        The area each building lies in; a grid never crosses into another.
    bounds
        Households of a grid.
    piece : (n,) int64
        Buildings with the same number >= 0 stay in one grid; -1 is free.
    sealed : (k,) int64
        Pieces that are a whole grid already: nobody joins them and their bounds are not asked (a desk locked them).
    apart : (p, 2) int64
        Pairs of buildings that may not share a grid.
    present : (n,) int64
        Today's grid of each building, -1 for none: the warm start of a re-partition.
    """

    households: Integers
    xy: Coordinates
    edges: Integers
    barriers: Integers
    community: Integers
    bounds: Bounds = field(default_factory=Bounds)
    piece: Integers | None = None
    sealed: Integers | None = None
    apart: Integers | None = None
    present: Integers | None = None


@dataclass(frozen=True)
class Params:
    """Weights of what a good plan has little of.

    Parameters
    ----------
    cut
        Cost of a cut edge by its barrier class (same block, minor street, main road).
    balance
        Weight of the squared deviation from the target; 0 leaves balance to the bounds.
    compactness
        Weight of the households' squared distance to the centre of their grid.
    straddling
        Cost of a grid that holds together only across a main road.
    change
        Cost of one household that gets a new grid; matters only where `present` is given.
    """

    cut: tuple[float, float, float] = (10.0, 5.0, 1.0)
    balance: float = 0.0
    compactness: float = 0.0
    straddling: float = 0.0
    change: float = 1.0
