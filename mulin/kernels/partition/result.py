"""A division into grids with what it is worth and what it could not keep."""

from collections.abc import Callable
from dataclasses import dataclass

from mulin.kernels.facts import Certificate
from mulin.kernels.partition.problem import Integers


@dataclass(frozen=True)
class Figures:
    """What people compare plans by.

    `cut` is the weighted cut; `outside` the grids outside their bounds, `broken` those not contiguous, `straddling`
    those held together only across a main road; `balance_sd` the standard deviation of households over their mean;
    `distance_m` the root mean square distance of a household to the centre of its grid; `changed` the households
    that get a new grid (0 without a present plan).
    """

    grids: int
    smallest: int
    largest: int
    outside: int
    broken: int
    cut: float
    straddling: int
    balance_sd: float
    distance_m: float
    changed: int


@dataclass(frozen=True)
class Progress:
    """One state of an anytime search: every one is a whole plan."""

    seconds: float
    rounds: int
    grid: Integers
    figures: Figures


Watcher = Callable[[Progress], None]


@dataclass(frozen=True)
class Result:
    """The best plan found.

    Parameters
    ----------
    grid : (n,) int64
        Grid of each building, numbered 0 … grids-1. Where a present plan was given, a grid that lives on keeps its
        number and new grids are numbered after the largest present one.
    certificates
        One for each rule that no plan can keep; empty for a plan that keeps them all.
    unexplained
        Grids outside their bounds for which no certificate was found (a limit of the search, said openly).
    moved : (c,) int64
        Buildings that get a new grid, where a present plan was given.
    """

    grid: Integers
    figures: Figures
    certificates: tuple[Certificate, ...]
    unexplained: tuple[int, ...]
    moved: Integers
    rounds: int
    seconds: float
