"""From buildings to the atoms the search moves, in an order that does not depend on how the buildings were numbered.

An atom is a building, or all buildings of a piece. Atoms are numbered by their first building along a curve on which
near buildings are near, so that what a step touches lies together in memory.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.partition.engine.arrays import (
    ATOM,
    COMPONENT,
    EDGE,
    NONE,
    Mask,
    Real,
    Records,
    Rules,
    Town,
    Whole,
    town_with,
)
from mulin.kernels.partition.engine.graphs import adjacency, components
from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, Coordinates, Flags, Integers, Params, Problem

FULL_DELAY = 16  # buckets an edge of full weight waits on average
LONGEST_DELAY = 2000
CELLS = 65_535  # along one side of the town
SPREADS = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Atoms:
    """A problem as the search sees it, and which atom each building belongs to.

    `home_numbers` are the caller's numbers of the present grids, by the search's own number; `full_weight` is that of
    the heaviest class of edges.
    """

    town: Town
    rules: Rules
    of_building: Integers
    home_numbers: Integers
    full_weight: float


def west_to_east(problem: Problem) -> Integers:
    """Order of the buildings by x; by y, households and community where x is the same."""
    return _order_by(problem, problem.xy[:, 0])


def along_a_curve(problem: Problem) -> Integers:
    """Order of the buildings by cells of a Z-order curve (Morton 1966); as from west to east within a cell."""
    x, y = problem.xy[:, 0], problem.xy[:, 1]
    west, south = x.min(), y.min()
    cell = max(x.max() - west, y.max() - south, 1e-9) / CELLS
    return _order_by(problem, _spread((x - west) / cell) | _spread((y - south) / cell) << np.uint64(1))


def _order_by(problem: Problem, key: Coordinates | Keys) -> Integers:
    order: Integers = np.argsort(key, kind="stable")
    ordered = key[order]
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.lexsort((problem.community, problem.households, problem.xy[:, 1], problem.xy[:, 0], key))
    return order


def _spread(position: Coordinates) -> Keys:
    """Bits of a whole number below 2^16, each followed by a zero."""
    bits = position.astype(np.uint64)
    for shift, mask in SPREADS:
        bits = (bits | bits << np.uint64(shift)) & np.uint64(mask)
    return bits


def rules_of(problem: Problem, params: Params) -> Rules:
    """Bounds and weights for the search; change counts only where there is a present plan."""
    change = params.change if problem.present is not None else 0.0
    bounds = problem.bounds
    return Rules(
        int(bounds.lowest), int(bounds.highest), float(params.balance), float(params.compactness),
        float(params.straddling), float(change),
    )  # fmt: skip


def atoms_of(problem: Problem, params: Params, seed: int) -> Atoms:
    """Contract pieces, leave out what joins nothing, and number everything along a curve. O(n log n + m)."""
    order = along_a_curve(problem)
    of_building, first_building = _contracted(problem, order)
    atoms = np.zeros(len(first_building), ATOM)
    atoms["households"] = np.bincount(of_building, problem.households, len(atoms))
    atoms["sealed"] = _sealed_atoms(problem, of_building, len(atoms))
    start, source, neighbour, weight, walkable = _adjacency(problem, params, of_building, atoms["sealed"] > 0)
    full = max(params.cut) or 1.0
    edges = edge_records(full, source, neighbour, weight, walkable)
    atoms["start"], atoms["end"] = start[:-1], start[1:]
    atoms["component"], component_start, atoms["listed"] = components(start, neighbour)
    apart_start, apart = _apart(problem, of_building, len(atoms))
    atoms["apart_start"], atoms["apart_end"] = apart_start[:-1], apart_start[1:]
    atoms["home"], home_numbers = _homes(problem, order, first_building)
    atoms["x"], atoms["y"] = _centres(problem, order, of_building, len(atoms))
    parts = np.zeros(len(component_start) - 1, COMPONENT)
    parts["start"], parts["end"] = component_start[:-1], component_start[1:]
    town = town_with(atoms, edges, parts, apart, seed)
    return Atoms(town, rules_of(problem, params), of_building, home_numbers, full)


def edge_records(full: float, source: Whole, neighbour: Whole, weight: Real, walkable: Mask) -> Records:
    """Directed edges as the search reads them; one of full weight, or more, is the first a tree grows over."""
    delay = FULL_DELAY * np.maximum(full / np.maximum(weight, 1e-9), 1.0)
    edges = np.zeros(len(source), EDGE)
    edges["source"], edges["neighbour"], edges["weight"], edges["walkable"] = source, neighbour, weight, walkable
    edges["delay"] = np.minimum(delay, LONGEST_DELAY)
    return edges


def _contracted(problem: Problem, order: Integers) -> tuple[Integers, Integers]:
    """Atom of each building, and the first building of each atom."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    if problem.piece is None or not np.any(problem.piece >= 0):
        return rank, order
    _, group = np.unique(problem.piece, return_inverse=True)
    first_rank = np.full(group.max() + 1, len(order), np.int64)
    np.minimum.at(first_rank, group, rank)
    key = np.where(problem.piece >= 0, first_rank[group], rank)
    ranks, of_building = np.unique(key, return_inverse=True)
    return of_building.astype(np.int64), order[ranks]


def _sealed_atoms(problem: Problem, of_building: Integers, atoms: int) -> Flags:
    sealed = np.zeros(atoms, np.bool_)
    if problem.sealed is not None and problem.piece is not None:
        sealed[of_building[np.isin(problem.piece, problem.sealed)]] = True
    return sealed


def _adjacency(
    problem: Problem, params: Params, of_building: Integers, sealed: Flags
) -> tuple[Whole, Whole, Whole, Real, Mask]:
    one, other = of_building[problem.edges[:, 0]], of_building[problem.edges[:, 1]]
    community = problem.community
    holds = (problem.barriers != IMPASSABLE) & (one != other)
    holds &= community[problem.edges[:, 0]] == community[problem.edges[:, 1]]
    holds &= ~(sealed[one] | sealed[other])
    one, other, barriers = one[holds], other[holds], problem.barriers[holds]
    weights = np.array(params.cut, np.float64)[barriers]
    return adjacency(
        np.concatenate((one, other)), np.concatenate((other, one)), np.tile(weights, 2),
        np.tile(barriers != MAIN_ROAD, 2), len(sealed),
    )  # fmt: skip


def _apart(problem: Problem, of_building: Integers, atoms: int) -> tuple[Whole, Whole]:
    if problem.apart is None or len(problem.apart) == 0:
        return np.zeros(atoms + 1, np.int32), np.zeros(0, np.int32)
    one, other = of_building[problem.apart[:, 0]], of_building[problem.apart[:, 1]]
    none = np.zeros(2 * len(one))
    start, _, others, _, _ = adjacency(
        np.concatenate((one, other)), np.concatenate((other, one)), none, none > 0, atoms
    )
    return start, others


def _homes(problem: Problem, order: Integers, first_building: Integers) -> tuple[Whole, Integers]:
    """Present grid of each atom by its first building, numbered in the order of the atoms."""
    if problem.present is None:
        return np.full(len(first_building), NONE, np.int32), np.zeros(0, np.int64)
    numbers, first_seen = np.unique(problem.present[order], return_index=True)
    numbers, first_seen = numbers[numbers >= 0], first_seen[numbers >= 0]
    numbers = numbers[np.argsort(first_seen)]
    if len(numbers) == 0:
        return np.full(len(first_building), NONE, np.int32), numbers
    sorter = np.argsort(numbers)
    present = problem.present[first_building]
    found = sorter[np.minimum(np.searchsorted(numbers, present, sorter=sorter), len(numbers) - 1)]
    return np.where(present >= 0, found, NONE).astype(np.int32), numbers


def _centres(problem: Problem, order: Integers, of_building: Integers, atoms: int) -> tuple[Coordinates, Coordinates]:
    """Mean position of the buildings of each atom, about the middle of the town (so that squares stay exact)."""
    if len(of_building) == atoms:
        xy = np.empty((atoms, 2))
        xy[of_building] = problem.xy
    else:
        counts = np.bincount(of_building, minlength=atoms)
        home, place = of_building[order], problem.xy[order]  # sums of reals depend on the order
        xy = np.stack([np.bincount(home, place[:, axis], atoms) / counts for axis in (0, 1)], axis=1)
    x, y = xy[:, 0], xy[:, 1]
    return x - 0.5 * (x.min() + x.max()), y - 0.5 * (y.min() + y.max())
