"""The innermost loops of `distances` and of reach: what one search says about places on ways."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled
from mulin.kernels.network.search import NONE, Graph, Work, forget, spread

Floats = NDArray[np.float64]
Ends = NDArray[np.int64]


@compiled
def at_place(distance: Floats, ends: Ends, costs: Floats) -> float:
    """Distance of a place from the seeds of a search, through either of its ends."""
    least = np.inf
    for side in range(2):
        if ends[side] != NONE:
            least = min(least, distance[ends[side]] + costs[side])
    return least


@compiled
def along_one_chain(chain: Ends, position: Floats, offset: Floats, found: Floats) -> None:
    """Between places on the same chain of ways: straight along it."""
    order = np.argsort(chain)
    for i in range(len(order)):
        a = order[i]
        if chain[a] == NONE:
            continue
        for j in range(i + 1, len(order)):
            b = order[j]
            if chain[b] != chain[a]:
                break
            found[a, b] = offset[a] + offset[b] + abs(position[a] - position[b])
            found[b, a] = found[a, b]


@compiled
def fill_rows(
    graph: Graph, work: Work, ends: Ends, costs: Floats, rows: NDArray[np.int64], bound: float, found: Floats
) -> None:
    """Lower the rows of the matrix by one search each; what is beyond the bound is not trusted but kept as a limit."""
    for row in rows:
        spread(graph, work, ends[row], costs[row], bound)
        for column in range(len(ends)):
            found[row, column] = min(found[row, column], at_place(work.distance, ends[column], costs[column]))
        forget(work)
