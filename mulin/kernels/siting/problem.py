"""Candidates, whom they would serve, and what may be built."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers


@dataclass(frozen=True)
class Problem:
    """Choose among c candidates so that the most demand is served.

    Parameters
    ----------
    starts : (c + 1,) int64
        Candidate j serves the demand points `serves[starts[j]:starts[j + 1]]` (`reach.reach` makes both from a
        walking network).
    serves : (s,) int64
        Demand points within reach, each at most once per candidate.
    demand : (n,) float64
        Households (or whatever is to be served) of each demand point.
    count
        How many candidates may be chosen, the fixed ones not counted; `None` where only the budget limits.
    served_already : (n,) bool
        Demand points that an existing facility serves; nothing is gained there.
    fixed : (k,) int64
        Candidates that are built in any case.
    cost : (c,) float64
        What each candidate costs; fixed ones are paid already.
    budget
        What may be spent, in the unit of `cost`.
    """

    starts: Integers
    serves: Integers
    demand: NDArray[np.float64]
    count: int | None = None
    served_already: NDArray[np.bool_] | None = None
    fixed: Integers | None = None
    cost: NDArray[np.float64] | None = None
    budget: float | None = None


@dataclass(frozen=True)
class Params:
    """How far to go.

    Parameters
    ----------
    exact
        False stops at greedy with swaps (milliseconds); the bound is then the counting one.
    gap
        Relative gap at which the exact search may end.
    """

    exact: bool = True
    gap: float = 0.0
