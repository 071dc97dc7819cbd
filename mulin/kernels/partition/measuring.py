"""What a division is worth and which rules its grids bend: ours, a rival's, one moved by hand. O(n + m)."""

import numpy as np

from mulin.kernels.partition.grouping import group_leaders
from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, Flags, Integers, Params, Problem
from mulin.kernels.partition.result import Figures

BELOW, ABOVE, BROKEN, CROSSES = "below_bounds", "above_bounds", "not_contiguous", "crosses_communities"
PARTED, JOINED, TOGETHER = "piece_parted", "sealed_joined", "apart_together"


def figures(problem: Problem, grid: Integers, params: Params) -> Figures:
    """Measure a division.

    Parameters
    ----------
    grid : (n,) int64
        Any division of the buildings, lawful or not.
    """
    _, label = np.unique(grid, return_inverse=True)
    grids = int(label.max()) + 1
    households = np.bincount(label, problem.households, grids)
    groups = _groups_per_grid(problem, label, grids, IMPASSABLE)
    walkable = _groups_per_grid(problem, label, grids, MAIN_ROAD)
    sealed = _sealed_grids(problem, label, grids)
    outside = ((households < problem.bounds.lowest) | (households > problem.bounds.highest)) & ~sealed
    return Figures(
        grids=grids,
        smallest=int(households.min()),
        largest=int(households.max()),
        outside=int(outside.sum()),
        broken=int((groups > 1).sum()),
        cut=_cut(problem, label, params),
        straddling=int(((groups == 1) & (walkable > 1)).sum()),
        balance_sd=float(households.std() / max(households.mean(), 1e-9)),
        distance_m=_distance_m(problem, label, households),
        changed=int(problem.households[changed_buildings(problem, grid)].sum()),
    )


def broken_rules(problem: Problem, grid: Integers) -> dict[int, tuple[str, ...]]:
    """Say which rules each grid bends, by code; grids that keep all are left out."""
    numbers, label = np.unique(grid, return_inverse=True)
    grids = len(numbers)
    households = np.bincount(label, problem.households, grids)
    sealed = _sealed_grids(problem, label, grids)
    faults = {
        BELOW: (households < problem.bounds.lowest) & ~sealed,
        ABOVE: (households > problem.bounds.highest) & ~sealed,
        BROKEN: (_groups_per_grid(problem, label, grids, IMPASSABLE) > 1) & ~sealed,
        CROSSES: _distinct_per_grid(label, problem.community, grids) > 1,
        PARTED: _with_parted_pieces(problem, label, grids),
        JOINED: _with_sealed_joined(problem, label, grids),
        TOGETHER: _with_apart_together(problem, label, grids),
    }
    bent = np.flatnonzero(np.any(list(faults.values()), axis=0))
    return {int(numbers[at]): tuple(code for code, fault in faults.items() if fault[at]) for at in bent}


def changed_buildings(problem: Problem, grid: Integers) -> Integers:
    """Buildings that had a grid and get another."""
    if problem.present is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero((problem.present >= 0) & (problem.present != grid))


def _groups_per_grid(problem: Problem, label: Integers, grids: int, barrier: int) -> Integers:
    """Connected groups of each grid over edges below a barrier class."""
    leader = group_leaders(problem, problem.barriers < barrier, label)
    return np.bincount(label[leader == np.arange(len(leader))], minlength=grids)


def _cut(problem: Problem, label: Integers, params: Params) -> float:
    between = label[problem.edges[:, 0]] != label[problem.edges[:, 1]]
    weights = np.array([*params.cut, 0.0])
    return float(weights[problem.barriers[between]].sum())


def _distance_m(problem: Problem, label: Integers, households: Integers) -> float:
    """Root mean square distance of a household to the centre of its grid, in m."""
    weight = np.maximum(households, 1e-9)
    squares = 0.0
    for axis in (0, 1):
        position = problem.xy[:, axis]
        centre = np.bincount(label, problem.households * position) / weight
        squares += float((problem.households * (position - centre[label]) ** 2).sum())
    return float(np.sqrt(squares / problem.households.sum()))


def _sealed_buildings(problem: Problem) -> Flags:
    if problem.sealed is None or problem.piece is None:
        return np.zeros(len(problem.households), np.bool_)
    return np.isin(problem.piece, problem.sealed)


def _sealed_grids(problem: Problem, label: Integers, grids: int) -> Flags:
    return np.bincount(label, _sealed_buildings(problem), grids) > 0


def _distinct_per_grid(label: Integers, value: Integers, grids: int) -> Integers:
    pairs = np.unique(np.stack((label, value)), axis=1) if _varies(label, value, grids) else None
    return np.ones(grids, np.int64) if pairs is None else np.bincount(pairs[0], minlength=grids)


def _varies(label: Integers, value: Integers, grids: int) -> bool:
    first = np.zeros(grids, np.int64)
    first[label] = value
    return bool(np.any(first[label] != value))


def _with_parted_pieces(problem: Problem, label: Integers, grids: int) -> Flags:
    parted = np.zeros(grids, np.bool_)
    if problem.piece is None or not np.any(problem.piece >= 0):
        return parted
    members = np.flatnonzero(problem.piece >= 0)
    _, piece = np.unique(problem.piece[members], return_inverse=True)
    spread = _distinct_per_grid(piece, label[members], int(piece.max()) + 1) > 1
    parted[label[members[spread[piece]]]] = True
    return parted


def _with_sealed_joined(problem: Problem, label: Integers, grids: int) -> Flags:
    sealed = _sealed_buildings(problem)
    kind = np.where(sealed, problem.piece if problem.piece is not None else -1, -1)
    return _sealed_grids(problem, label, grids) & (_distinct_per_grid(label, kind, grids) > 1)


def _with_apart_together(problem: Problem, label: Integers, grids: int) -> Flags:
    together = np.zeros(grids, np.bool_)
    if problem.apart is not None and len(problem.apart):
        one, other = label[problem.apart[:, 0]], label[problem.apart[:, 1]]
        together[one[one == other]] = True
    return together
