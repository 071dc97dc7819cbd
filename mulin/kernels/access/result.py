"""What every building reaches, and what a grid makes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bands = NDArray[np.uint8]


@dataclass(frozen=True)
class Result:
    """Walking distance to the nearest facility of each kind.

    Parameters
    ----------
    distance_m : (kinds, b) float32
        Shortest walk from each building to a facility of the kind, in m; inf beyond the last limit.
    band : (kinds, b) uint8
        The first of `Params.minutes` within which a facility is reached, as an index; `len(minutes)` where none is.
        Decided before `distance_m` was rounded.
    complete
        False where a `Stop` came first; the kinds not searched are then inf.
    """

    distance_m: NDArray[np.float32]
    band: Bands
    complete: bool
    seconds: float

    def within(self, limit: int) -> NDArray[np.bool_]:
        """Whether each building (kinds, b) reaches each kind within `Params.minutes[limit]`."""
        return self.band <= limit


@dataclass(frozen=True)
class Circle:
    """The life circle of g grids, made by `scoring.score`.

    Parameters
    ----------
    households : (g,) float64
        Households of each grid.
    covered : (g, kinds) float64
        Share of the grid's households that reach each kind within that kind's own limit; nan without households.
    score : (g,) float64
        Mean of `covered` weighted by kind, 0 … 1; nan without households.
    overall : (kinds,) float64
        Share of all households that reach each kind.
    """

    households: NDArray[np.float64]
    covered: NDArray[np.float64]
    score: NDArray[np.float64]
    overall: NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """What one facility more or less does to one kind.

    Parameters
    ----------
    buildings : (c,) int64
        Buildings whose distance changed.
    before_m, after_m : (c,) float32
        Their distances in m; inf beyond the last limit.
    """

    kind: int
    buildings: NDArray[np.int64]
    before_m: NDArray[np.float32]
    after_m: NDArray[np.float32]
