"""Random spanning trees of a region, and what lies below each of its edges.

A tree grows from its root over the edge that is ready first (Prim 1957 with exponential waiting times, quantised into
buckets): heavy edges are ready early, so that the tree leaves streets and main roads to be cut.
"""

import numpy as np

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import LEVELS, NONE, Town
from mulin.kernels.partition.engine.draws import draw

# Exponential waiting times of mean 256, in 256 equally likely steps.
WAITS = (-np.log((np.arange(256) + 0.5) / 256) * 256).astype(np.int32)
WAITS_OF_A_DRAW, _BITS, _BYTE, _EMPTY = 8, np.uint64(8), np.uint64(255), np.uint64(0)


@in_place
def _meeting(town: Town, one: int, other: int) -> int:
    """Lowest common ancestor, walking up."""
    while one != other:
        if town.atoms[one].depth >= town.atoms[other].depth:
            one = town.atoms[one].parent
        else:
            other = town.atoms[other].parent
    return one


@in_place
def _weigh(town: Town, atom: int, other: int, weight: float) -> None:
    """Count an edge for every cut of the tree between its two atoms."""
    if town.atoms[atom].grid != town.atoms[other].grid:
        town.state[0].cut_today += weight
    town.atoms[atom].sum_cut += weight
    town.atoms[other].sum_cut += weight
    town.atoms[_meeting(town, atom, other)].sum_cut -= 2.0 * weight


@in_place
def _enter(town: Town, atom: int, stamp: int, entries: int, low: int, weighs: bool) -> tuple[int, int]:
    """Queue the edges from a new atom of the tree to those of the region not in it yet; weigh those to atoms in it."""
    bits, left = _EMPTY, 0
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        other = town.edges[edge].neighbour
        if town.atoms[other].mark != stamp:
            continue
        if town.atoms[other].place != NONE:
            if weighs:
                _weigh(town, atom, other, town.edges[edge].weight)
            continue
        if left == 0:
            bits, left = draw(town), WAITS_OF_A_DRAW
        wait = WAITS[bits & _BYTE]
        bits, left = bits >> _BITS, left - 1
        level = min(LEVELS - 1, (wait * town.edges[edge].delay) >> 8)
        town.edges[entries].entry_atom = other
        town.edges[entries].entry_from = atom
        town.edges[entries].entry_next = town.heads[level]
        town.heads[level] = entries
        entries += 1
        low = min(low, level)
    return entries, low


@in_place
def _place(town: Town, atom: int, place: int) -> None:
    town.atoms[place].order = atom
    town.atoms[atom].place = place
    town.atoms[atom].sum_cut = 0.0


@in_place
def spanning_tree(town: Town, root: int, stamp: int, weighs: bool) -> int:
    """Grow a tree over the marked atoms that hang together with the root.

    Writes `order` (parents before children), `parent`, `depth` and `place` (in the order); `place` of every marked
    atom must be -1 before. Where it `weighs`, also `sum_cut` for `sum_subtrees`, and `cut_today` of the state: the
    weight of the edges of the region that the plan cuts today. O(edges · depth) with weights, else O(edges).

    Returns
    -------
    int
        Atoms reached.
    """
    for level in range(LEVELS):
        town.heads[level] = NONE
    town.state[0].cut_today = 0.0
    town.atoms[root].parent = NONE
    town.atoms[root].depth = 0
    _place(town, root, 0)
    reached = 1
    entries, level = _enter(town, root, stamp, 0, LEVELS, weighs)
    while level < LEVELS:
        entry = town.heads[level]
        if entry == NONE:
            level += 1
            continue
        town.heads[level] = town.edges[entry].entry_next
        atom = town.edges[entry].entry_atom
        if town.atoms[atom].place != NONE:
            continue
        parent = town.edges[entry].entry_from
        town.atoms[atom].parent = parent
        town.atoms[atom].depth = town.atoms[parent].depth + 1
        _place(town, atom, reached)
        reached += 1
        entries, level = _enter(town, atom, stamp, entries, level, weighs)
    return reached


@in_place
def sum_subtrees(town: Town, count: int, with_spread: bool) -> None:
    """Sum households (and spread) below each atom of the tree, and the weight its edge to the parent would cut."""
    for at in range(count):
        atom = town.atoms[at].order
        town.atoms[atom].sum_households = town.atoms[atom].households
    if with_spread:
        _start_spread(town, count)
    _sum_up(town, count, with_spread)


@in_place
def _start_spread(town: Town, count: int) -> None:
    for at in range(count):
        atom = town.atoms[at].order
        households, x, y = town.atoms[atom].households, town.atoms[atom].x * 0.01, town.atoms[atom].y * 0.01
        town.atoms[atom].sum_x = households * x
        town.atoms[atom].sum_y = households * y
        town.atoms[atom].sum_q = households * (x * x + y * y)


@in_place
def _sum_up(town: Town, count: int, with_spread: bool) -> None:
    for at in range(count - 1, 0, -1):
        atom = town.atoms[at].order
        parent = town.atoms[atom].parent
        town.atoms[parent].sum_households += town.atoms[atom].sum_households
        town.atoms[parent].sum_cut += town.atoms[atom].sum_cut
        if with_spread:
            town.atoms[parent].sum_x += town.atoms[atom].sum_x
            town.atoms[parent].sum_y += town.atoms[atom].sum_y
            town.atoms[parent].sum_q += town.atoms[atom].sum_q
