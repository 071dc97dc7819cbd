"""Whole numbers instead of metres: every sum is exact, so that a gap of 0 is 0."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.assignment.problem import QUANTUM_M, Distances

Costs = NDArray[np.int32]
"""In quanta; `IMPOSSIBLE` where a pair may not be."""

IMPOSSIBLE = 2**30
FARTHEST_M = 100_000.0
"""Above this a distance is a unit mistaken; two of them still fit below `IMPOSSIBLE` / 2."""


def quanta(value_m: float) -> int:
    """Return the whole number of quanta nearest to a length."""
    return round(value_m / QUANTUM_M)


def table(distance_m: Distances) -> Costs:
    """Return distances in quanta."""
    scaled = distance_m * (1 / QUANTUM_M)
    np.rint(scaled, out=scaled)
    np.minimum(scaled, IMPOSSIBLE, out=scaled)
    return scaled.astype(np.int32, order="C")
