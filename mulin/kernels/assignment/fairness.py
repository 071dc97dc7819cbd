"""The shortest farthest way that any assignment can have, by halving."""

import numpy as np

from mulin.kernels.assignment.checks import pairs
from mulin.kernels.assignment.costs import permitted, seats, within
from mulin.kernels.assignment.flow import cheapest
from mulin.kernels.assignment.problem import QUANTUM_M, Flags, Params, Problem
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs, quanta
from mulin.kernels.stop import Stop

STEP = quanta(1.0)


def least_farthest_m(problem: Problem, stop: Stop | None, params: Params) -> float | None:
    """Return a bound on the farthest way, in m, that can be kept and is less than 1 m above the least one.

    Fixed pairs are exempt. Where no assignment keeps the other rules, the bound of `params` is returned unchanged, so
    that the caller learns why. O(log of the range) assignments.
    """
    distance = permitted(problem)
    free = np.ones(len(distance), np.bool_)
    free[pairs(problem.fixed)[:, 0]] = False
    bound = IMPOSSIBLE if params.farthest_m is None else quanta(params.farthest_m)
    highest = _farthest_within(distance, problem, bound, free, stop)
    if highest is None:
        return params.farthest_m
    lowest = int(distance[free].min(axis=1).max(initial=0)) - 1
    while highest - lowest > STEP and not (stop and stop.is_due(0)):
        middle = (lowest + highest) // 2
        found = _farthest_within(distance, problem, middle, free, stop)
        lowest, highest = (middle, highest) if found is None else (lowest, found)
    return highest * QUANTUM_M


def _farthest_within(distance: Costs, problem: Problem, bound: int, free: Flags, stop: Stop | None) -> int | None:
    """Return the farthest way of an assignment within the bound, or None where there is none."""
    flow = cheapest(within(distance, problem, bound), *seats(problem, Params()), stop)
    if flow.certificates or flow.interrupted:
        return None
    workers = np.nonzero(free)[0]
    return int(distance[workers, flow.grid[workers]].max(initial=0))
