"""From the problem to one table of costs: forbidden pairs impossible, the reserve as a last grid."""

import numpy as np

from mulin.kernels.assignment.checks import pairs
from mulin.kernels.assignment.problem import Integers, Params, Problem
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs, quanta, table


def permitted(problem: Problem) -> Costs:
    """Return the distances, impossible where a pair is forbidden or the worker is fixed elsewhere."""
    distance = table(problem.distance_m)
    forbidden, fixed = pairs(problem.forbidden), pairs(problem.fixed)
    distance[forbidden[:, 0], forbidden[:, 1]] = IMPOSSIBLE
    ways = distance[fixed[:, 0], fixed[:, 1]]
    distance[fixed[:, 0]] = IMPOSSIBLE
    distance[fixed[:, 0], fixed[:, 1]] = ways
    return distance


def costs(distance: Costs, problem: Problem, params: Params) -> Costs:
    """Add what counts besides distance; returns the same table where nothing does."""
    cost = distance
    if params.farthest_m is not None:
        cost = within(distance, problem, quanta(params.farthest_m))
    if params.unplaced_m is not None:
        cost = np.column_stack([cost, np.full(len(cost), quanta(params.unplaced_m), np.int32)])
    if problem.present is not None and params.change_m:
        cost = _with_change(cost, problem.present, quanta(params.change_m))
    return cost


def within(distance: Costs, problem: Problem, farthest: int) -> Costs:
    """Make impossible what is farther, but for the fixed pairs."""
    fixed = pairs(problem.fixed)
    cost = np.where(distance > farthest, np.int32(IMPOSSIBLE), distance)
    cost[fixed[:, 0], fixed[:, 1]] = distance[fixed[:, 0], fixed[:, 1]]
    return cost


def _with_change(cost: Costs, present: Integers, change: int) -> Costs:
    """Make every grid but the present one dearer."""
    dearer: Costs = cost + np.where(present >= 0, change, 0).astype(np.int32)[:, None]
    workers = np.nonzero(present >= 0)[0]
    dearer[workers, present[workers]] = cost[workers, present[workers]]
    np.minimum(dearer, IMPOSSIBLE, out=dearer)
    return dearer


def seats(problem: Problem, params: Params) -> tuple[Integers, Integers]:
    """Return the fewest and the most workers of each grid, the reserve last."""
    highest = np.asarray(problem.highest, np.int64)
    lowest = np.zeros_like(highest) if problem.lowest is None else np.asarray(problem.lowest, np.int64)
    if params.unplaced_m is not None:
        lowest, highest = np.append(lowest, 0), np.append(highest, len(problem.distance_m))
    return lowest, highest
