"""The shortest farthest way that any assignment can have, by halving."""

import numpy as np

from mulin.kernels.assignment.checks import pairs
from mulin.kernels.assignment.costs import permitted, seats, within
from mulin.kernels.assignment.flow import Flow, cheapest
from mulin.kernels.assignment.problem import QUANTUM_M, Integers, Params, Problem
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs, quanta
from mulin.kernels.stop import Stop

STEP = quanta(1.0)


def least_farthest_m(problem: Problem, stop: Stop | None, params: Params) -> float | None:
    """Return a bound on the farthest way, in m, that can be kept and is less than 1 m above the least one.

    Fixed pairs are exempt. Where no assignment keeps the other rules, the bound of `params` is returned unchanged, so
    that the caller learns why. O(log of the range) assignments.
    """
    distance = permitted(problem)
    bounds = seats(problem, Params())
    free = np.setdiff1d(np.arange(len(distance)), pairs(problem.fixed)[:, 0])
    first = IMPOSSIBLE if params.farthest_m is None else quanta(params.farthest_m)
    best = cheapest(within(distance, problem, first), *bounds, stop, whole=False)
    if not _is_whole(best):
        return params.farthest_m
    lowest = int(distance[free].min(axis=1).max(initial=0)) - 1
    highest = _farthest(distance, best, free)
    while highest - lowest > STEP and not (stop and stop.is_due(0)):
        middle = (lowest + highest) // 2
        found = cheapest(within(distance, problem, middle), *bounds, stop, warm=best, whole=False)
        if _is_whole(found):
            best, highest = found, _farthest(distance, found, free)
        else:
            lowest = middle
    return highest * QUANTUM_M


def _is_whole(flow: Flow) -> bool:
    return not flow.certificates and not flow.interrupted


def _farthest(distance: Costs, flow: Flow, free: Integers) -> int:
    return int(distance[free, flow.grid[free]].max(initial=0))
