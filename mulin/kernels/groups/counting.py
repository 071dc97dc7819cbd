"""Counts that are no sum of lawful groups, and the nearest lawful choice."""

from collections.abc import Iterable

import numpy as np

from mulin.kernels.facts import Certificate
from mulin.kernels.groups.problem import Bounds, Coordinates, Integers, Problem

NEIGHBOURS_ASKED = 32
Facts = dict[str, float | int | str | tuple[int, ...]]


def is_possible(households: int, bounds: Bounds) -> bool:
    """Whether some number of lawful groups holds exactly so many (with 10–15: 0, 10–15 and from 20 on)."""
    groups = -(-households // bounds.highest)
    return groups * bounds.lowest <= households


def nearest_choices(households: int, bounds: Bounds) -> list[tuple[int, tuple[int, ...]]]:
    """Return the choices for an impossible count, least deviation first: (households over or under, sizes).

    One choice has groups too large, the other one group more, too small; 17 is one of 17 (2 over) or 8+9 (3 under).
    """
    few = max(households // bounds.lowest, 1)
    choices = []
    for groups in {few, min(few + 1, households)}:
        sizes = _even(households, groups)
        choices.append((sum(_deviation(size, bounds) for size in sizes), sizes))
    return sorted(choices)


def _even(households: int, groups: int) -> tuple[int, ...]:
    return tuple((households + share) // groups for share in range(groups))


def _deviation(size: int, bounds: Bounds) -> int:
    return max(0, bounds.lowest - size) + max(0, size - bounds.highest)


def certificates(problem: Problem, stretches: list[Integers]) -> tuple[Certificate, ...]:
    """One for each closed stretch (the entrance of each of its households) whose count is impossible."""
    impossible = [index for index, row in enumerate(stretches) if not is_possible(row.size, problem.bounds)]
    joins = _joins(problem, problem.xy, stretches, impossible) if problem.xy is not None else [{}] * len(impossible)
    return tuple(_certificate(problem, stretches[index], join) for index, join in zip(impossible, joins, strict=True))


def _certificate(problem: Problem, row: Integers, join: Facts) -> Certificate:
    """State the count and the choices."""
    bounds = problem.bounds
    chosen, *others = nearest_choices(row.size, bounds)
    facts: Facts = {
        "households": row.size,
        "lowest": bounds.lowest,
        "highest": bounds.highest,
        "chosen": "+".join(map(str, chosen[1])),
        "deviation": chosen[0],
    }
    if others:
        facts |= {"other": "+".join(map(str, others[0][1])), "other_deviation": others[0][0]}
    return Certificate("counting", tuple(np.unique(problem.building[row]).tolist()), facts | join)


def _joins(problem: Problem, xy: Coordinates, stretches: list[Integers], impossible: list[int]) -> list[Facts]:
    """Find for each the nearest stretch that makes a lawful sum."""
    from scipy.spatial import cKDTree

    inhabited = np.unique(problem.entrance)
    stretch_of = np.full(problem.building.size, -1, np.int64)
    for index, row in enumerate(stretches):
        stretch_of[row] = index
    tree = cKDTree(xy[inhabited])
    asked = min(NEIGHBOURS_ASKED, inhabited.size)
    found = []
    for index in impossible:
        own = np.unique(stretches[index])
        apart, near = tree.query(xy[own], k=[*range(1, asked + 1)])
        nearest_first = np.argsort(apart, axis=None, kind="stable")
        candidates = zip(apart.ravel()[nearest_first], inhabited[near.ravel()[nearest_first]], strict=True)
        found.append(_first_lawful(problem, stretches, stretch_of, index, candidates))
    return found


def _first_lawful(
    problem: Problem,
    stretches: list[Integers],
    stretch_of: Integers,
    index: int,
    candidates: Iterable[tuple[float, int]],
) -> Facts:
    """Return the first neighbour of the same area with which the sum is lawful."""
    area = problem.area
    for distance_m, entrance in candidates:
        other = stretch_of[entrance]
        if other == index or (area is not None and area[entrance] != area[stretches[index][0]]):
            continue
        if is_possible(stretches[index].size + stretches[other].size, problem.bounds):
            return {
                "join_building": int(problem.building[entrance]),
                "join_households": stretches[other].size,
                "join_distance_m": float(distance_m),
            }
    return {}
