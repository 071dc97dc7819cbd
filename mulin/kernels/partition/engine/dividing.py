"""The division of a whole tree into grids by dynamic programming: the first town, and the exact repair.

An atom's states are the households of the open grid it lies in, counted below it; a child is either joined to that
grid or closed as a grid of its own. With a state for every number of households the result is the best division of
that tree; with fewer (the cheapest in each band of households) it is a good one in O(n · width²).
"""

from typing import NamedTuple

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.partition.engine.arrays import NONE, Large, Real, Rules, Town, Whole
from mulin.kernels.partition.engine.costs import violation

ENDLESS = 1e300


class Ledger(NamedTuple):
    """States of every atom of a tree, `width` each, by the atom's place in the order.

    `households`, `cost`, `count`: the states now. `back_state`, `back_child` of place p: how the states of p's parent
    came about when p was merged into it (`back_child` -1: p was closed). `last`, `previous`: the merged children as a
    list. `closed_state`, `closed_cost`: p's best state as a grid of its own; `chosen`: the state in the result.
    """

    households: Large
    cost: Real
    count: Whole
    back_state: Whole
    back_child: Whole
    last: Whole
    previous: Whole
    closed_state: Whole
    closed_cost: Real
    chosen: Whole
    band_cost: Real
    band_households: Large
    band_state: Whole
    band_child: Whole


def ledger_for(atoms: int, width: int) -> Ledger:
    """Make room for a tree of so many atoms and so many states each."""
    cells = atoms * width
    rows = [np.zeros(atoms, np.int32) for _ in range(3)]
    return Ledger(
        np.zeros(cells, np.int64), np.zeros(cells), np.zeros(atoms, np.int32),
        np.zeros(cells, np.int32), np.zeros(cells, np.int32), *rows, np.zeros(atoms), np.zeros(atoms, np.int32),
        np.zeros(width), np.zeros(width, np.int64), np.zeros(width, np.int32), np.zeros(width, np.int32),
    )  # fmt: skip


@compiled
def _close(rules: Rules, ledger: Ledger, place: int, width: int) -> None:
    best, state = ENDLESS, 0
    for at in range(ledger.count[place]):
        cell = place * width + at
        cost = ledger.cost[cell] + violation(rules, ledger.households[cell])
        if cost < best:
            best, state = cost, at
    ledger.closed_state[place] = state
    ledger.closed_cost[place] = best


@compiled
def _offer(rules: Rules, ledger: Ledger, households: int, cost: float, state: int, child: int, width: int) -> None:
    """Keep the cheapest state of a band; the last band holds whatever is above the bound."""
    if households <= rules.highest:
        band = households * (width - 1) // (rules.highest + 1)
        better = cost < ledger.band_cost[band]
    else:
        band = width - 1
        kept = ledger.band_cost[band]
        better = kept == ENDLESS or cost + violation(rules, households) < kept + violation(
            rules, ledger.band_households[band]
        )
    if better:
        ledger.band_cost[band], ledger.band_households[band] = cost, households
        ledger.band_state[band], ledger.band_child[band] = state, child


@compiled
def _merge(rules: Rules, ledger: Ledger, place: int, parent: int, edge_cut: float, width: int) -> None:
    """Join or close a child, for every state of its parent."""
    for band in range(width):
        ledger.band_cost[band] = ENDLESS
    for state in range(ledger.count[parent]):
        cell = parent * width + state
        households, cost = ledger.households[cell], ledger.cost[cell]
        _offer(rules, ledger, households, cost + ledger.closed_cost[place] + edge_cut, state, NONE, width)
        for child in range(ledger.count[place]):
            below = place * width + child
            together = households + ledger.households[below]
            _offer(rules, ledger, together, cost + ledger.cost[below], state, child, width)
    kept = 0
    for band in range(width):
        if ledger.band_cost[band] < ENDLESS:
            cell = parent * width + kept
            ledger.households[cell], ledger.cost[cell] = ledger.band_households[band], ledger.band_cost[band]
            ledger.back_state[place * width + kept] = ledger.band_state[band]
            ledger.back_child[place * width + kept] = ledger.band_child[band]
            kept += 1
    ledger.count[parent] = kept
    ledger.previous[place] = ledger.last[parent]
    ledger.last[parent] = place


@compiled
def _weight_to_parent(town: Town, atom: int) -> float:
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        if town.edges[edge].neighbour == town.atoms[atom].parent:
            return town.edges[edge].weight
    return 0.0


@compiled
def divide_tree(town: Town, rules: Rules, ledger: Ledger, count: int, width: int) -> float:
    """Choose the cheapest division of the tree in `order`; see `read_parts`.

    Returns
    -------
    float
        Its cost: violations and the weight of the tree's own edges that are cut.
    """
    for place in range(count):
        ledger.households[place * width] = town.atoms[town.atoms[place].order].households
        ledger.cost[place * width] = 0.0
        ledger.count[place] = 1
        ledger.last[place] = NONE
    for place in range(count - 1, 0, -1):
        atom = town.atoms[place].order
        _close(rules, ledger, place, width)
        parent = town.atoms[town.atoms[atom].parent].place
        _merge(rules, ledger, place, parent, _weight_to_parent(town, atom), width)
    _close(rules, ledger, 0, width)
    return ledger.closed_cost[0]


@compiled
def read_parts(town: Town, ledger: Ledger, count: int, width: int, first_part: int) -> int:
    """Write the chosen division into `part`, numbered from `first_part`; return the number after the last."""
    parts = first_part + 1
    town.atoms[town.atoms[0].order].part = first_part
    ledger.chosen[0] = ledger.closed_state[0]
    for place in range(count):
        state = ledger.chosen[place]
        child = ledger.last[place]
        while child != NONE:
            joined = ledger.back_child[child * width + state]
            if joined == NONE:
                ledger.chosen[child] = ledger.closed_state[child]
                town.atoms[town.atoms[child].order].part = parts
                parts += 1
            else:
                ledger.chosen[child] = joined
                town.atoms[town.atoms[child].order].part = town.atoms[town.atoms[place].order].part
            state = ledger.back_state[child * width + state]
            child = ledger.previous[child]
    return parts
