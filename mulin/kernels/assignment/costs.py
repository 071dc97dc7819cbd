"""From the problem to one table of costs: rounded, with forbidden pairs infinite and the reserve as a last grid."""

import numpy as np

from mulin.kernels.assignment.checks import pairs
from mulin.kernels.assignment.problem import QUANTUM_M, Distances, Integers, Params, Problem


def rounded(value_m: float) -> float:
    """Return the multiple of `QUANTUM_M` nearest to a weight."""
    return round(value_m / QUANTUM_M) * QUANTUM_M


def permitted(problem: Problem) -> Distances:
    """Return the rounded distances, infinite where a pair is forbidden or the worker is fixed elsewhere."""
    distance_m: Distances = problem.distance_m * (1 / QUANTUM_M)
    np.rint(distance_m, out=distance_m)
    distance_m *= QUANTUM_M
    forbidden, fixed = pairs(problem.forbidden), pairs(problem.fixed)
    distance_m[forbidden[:, 0], forbidden[:, 1]] = np.inf
    ways = distance_m[fixed[:, 0], fixed[:, 1]]
    distance_m[fixed[:, 0]] = np.inf
    distance_m[fixed[:, 0], fixed[:, 1]] = ways
    return distance_m


def costs(distance_m: Distances, problem: Problem, params: Params) -> Distances:
    """Add what counts besides distance; returns the same table where nothing does."""
    cost = distance_m
    if params.farthest_m is not None:
        fixed = pairs(problem.fixed)
        cost = np.where(distance_m > params.farthest_m, np.inf, distance_m)
        cost[fixed[:, 0], fixed[:, 1]] = distance_m[fixed[:, 0], fixed[:, 1]]
    if params.unplaced_m is not None:
        cost = np.column_stack([cost, np.full(len(cost), rounded(params.unplaced_m))])
    if problem.present is not None and params.change_m:
        cost = _with_change(cost, problem.present, rounded(params.change_m))
    return np.ascontiguousarray(cost)


def _with_change(cost: Distances, present: Integers, change_m: float) -> Distances:
    """Make every grid but the present one dearer."""
    dearer = cost + np.where(present >= 0, change_m, 0.0)[:, None]
    workers = np.nonzero(present >= 0)[0]
    dearer[workers, present[workers]] = cost[workers, present[workers]]
    return dearer


def seats(problem: Problem, params: Params) -> tuple[Integers, Integers]:
    """Return the fewest and the most workers of each grid, the reserve last."""
    highest = np.asarray(problem.highest, np.int64)
    lowest = np.zeros_like(highest) if problem.lowest is None else np.asarray(problem.lowest, np.int64)
    if params.unplaced_m is not None:
        lowest, highest = np.append(lowest, 0), np.append(highest, len(problem.distance_m))
    return lowest, highest
