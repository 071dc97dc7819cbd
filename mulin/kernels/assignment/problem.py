"""Who is to be given a grid, how far everyone has to each, and how many each grid takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Distances = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUANTUM_M = 2.0**-10
"""Distances are rounded to multiples of this (about 1 mm), so that every sum of them is exact."""


@dataclass(frozen=True)
class Problem:
    """Staff, grids, distances and rules.

    Parameters
    ----------
    distance_m : (s, g) float64
        From each worker to each grid in m; infinite where the pair is impossible. See `straight_lines` and
        `from_sparse` for other sources.
    highest : (g,) int64
        Most workers a grid takes.
    lowest : (g,) int64
        Fewest workers a grid must get; none given means 0.
    fixed : (f, 2) int64
        Pairs (worker, grid) that are decided already. They count against the seats and are exempt from
        `Params.farthest_m`.
    forbidden : (p, 2) int64
        Pairs (worker, grid) that may not be.
    present : (s,) int64
        Today's grid of each worker, -1 for none; matters with `Params.change_m`.
    """

    distance_m: Distances
    highest: Integers
    lowest: Integers | None = None
    fixed: Integers | None = None
    forbidden: Integers | None = None
    present: Integers | None = None


@dataclass(frozen=True)
class Params:
    """What else counts besides distance.

    Parameters
    ----------
    change_m
        A worker with a present grid moves only where this many m are saved in sum.
    unplaced_m
        A worker may stay without a grid at the cost of so many m (a reserve); None: everyone gets a grid.
    farthest_m
        Fairness: nobody is sent farther than this.
    minimise_farthest
        First make the farthest way as short as any assignment can (to the metre), then the sum under that bound. Not
        together with a reserve, where the farthest way is nobody's.
    """

    change_m: float = 0.0
    unplaced_m: float | None = None
    farthest_m: float | None = None
    minimise_farthest: bool = False
