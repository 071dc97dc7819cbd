"""Nearest first: what a desk does by hand, compiled, to compare with."""

import heapq

import numpy as np

from mulin.kernels.assignment.problem import Integers
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs
from mulin.kernels.compiled import compiled


@compiled
def nearest_first(cost: Costs, fixed: Integers, highest: Integers) -> Integers:
    """Take the nearest pair with a free seat, again and again; -1 for whom no seat is left. O(s g) and rescans."""
    seats = highest.copy()
    grid = np.full(cost.shape[0], -1, np.int64)
    for pair in range(fixed.shape[0]):
        grid[fixed[pair, 0]] = fixed[pair, 1]
        seats[fixed[pair, 1]] -= 1
    queue = [(np.int64(IMPOSSIBLE), -1, -1)]
    for worker in range(cost.shape[0]):
        best = nearest_open(cost[worker], seats)
        if best >= 0 and grid[worker] < 0:
            queue.append((np.int64(cost[worker, best]), worker, best))
    heapq.heapify(queue)
    while True:
        _, worker, best = heapq.heappop(queue)
        if worker < 0:
            return grid
        if seats[best] > 0:
            grid[worker] = best
            seats[best] -= 1
            continue
        best = nearest_open(cost[worker], seats)
        if best >= 0:
            heapq.heappush(queue, (np.int64(cost[worker, best]), worker, best))


@compiled
def nearest_open(costs: Costs, seats: Integers) -> int:
    """Return the nearest grid with a free seat that can be reached, or -1."""
    nearest, best = -1, IMPOSSIBLE
    for grid in range(costs.size):
        if seats[grid] > 0 and costs[grid] < best:
            nearest, best = grid, costs[grid]
    return nearest
