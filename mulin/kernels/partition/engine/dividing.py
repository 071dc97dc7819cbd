"""The division of a whole tree into grids by dynamic programming: the first plan, and the exact repair.

An atom's states are the households of the open grid it lies in, counted below it; a child is either joined to that
grid or closed as a grid of its own. With a state for every number of households the result is the best division of
that tree; with fewer (the cheapest in each band of households) it is a good one in O(n · width²).
"""

from typing import NamedTuple

import numpy as np

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import NONE, Records, Rules, Town
from mulin.kernels.partition.engine.costs import BAD_GRID, BAD_HOUSEHOLD

ENDLESS = 1e300
TOO_SMALL = 0.3  # of a bad grid: it can join a neighbour that the tree does not show

# A state of an atom, and how the state of the atom's parent with the same rank came about when the atom was merged:
# from the parent's state before, with the atom's state `child` joined (NONE: closed).
CELL = np.dtype([("households", "i8"), ("cost", "f8"), ("before", "i4"), ("child", "i4")], align=True)

# An atom by its place in the tree: states, the list of merged children, its best state as a grid of its own, its state
# in the result.
ROW = np.dtype(
    [
        ("count", "i4"), ("last", "i4"), ("previous", "i4"), ("closed_state", "i4"), ("closed_cost", "f8"),
        ("chosen", "i4"),
    ],
    align=True,
)  # fmt: skip

BAND = np.dtype([("households", "i8"), ("cost", "f8"), ("state", "i4"), ("child", "i4")], align=True)


class Ledger(NamedTuple):
    """Room for a tree: `width` cells for each row."""

    cells: Records
    rows: Records
    bands: Records


def ledger_for(atoms: int, width: int) -> Ledger:
    """Make room for a tree of so many atoms and so many states each."""
    return Ledger(np.zeros(atoms * width, CELL), np.zeros(atoms, ROW), np.zeros(width, BAND))


@in_place
def fault(rules: Rules, households: int) -> float:
    """Cost of a grid outside its bounds while a tree is divided; too large is worth as many grids as it holds."""
    if households < rules.lowest:
        return TOO_SMALL * BAD_GRID + BAD_HOUSEHOLD * (rules.lowest - households)
    if households > rules.highest:
        return BAD_GRID * households / rules.highest
    return 0.0


@in_place
def _close(rules: Rules, ledger: Ledger, place: int, width: int) -> None:
    best, state = ENDLESS, 0
    for at in range(ledger.rows[place].count):
        cell = ledger.cells[place * width + at]
        cost = cell.cost + fault(rules, cell.households)
        if cost < best:
            best, state = cost, at
    ledger.rows[place].closed_state = state
    ledger.rows[place].closed_cost = best


@in_place
def _offer(bands: Records, band: int, households: int, cost: float, state: int, child: int) -> None:
    """Keep the cheapest state of a band."""
    if cost < bands[band].cost:
        bands[band].cost, bands[band].households = cost, households
        bands[band].state, bands[band].child = state, child


@in_place
def _join(rules: Rules, ledger: Ledger, place: int, parent: int, state: int, width: int) -> None:
    """Offer a state of the parent with every state of the child; above the bound only around what is above it."""
    highest, scale = rules.highest, (width - 1) / (rules.highest + 1)
    above = ledger.cells[parent * width + state]
    for child in range(ledger.rows[place].count):
        below = ledger.cells[place * width + child]
        together, cost = above.households + below.households, above.cost + below.cost
        if together <= highest:
            _offer(ledger.bands, int(together * scale), together, cost, state, child)
        elif above.households > highest or below.households > highest:
            kept = ledger.bands[width - 1]
            if kept.cost == ENDLESS or cost + fault(rules, together) < kept.cost + fault(rules, kept.households):
                kept.cost = ENDLESS
                _offer(ledger.bands, width - 1, together, cost, state, child)


@in_place
def _merge(rules: Rules, ledger: Ledger, place: int, parent: int, edge_cut: float, width: int) -> None:
    """Join or close a child, for every state of its parent."""
    highest, scale = rules.highest, (width - 1) / (rules.highest + 1)
    for band in range(width):
        ledger.bands[band].cost = ENDLESS
    for state in range(ledger.rows[parent].count):
        cell = ledger.cells[parent * width + state]
        band = int(cell.households * scale) if cell.households <= highest else width - 1
        _offer(ledger.bands, band, cell.households, cell.cost + ledger.rows[place].closed_cost + edge_cut, state, NONE)
        _join(rules, ledger, place, parent, state, width)
    kept = 0
    for at in range(width):
        band_kept = ledger.bands[at]
        if band_kept.cost < ENDLESS:
            ledger.cells[parent * width + kept].households = band_kept.households
            ledger.cells[parent * width + kept].cost = band_kept.cost
            ledger.cells[place * width + kept].before = band_kept.state
            ledger.cells[place * width + kept].child = band_kept.child
            kept += 1
    ledger.rows[parent].count = kept
    ledger.rows[place].previous = ledger.rows[parent].last
    ledger.rows[parent].last = place


@in_place
def _weight_to_parent(town: Town, atom: int) -> float:
    weight = 0.0
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        if town.edges[edge].neighbour == town.atoms[atom].parent:
            weight = town.edges[edge].weight
    return weight


@in_place
def divide_tree(town: Town, rules: Rules, ledger: Ledger, count: int, width: int) -> float:
    """Choose the cheapest division of the tree in `order`; see `read_parts`.

    Returns
    -------
    float
        Its cost: faults and the weight of the tree's own edges that are cut.
    """
    for place in range(count):
        ledger.cells[place * width].households = town.atoms[town.atoms[place].order].households
        ledger.cells[place * width].cost = 0.0
        ledger.rows[place].count = 1
        ledger.rows[place].last = NONE
    for place in range(count - 1, 0, -1):
        atom = town.atoms[place].order
        _close(rules, ledger, place, width)
        parent = town.atoms[town.atoms[atom].parent].place
        _merge(rules, ledger, place, parent, _weight_to_parent(town, atom), width)
    _close(rules, ledger, 0, width)
    return float(ledger.rows[0].closed_cost)


@in_place
def read_parts(town: Town, ledger: Ledger, count: int, width: int, first_part: int) -> int:
    """Write the chosen division into `part`, numbered from `first_part`; return the number after the last."""
    parts = first_part + 1
    town.atoms[town.atoms[0].order].part = first_part
    ledger.rows[0].chosen = ledger.rows[0].closed_state
    for place in range(count):
        state = ledger.rows[place].chosen
        child = ledger.rows[place].last
        while child != NONE:
            atom = town.atoms[child].order
            joined = ledger.cells[child * width + state].child
            if joined == NONE:
                ledger.rows[child].chosen = ledger.rows[child].closed_state
                town.atoms[atom].part = parts
                parts += 1
            else:
                ledger.rows[child].chosen = joined
                town.atoms[atom].part = town.atoms[town.atoms[place].order].part
            state = ledger.cells[child * width + state].before
            child = ledger.rows[child].previous
    return parts
