"""One net, how the old ones differ, and which new grid answers for which old code."""

from dataclasses import dataclass

from mulin.kernels.facts import Certificate
from mulin.kernels.merge.problem import Outline
from mulin.kernels.partition.problem import Integers


@dataclass(frozen=True)
class NetFigures:
    """The faults of one department's net as it stands.

    `without_grid`, `in_several`: buildings in no grid, and in more than one outline; `outside`: grids outside the
    bounds of households; `broken`: grids whose buildings do not hang together; `overlap_m2`: ground that lies in more
    than one outline.
    """

    grids: int
    without_grid: int
    in_several: int
    outside: int
    broken: int
    overlap_m2: float


@dataclass(frozen=True)
class Difference:
    """How two nets disagree: households and ground that lie in grids which do not answer to each other.

    Grids answer to each other one to one so that most households stay. Buildings in no grid of either are not counted.
    """

    first: int
    second: int
    households: int
    area_m2: float


@dataclass(frozen=True)
class Proposal:
    """One way to the one net that was tried.

    `start` is the index of the department's net it grew from, -1 the consensus of all; `changed` the households that
    get another grid, by department; `cost` their weighted sum.
    """

    start: int
    changed: tuple[int, ...]
    cost: float
    outside: int


@dataclass(frozen=True)
class Successor:
    """What an old grid became, in part or whole.

    `share_households` and `share_area` are of the old grid (NaN where it has none); `is_main` marks the one new grid
    that answers for the old code: most households, then most ground, then nearest.
    """

    net: int
    old_grid: int
    new_grid: int
    households: int
    area_m2: float
    share_households: float
    share_area: float
    is_main: bool


@dataclass(frozen=True)
class Result:
    """The one net of least change among the proposals.

    Parameters
    ----------
    grid : (n,) int64
        New grid of each building, 0 … k-1.
    outlines
        Ground of each new grid, in m: the outlines of the net it grew from where they still fit, otherwise divided
        between the buildings by nearness. Empty where no net has outlines.
    cell : (n,) int64
        Overlay: buildings with the same number lie in the same grid of every net.
    proposals
        All that were tried, the chosen one first.
    bound
        No net whatever has a weighted change below this (the nets' differences among themselves).
    successors
        The cross-walk table, by net, old grid and share; every old grid has exactly one main row.
    """

    grid: Integers
    outlines: tuple[Outline, ...]
    cell: Integers
    nets: tuple[NetFigures, ...]
    differences: tuple[Difference, ...]
    proposals: tuple[Proposal, ...]
    bound: float
    successors: tuple[Successor, ...]
    certificates: tuple[Certificate, ...]
    unexplained: tuple[int, ...]
    seconds: float
