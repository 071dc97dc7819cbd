"""Who goes where, what it costs, and the prices that prove it cannot cost less."""

from dataclasses import dataclass

from mulin.kernels.assignment.problem import Distances, Integers
from mulin.kernels.facts import Certificate


@dataclass(frozen=True)
class Greedy:
    """What "the nearest pair first" would have cost: total and farthest in m, and whom it leaves without a grid."""

    grid: Integers
    total_m: float
    farthest_m: float
    unplaced: int


@dataclass(frozen=True)
class Result:
    """The assignment of least cost.

    Parameters
    ----------
    grid : (s,) int64
        Grid of each worker; -1 without one (a reserve, or where a certificate says why).
    total_m
        Sum of the distances.
    farthest_m
        Longest distance.
    cost_m
        What was minimised: distances, changes and reserves.
    bound_m
        No assignment costs less: the value of the dual at `price_m`.
    price_m : (g,) float64
        What one more seat in each grid would save, in m; negative where a seat must be filled at a loss.
    moved : (c,) int64
        Workers whose present grid is another.
    greedy
        The comparison with "nearest first".
    certificates
        Empty for an assignment that keeps every rule. `confined`: these workers reach only these grids, which have
        too few seats. `too_few_reach`: these grids must get more workers than can reach them. Facts `workers` and
        `grids` hold the indices, `staff`, `seats` and `needed` the counts.
    """

    grid: Integers
    total_m: float
    farthest_m: float
    cost_m: float
    bound_m: float
    price_m: Distances
    moved: Integers
    greedy: Greedy
    certificates: tuple[Certificate, ...]
    rounds: int
    seconds: float

    @property
    def gap_m(self) -> float:
        """How much better another assignment might be; 0 proves that none is."""
        return self.cost_m - self.bound_m
