"""From lists of pairs to adjacency by rows, and what hangs together in it. All O(n + m)."""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.partition.engine.arrays import NONE, Large, Mask, Real, Whole


@compiled
def _starts(ends: Large, atoms: int) -> Whole:
    start = np.zeros(atoms + 1, np.int32)
    for end in ends:
        start[end + 1] += 1
    for atom in range(atoms):
        start[atom + 1] += start[atom]
    return start


@compiled
def _sorted_by(ends: Large, order: Large, atoms: int) -> Large:
    """Stable counting sort of `order` by the end each directed edge has."""
    start = _starts(ends, atoms)
    result = np.empty_like(order)
    for edge in order:
        end = ends[edge]
        result[start[end]] = edge
        start[end] += 1
    return result


@compiled
def adjacency(
    tails: Large, heads: Large, weights: Real, walkable: Mask, atoms: int
) -> tuple[Whole, Whole, Whole, Real, Mask]:
    """Rows of neighbours in ascending order; parallel edges become one with the sum of their weights.

    Parameters
    ----------
    tails, heads, weights, walkable
        Every edge in both directions, (e,).

    Returns
    -------
    start, source, neighbour, weight, walkable
    """
    order = _sorted_by(tails, _sorted_by(heads, np.arange(len(tails)), atoms), atoms)
    start = np.zeros(atoms + 1, np.int32)
    source = np.empty(len(tails), np.int32)
    neighbour = np.empty(len(tails), np.int32)
    weight = np.empty(len(tails))
    walks = np.empty(len(tails), np.bool_)
    last = -1
    for edge in order:
        if last >= 0 and source[last] == tails[edge] and neighbour[last] == heads[edge]:
            weight[last] += weights[edge]
            walks[last] = walks[last] or walkable[edge]
            continue
        last += 1
        source[last], neighbour[last] = tails[edge], heads[edge]
        weight[last], walks[last] = weights[edge], walkable[edge]
        start[tails[edge] + 1] = last + 1
    for atom in range(atoms):
        start[atom + 1] = max(start[atom + 1], start[atom])
    return start, source[: last + 1].copy(), neighbour[: last + 1].copy(), weight[: last + 1].copy(), walks[: last + 1]


@compiled
def components(start: Whole, neighbour: Whole) -> tuple[Whole, Whole, Whole]:
    """Number what hangs together by its first atom, and list the atoms of each number.

    Returns
    -------
    component (n,), first place of each component in the list (c+1,), the list (n,)
    """
    atoms = len(start) - 1
    component = np.full(atoms, NONE, np.int32)
    listed = np.empty(atoms, np.int32)
    starts = np.zeros(atoms + 1, np.int32)
    found = 0
    end = 0
    for seed in range(atoms):
        if component[seed] != NONE:
            continue
        at = end
        component[seed] = found
        listed[end] = seed
        end += 1
        while at < end:
            atom = listed[at]
            at += 1
            for edge in range(start[atom], start[atom + 1]):
                other = neighbour[edge]
                if component[other] == NONE:
                    component[other] = found
                    listed[end] = other
                    end += 1
        found += 1
        starts[found] = end
    return component, starts[: found + 1].copy(), listed


@compiled
def root_of(leader: Large, item: int) -> int:
    """Find the leader of an item's group, shortening the way."""
    while leader[item] != item:
        leader[item] = leader[leader[item]]
        item = leader[item]
    return item


@compiled
def groups_within(pairs: Large, holds: Mask, label: Large) -> Large:
    """Leader of the connected group of each building over the edges that hold and stay within one label."""
    leader = np.arange(len(label))
    for row in range(len(pairs)):
        one, other = pairs[row, 0], pairs[row, 1]
        if holds[row] and label[one] == label[other]:
            first, second = root_of(leader, one), root_of(leader, other)
            leader[max(first, second)] = min(first, second)
    for item in range(len(label)):
        leader[item] = root_of(leader, item)
    return leader
