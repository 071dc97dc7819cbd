"""Numbers of grids within a plan: which of today's grids lives on, what is new, what colour it has on the map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.partition.problem import Integers

COLOURS = 8


def living_on(
    grid: Integers, present: Integers, present_grids: int, households: Integers, community: Integers
) -> Integers:
    """Return the plan with today's numbers for the grids that live on, so that as few households as possible change.

    Exact (assignment by the households shared). A grid that shares nobody with today's is new and numbered after
    them; today's grid and its successor lie in one community.
    """
    from scipy.optimize import linear_sum_assignment

    labels, place = np.unique(grid, return_inverse=True)
    shared = np.zeros((len(labels), max(present_grids, 1)))
    had = present >= 0
    # A building counts even without households, so that a grid of offices has a successor too.
    np.add.at(shared, (place[had], present[had]), households[had] + 1e-3)
    home = np.full(max(present_grids, 1), -1)
    home[present[had]] = community[had]
    lies_in = np.zeros(len(labels), dtype=np.int64)
    lies_in[place] = community
    shared[lies_in[:, None] != home[None, :]] = 0.0
    rows, columns = linear_sum_assignment(shared, maximize=True)
    named = np.full(len(labels), -1)
    kept = shared[rows, columns] > 0
    named[rows[kept]] = columns[kept]
    named[named < 0] = present_grids + np.arange(int((named < 0).sum()))
    relabelled: Integers = named[place.ravel()].astype(np.int64)
    return relabelled


def apart_from(grid: Integers, before: Integers, present_grids: int) -> Integers:
    """Return a plan made from `before` whose new grids do not take the number of one of today's that was given up."""
    known = np.unique(before)
    first_free = max(int(known.max(initial=-1)) + 1, present_grids)
    fresh = np.setdiff1d(grid, known)
    fresh = fresh[fresh > known.max(initial=-1)]
    renamed = grid.copy()
    for number, label in enumerate(fresh.tolist()):
        renamed[grid == label] = first_free + number
    return renamed


def colours(grid: Integers, edges: Integers, before: dict[int, int] | None = None) -> dict[int, int]:
    """Return a colour number for each grid, neighbours apart where the palette allows; those of `before` stay."""
    between = grid[edges] if len(edges) else np.empty((0, 2), dtype=np.int64)
    pairs = np.unique(np.sort(between[between[:, 0] != between[:, 1]], axis=1), axis=0)
    beside: dict[int, set[int]] = {label: set() for label in np.unique(grid).tolist()}
    for one, other in pairs.tolist():
        beside[one].add(other)
        beside[other].add(one)
    chosen = {label: colour for label, colour in (before or {}).items() if label in beside}
    for label in sorted(beside.keys() - chosen.keys(), key=lambda one: (-len(beside[one]), one)):
        taken = [chosen[other] for other in beside[label] if other in chosen]
        uses = [taken.count(colour) for colour in range(COLOURS)]
        chosen[label] = min(range(COLOURS), key=lambda colour: (uses[colour], (colour - label) % COLOURS))
    return chosen


def centres(grid: Integers, lonlat: NDArray[np.float64], labels: Sequence[int]) -> list[tuple[float, float]]:
    """Return the mean position of the buildings of each grid."""
    points = [lonlat[grid == label].mean(axis=0) for label in labels]
    return [(float(lon), float(lat)) for lon, lat in points]


def carried_over(before: GroundArrays, grid: Integers, after: GroundArrays) -> tuple[Integers, dict[int, int]]:
    """Return the plan on another ground, and how its labels are called there."""
    labels = _renamed(before, grid, after)
    known = dict(zip(before.building_ids.tolist(), grid.tolist(), strict=True))
    carried = np.array([labels.get(known.get(pk, NO_GRID), NO_GRID) for pk in after.building_ids.tolist()])
    for index in np.flatnonzero(carried == NO_GRID).tolist():
        same = np.flatnonzero((after.community == after.community[index]) & (carried != NO_GRID))
        if len(same):
            near = same[np.argmin(((after.xy[same] - after.xy[index]) ** 2).sum(axis=1))]
            carried[index] = carried[near]
        else:
            carried[index] = max(int(carried.max()) + 1, len(after.grid_ids))
    return carried.astype(np.int64), labels


def _renamed(before: GroundArrays, grid: Integers, after: GroundArrays) -> dict[int, int]:
    """A grid that lives on has the index it has on the new ground; the others come after all of today's."""
    index = {pk: number for number, pk in enumerate(after.grid_ids.tolist())}
    names: dict[int, int] = {}
    free = len(after.grid_ids)
    for label in np.unique(grid).tolist():
        grid_id = int(before.grid_ids[label]) if 0 <= label < len(before.grid_ids) else None
        if grid_id in index:
            names[label] = index[grid_id]
        else:
            names[label], free = free, free + 1
    return names
