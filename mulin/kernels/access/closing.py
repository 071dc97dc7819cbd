"""Loops of `live`: what a closed facility leaves to be reached anew."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled
from mulin.kernels.network.matrix import Floats
from mulin.kernels.network.search import Graph, Work

ROUNDING_M = 1e-6


@compiled
def clear(work: Work, alone: Work) -> NDArray[np.int64]:
    """Set the nodes that are as far as the closed facility alone explains to inf; which they are.

    Sums along different ways differ in the last digits, so a hair too many are cleared: they are found again.
    """
    distance, own, touched = work.distance, alone.distance, alone.touched
    cleared = np.empty(alone.reached[0], np.int64)
    count = 0
    for i in range(alone.reached[0]):
        node = touched[i]
        if own[node] <= distance[node] + ROUNDING_M:
            distance[node] = np.inf
            cleared[count] = node
            count += 1
    return cleared[:count]


@compiled
def rim(graph: Graph, distance: Floats, cleared: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Cleared nodes beside known ones, each with its distance over its nearest known neighbour."""
    starts, heads, steps = graph
    costs = np.full(len(cleared), np.inf)
    for i in range(len(cleared)):
        for arc in range(starts[cleared[i]], starts[cleared[i] + 1]):
            costs[i] = min(costs[i], distance[heads[arc]] + steps[arc])
    return cleared, costs
