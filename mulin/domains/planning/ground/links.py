"""Neighbours somebody who knows the place names or denies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mulin.domains.planning.ground.adjacency import Adjacency


@dataclass(frozen=True)
class Link:
    """Two buildings by number, and what lies between them after all."""

    first: int
    second: int
    barrier: int


def linked(neighbours: Adjacency, links: Sequence[Link]) -> Adjacency:
    """Return the neighbours with the links added; of a pair that is there, the link's barrier counts."""
    if not links:
        return neighbours
    named = {(min(one.first, one.second), max(one.first, one.second)): one.barrier for one in links}
    there = {(int(u), int(v)): number for number, (u, v) in enumerate(neighbours.edges)}
    barriers = neighbours.barriers.copy()
    for pair, barrier in named.items():
        if pair in there:
            barriers[there[pair]] = barrier
    fresh = [pair for pair in named if pair not in there]
    edges = np.concatenate([neighbours.edges, np.array(fresh, dtype=np.int64).reshape(-1, 2)])
    barriers = np.concatenate([barriers, np.array([named[pair] for pair in fresh], dtype=np.int64)])
    gaps = np.concatenate([neighbours.gap_m, np.zeros(len(fresh))])
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    return Adjacency(edges[order], barriers[order], gaps[order])
