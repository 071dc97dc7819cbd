"""Distances from what a caller has: positions, or a sparse table of ways."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.assignment.problem import Distances
from mulin.kernels.facts import BadProblem


def straight_lines(staff_xy: NDArray[np.float64], grid_xy: NDArray[np.float64]) -> Distances:
    """Return the (s, g) straight distances in m between positions on a local plane. O(s g)."""
    from scipy.spatial.distance import cdist

    for rows in (staff_xy, grid_xy):
        if not np.isfinite(rows).all():
            raise BadProblem("not_a_number", rows=np.nonzero(~np.isfinite(rows).all(axis=1))[0].tolist())
    distances: Distances = cdist(staff_xy, grid_xy)
    return distances


def from_sparse(ways_m: Any) -> Distances:
    """Return a scipy sparse (s, g) table of ways in m as a full one: a pair that is not stored is impossible."""
    ways = ways_m.tocoo()
    distances = np.full(ways.shape, np.inf)
    np.minimum.at(distances, (ways.row, ways.col), ways.data)
    return distances
