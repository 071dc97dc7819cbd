"""Articulation atoms: what lies behind them can only leave through them, which a count may show to be impossible.

Hopcroft & Tarjan, "Efficient algorithms for graph manipulation", CACM 16 (1973). O(n + m), and O(highest) for each
piece behind an articulation atom.
"""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.partition.engine.arrays import NONE, Large, Mask, Rules, Town, Whole


@compiled
def _descend(town: Town, seed: int, found: int, walk: Whole) -> int:
    """Visit what hangs together with an atom in depth first; rows of `walk`: parent, rank, low, order, cursor."""
    parent, rank, low, order, cursor = walk[0], walk[1], walk[2], walk[3], walk[4]
    rank[seed] = low[seed] = found
    order[found] = seed
    found += 1
    at = seed
    while at != NONE:
        if cursor[at] == town.atoms[at].end:
            if parent[at] != NONE:
                low[parent[at]] = min(low[parent[at]], low[at])
            at = parent[at]
            continue
        other = town.edges[cursor[at]].neighbour
        cursor[at] += 1
        if rank[other] == NONE:
            parent[other] = at
            rank[other] = low[other] = found
            order[found] = other
            found += 1
            at = other
        elif other != parent[at]:
            low[at] = min(low[at], rank[other])
    return found


@compiled
def _walk(town: Town) -> tuple[Whole, Large, Large]:
    """Depth-first walk of every component; households at and below each atom; households of its component."""
    atoms = len(town.atoms)
    walk = np.full((5, atoms), NONE, np.int32)
    below, whole = np.empty(atoms, np.int64), np.empty(atoms, np.int64)
    for atom in range(atoms):
        walk[4, atom] = town.atoms[atom].start
        below[atom] = town.atoms[atom].households
    found = 0
    for seed in range(atoms):
        if walk[1, seed] == NONE:
            found = _descend(town, seed, found, walk)
    for at in range(atoms - 1, -1, -1):
        atom = walk[3, at]
        if walk[0, atom] != NONE:
            below[walk[0, atom]] += below[atom]
    for at in range(atoms):
        atom = walk[3, at]
        whole[atom] = below[atom] if walk[0, atom] == NONE else whole[walk[0, atom]]
    return walk, below, whole


@compiled
def with_piece(rules: Rules, reach: Mask, households: int) -> Mask:
    """Households a grid can have after it took what a piece cannot divide into lawful grids of its own.

    Parameters
    ----------
    reach : (highest + 1,) bool
        Whether the grid can have so many households before.
    """
    change = np.zeros(rules.highest + 2, np.int64)
    own = households // rules.lowest
    while own >= 0:
        least, most = max(0, households - own * rules.highest), households - own * rules.lowest
        if least > rules.highest:
            break
        for before in range(rules.highest + 1 - least):
            if reach[before]:
                change[before + least] += 1
                change[min(before + most, rules.highest) + 1] -= 1
        if least == 0 and most >= rules.highest:
            break
        own -= 1
    return np.cumsum(change)[: rules.highest + 1] > 0


@compiled
def _is_articulation(town: Town, atom: int, walk: Whole) -> bool:
    """Whether the town falls apart without an atom: several pieces below a root, or one below another atom."""
    pieces = 0
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        child = town.edges[edge].neighbour
        pieces += walk[0, child] == atom and walk[2, child] >= walk[1, atom]
    return pieces > 1 or (pieces == 1 and walk[0, atom] != NONE)


@compiled
def _is_gate(town: Town, rules: Rules, atom: int, walk: Whole, below: Large, whole: Large) -> bool:
    """Whether no grid of an articulation atom is lawful, whatever the pieces around it give."""
    if not _is_articulation(town, atom, walk):
        return False
    reach = np.zeros(rules.highest + 1, np.bool_)
    reach[town.atoms[atom].households] = True
    pieces, above = 0, whole[atom] - town.atoms[atom].households
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        child = town.edges[edge].neighbour
        if walk[0, child] == atom and walk[2, child] >= walk[1, atom]:
            reach = with_piece(rules, reach, below[child])
            above -= below[child]
            pieces += 1
    if walk[0, atom] != NONE and pieces > 0:
        reach = with_piece(rules, reach, above)
        pieces += 1
    return pieces > 1 and not reach[rules.lowest :].any()


@compiled
def gates(town: Town, rules: Rules) -> Mask:
    """Mark the articulation atoms around which no lawful division exists."""
    walk, below, whole = _walk(town)
    found = np.zeros(len(town.atoms), np.bool_)
    for atom in range(len(town.atoms)):
        if town.atoms[atom].households <= rules.highest:
            found[atom] = _is_gate(town, rules, atom, walk, below, whole)
    return found


@compiled
def pieces_around(town: Town, gate: int) -> Whole:
    """Number what hangs together without an atom, 0, 1, … in its component; -1 elsewhere and for the atom."""
    piece = np.full(len(town.atoms), NONE, np.int32)
    queue = np.empty(len(town.atoms), np.int32)
    found = 0
    for first in range(town.atoms[gate].start, town.atoms[gate].end):
        seed = town.edges[first].neighbour
        if piece[seed] != NONE:
            continue
        piece[seed], queue[0] = found, seed
        at, end = 0, 1
        while at < end:
            atom = queue[at]
            at += 1
            for edge in range(town.atoms[atom].start, town.atoms[atom].end):
                other = town.edges[edge].neighbour
                if other != gate and piece[other] == NONE:
                    piece[other], queue[end] = found, other
                    end += 1
        found += 1
    return piece
