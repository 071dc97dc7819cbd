"""Bounded shortest paths from many seeds: Dijkstra's search with buckets (Dial 1969; delta-stepping, Meyer 2003).

Nodes wait in buckets of equal width. Within the bucket being emptied the order is free: a node lowered again is scanned
again, so the distances are exact. O(nodes and ways within the bound + bound / bucket).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled
from mulin.kernels.network.result import Network

BUCKET_M = 16.0
NONE = -1

Floats = NDArray[np.float64]
Small = NDArray[np.int32]


class Graph(NamedTuple):
    """`Network.chains` as the search reads it."""

    starts: NDArray[np.int64]
    heads: Small
    steps_m: Floats


class Work(NamedTuple):
    """What a search writes; made once, used for many searches on one network.

    `distance` is inf except for the first `reached[0]` nodes of `touched`. A bucket is a linked list of entries:
    `first` of each bucket, `node` and `after` of each entry. `waits` is the bucket each node waits in, its other
    entries being stale; `stack` holds those of the bucket being emptied.
    """

    distance: Floats
    touched: Small
    reached: NDArray[np.int64]
    first: Small
    node: Small
    after: Small
    waits: Small
    stack: Small


def graph_of(network: Network) -> Graph:
    chains = network.chains
    return Graph(chains.starts, chains.heads, chains.steps_m)


def make_work(network: Network, furthest_m: float, seeds: int) -> Work:
    """Arrays for searches as far as `furthest_m` from so many seeds.

    A neighbour lowers a node into at most two later buckets, because once its own bucket is passed it is final; hence
    the number of entries.
    """
    n, entries = network.chains.junctions, 2 * len(network.chains.heads) + seeds
    return Work(
        np.full(n, np.inf),
        np.empty(n, np.int32),
        np.zeros(1, np.int64),
        np.full(int(furthest_m / BUCKET_M) + 2, NONE, np.int32),
        np.empty(entries, np.int32),
        np.empty(entries, np.int32),
        np.full(n, NONE, np.int32),
        np.empty(n, np.int32),
    )


# Arrays go into the functions of the innermost loop one by one: reading them out of a tuple there counts references.


@compiled
def _lower(distance: Floats, touched: Small, reached: NDArray[np.int64], who: int, value: float) -> int:
    """Note a shorter way to a node; the bucket it belongs into."""
    if distance[who] == np.inf:
        touched[reached[0]] = who
        reached[0] += 1
    distance[who] = value
    return int(value * (1.0 / BUCKET_M))


@compiled
def _fetch(first: Small, node: Small, after: Small, waits: Small, stack: Small, now: int) -> int:
    """Lay the nodes that wait in a bucket on the stack; how many they are."""
    top, entry = 0, first[now]
    while entry != NONE:
        if waits[node[entry]] == now:
            stack[top] = node[entry]
            top += 1
        entry = after[entry]
    first[now] = NONE
    return top


@compiled
def spread(graph: Graph, work: Work, seeds: NDArray[np.int64], costs: Floats, bound: float) -> None:
    """Spread from the seeds as far as `bound` (<= `furthest_m` of the work), over what `work` knows already."""
    starts, heads, steps = graph
    distance, touched, reached, first, node, after, waits, stack = work
    used = 0
    for i in range(len(seeds)):
        who = seeds[i]
        if who != NONE and costs[i] <= bound and costs[i] < distance[who]:
            bucket = _lower(distance, touched, reached, who, costs[i])
            if waits[who] != bucket:
                waits[who] = bucket
                node[used], after[used], first[bucket] = who, first[bucket], used
                used += 1
    for now in range(len(first)):
        top = _fetch(first, node, after, waits, stack, now)
        while top > 0:
            top -= 1
            who = stack[top]
            waits[who] = NONE
            here = distance[who]
            for arc in range(starts[who], starts[who + 1]):
                there, value = heads[arc], here + steps[arc]
                if value >= distance[there] or value > bound:
                    continue
                bucket = _lower(distance, touched, reached, there, value)
                if waits[there] == bucket:
                    continue
                waits[there] = bucket
                if bucket == now:
                    stack[top] = there
                    top += 1
                else:
                    node[used], after[used], first[bucket] = there, first[bucket], used
                    used += 1


@compiled
def forget(work: Work) -> None:
    """Ready for a search that knows nothing."""
    distance, touched = work.distance, work.touched
    for i in range(work.reached[0]):
        distance[touched[i]] = np.inf
    work.reached[0] = 0
