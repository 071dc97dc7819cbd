"""The sites chosen, what they serve, and how much better any other choice could be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers


@dataclass(frozen=True)
class Result:
    """A choice of sites.

    Parameters
    ----------
    chosen : (k,) int64
        Candidates chosen, the greatest gain first; fixed ones are not repeated here.
    gains : (k,) float64
        Demand each of them adds to those before it.
    gained
        Demand newly served by all chosen together.
    bound
        No choice gains more than this.
    optimal
        Whether `gained` is proved to be the most (within `Params.gap`).
    marginal : (c,) float64
        Demand each candidate would still add to the chosen ones: the next best site is its maximum.
    solver
        `greedy`, `relaxation` or `highs`: the last search that was needed.
    """

    chosen: Integers
    gains: NDArray[np.float64]
    gained: float
    bound: float
    optimal: bool
    marginal: NDArray[np.float64]
    solver: str
    seconds: float

    @property
    def gap(self) -> float:
        """How much of the bound is not reached, 0 … 1."""
        return 0.0 if self.bound <= 0 else max(0.0, 1.0 - self.gained / self.bound)
