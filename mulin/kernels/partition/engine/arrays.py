"""The records a search reads and writes, by name.

Records, because what is asked of an atom lies together in memory and a step takes few arrays to hand on.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int32]
Large = NDArray[np.int64]
Real = NDArray[np.float64]
Mask = NDArray[np.bool_]
Records = NDArray[Any]

NONE = -1
LEVELS = 64
MOST_PARTS = 64

# An atom is a building, or a piece of buildings that stay together.
ATOM = np.dtype(
    [
        # given: edges start … end-1, apart rows apart_start … apart_end-1, the grid of today or -1, a grid already
        ("start", "i4"), ("end", "i4"), ("households", "i8"), ("x", "f8"), ("y", "f8"), ("component", "i4"),
        ("apart_start", "i4"), ("apart_end", "i4"), ("home", "i4"), ("sealed", "i4"),
        # the plan: the atom's grid, its neighbours in the list of that grid, its grid in the best plan seen
        ("grid", "i4"), ("after", "i4"), ("before", "i4"), ("best", "i4"),
        # the step: number of the step it takes part in, of the walk that saw it, its part; its place in a tree
        ("mark", "i8"), ("seen", "i8"), ("part", "i4"), ("parent", "i4"), ("depth", "i4"), ("place", "i4"),
        ("sum_households", "i8"), ("sum_cut", "f8"), ("sum_x", "f8"), ("sum_y", "f8"), ("sum_q", "f8"),
        # lists, not about this atom: the i-th atom of a tree, a walk, a region; atoms listed by component
        ("order", "i4"), ("queue", "i4"), ("region", "i4"), ("listed", "i4"),
    ],
    align=True,
)  # fmt: skip

# A directed edge; not walkable is a main road; delay is the time a tree takes to grow over it. entry_* are a list.
EDGE = np.dtype(
    [
        ("source", "i4"), ("neighbour", "i4"), ("weight", "f8"), ("walkable", "i4"), ("delay", "i4"),
        ("entry_atom", "i4"), ("entry_from", "i4"), ("entry_next", "i4"),
    ],
    align=True,
)  # fmt: skip

# A grid: first atom, atoms, households, household-weighted sums of x, y, x²+y² (100 m); spare is a stack of numbers.
GRID = np.dtype(
    [
        ("first", "i4"), ("size", "i4"), ("households", "i8"), ("mx", "f8"), ("my", "f8"), ("mq", "f8"),
        ("straddles", "i4"), ("closed", "i4"), ("spare", "i4"),
    ],
    align=True,
)  # fmt: skip

# What hangs together: its atoms are listed at start … end-1.
COMPONENT = np.dtype([("start", "i4"), ("end", "i4"), ("cost", "f8"), ("best_cost", "f8")], align=True)

# A part of the region a step divides anew: its sums and the number it will have; old lists the region's grids of now.
PART = np.dtype(
    [
        ("households", "i8"), ("x", "f8"), ("y", "f8"), ("q", "f8"), ("straddles", "i4"), ("number", "i4"),
        ("old", "i4"),
    ],
    align=True,
)  # fmt: skip

# What a search goes on with: numbers of steps and walks, how many grid numbers are spare, its draws, the edge it is at,
# the grid it mended last; and the weight between today's grids in the region of the last tree.
STATE = np.dtype(
    [
        ("stamp", "i8"), ("seen", "i8"), ("spares", "i8"), ("draws", "u8"), ("cursor", "i8"), ("mended", "i8"),
        ("cut_today", "f8"),
    ],
    align=True,
)  # fmt: skip


class Town(NamedTuple):
    """Everything of one search. `apart`: atoms an atom may not share a grid with; `heads`: buckets of a tree."""

    atoms: Records
    edges: Records
    grids: Records
    components: Records
    apart: Whole
    parts: Records
    overlap: Large
    heads: Whole
    state: Records


class Rules(NamedTuple):
    """Bounds and weights as plain numbers; compactness per household and (100 m)²."""

    lowest: int
    highest: int
    balance: float
    compactness: float
    straddling: float
    change: float


def unused_grids(count: int) -> Records:
    """Make records for so many grid numbers, all empty."""
    grids = np.zeros(count, GRID)
    grids["first"] = NONE
    return grids


def town_with(atoms: Records, edges: Records, components: Records, apart: Whole, seed: int) -> Town:
    """Make a town with as many grid numbers as atoms, and room for the steps of a search."""
    state = np.zeros(1, STATE)
    state["draws"] = (seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64
    components["best_cost"] = np.inf
    return Town(
        atoms, edges, unused_grids(len(atoms)), components, apart, np.zeros(MOST_PARTS, PART),
        np.zeros((MOST_PARTS, MOST_PARTS), np.int64), np.full(LEVELS, NONE, np.int32), state,
    )  # fmt: skip
