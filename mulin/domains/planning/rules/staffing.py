"""People to grids under a desk's rules: the assignment kernel in the words of staffing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mulin.domains.planning.ground.plane import Plane
from mulin.kernels.assignment.distances import straight_lines
from mulin.kernels.assignment.problem import Distances, Integers, Params, Problem
from mulin.kernels.assignment.result import Result
from mulin.kernels.assignment.solve import solve

RESERVE_M = 90_000.0
"""Whoever finds no grid for less stays in reserve: farther than any way within a county."""
FARTHEST_M = 80_000.0


@dataclass(frozen=True)
class Candidate:
    """A person: where they come from (None: nowhere known, every way counts 0), today's grid, what a desk decided."""

    id: int
    at: tuple[float, float] | None
    present: int | None = None
    is_chosen: bool = False
    chosen: int | None = None
    banned: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Spot:
    """A grid with the point its distance is measured to."""

    id: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Rules:
    """Fewest and most people of a grid, what a change must save, how far anybody may be sent."""

    lowest: int
    highest: int
    change_m: int = 0
    farthest_m: int | None = None
    is_fairest: bool = False


@dataclass(frozen=True)
class Placed:
    """The grid proposed for a person (None: reserve), with the way to today's grid and to the new one in m."""

    grid: int | None
    before_m: float | None
    after_m: float | None


@dataclass(frozen=True)
class Proposal:
    people: Mapping[int, Placed]
    figures: Mapping[str, Any]


def propose(candidates: Sequence[Candidate], grids: Sequence[Spot], rules: Rules) -> Proposal:
    """Return the assignment of least distance that keeps the rules, and what "nearest first" would have cost.

    Who was chosen for the reserve takes no part. Straight distances.
    """
    free = [one for one in candidates if not (one.is_chosen and one.chosen is None)]
    ways = _ways(candidates, grids)
    row_of = {one.id: row for row, one in enumerate(candidates)}
    if not free or not grids:
        return Proposal(_placed(candidates, grids, ways, {}), _nothing(len(candidates)))
    own: Distances = ways[[row_of[one.id] for one in free]]
    problem = _problem(free, grids, own, rules)
    result = solve(problem, params=_params(rules))
    found = {one.id: int(grid) for one, grid in zip(free, result.grid.tolist(), strict=True) if grid >= 0}
    people = _placed(candidates, grids, ways, found)
    return Proposal(people, _figures(result, free, grids, reserve=len(candidates) - len(found)))


def _ways(candidates: Sequence[Candidate], grids: Sequence[Spot]) -> Distances:
    """Return the (people, grids) distances; 0 from nowhere."""
    spots = np.array([(spot.lon, spot.lat) for spot in grids], dtype=np.float64).reshape(-1, 2)
    plane = Plane.around(spots)
    ways = np.zeros((len(candidates), len(grids)))
    known = [row for row, one in enumerate(candidates) if one.at is not None]
    if known and len(grids):
        from_where = np.array([candidates[row].at for row in known], dtype=np.float64)
        ways[known] = np.minimum(straight_lines(plane.to_metres(from_where), plane.to_metres(spots)), FARTHEST_M)
    return ways


def _problem(free: Sequence[Candidate], grids: Sequence[Spot], ways: Distances, rules: Rules) -> Problem:
    column = {spot.id: index for index, spot in enumerate(grids)}
    fixed = [(row, column[one.chosen]) for row, one in enumerate(free) if one.is_chosen and one.chosen in column]
    held = {row for row, _column in fixed}
    banned = [
        (row, column[grid])
        for row, one in enumerate(free)
        for grid in sorted(one.banned)
        if row not in held and grid in column
    ]
    count = len(grids)
    return Problem(
        distance_m=ways,
        highest=np.full(count, rules.highest, np.int64),
        lowest=np.full(count, rules.lowest, np.int64),
        fixed=_pairs(fixed),
        forbidden=_pairs(banned),
        present=np.array([column.get(one.present or -1, -1) for one in free], np.int64),
    )


def _pairs(pairs: Sequence[tuple[int, int]]) -> Integers:
    return np.array(pairs, np.int64).reshape(-1, 2)


def _params(rules: Rules) -> Params:
    farthest = None if rules.farthest_m is None else float(rules.farthest_m)
    return Params(
        change_m=float(rules.change_m),
        unplaced_m=None if rules.is_fairest else RESERVE_M,
        farthest_m=farthest,
        minimise_farthest=rules.is_fairest,
    )


def _placed(
    candidates: Sequence[Candidate], grids: Sequence[Spot], ways: Distances, found: Mapping[int, int]
) -> dict[int, Placed]:
    column = {spot.id: index for index, spot in enumerate(grids)}
    placed: dict[int, Placed] = {}
    for row, one in enumerate(candidates):
        before, after = column.get(one.present or -1), found.get(one.id)
        placed[one.id] = Placed(
            grids[after].id if after is not None else None,
            _way(ways, row, before) if one.at else None,
            _way(ways, row, after) if one.at else None,
        )
    return placed


def _way(ways: Distances, row: int, column: int | None) -> float | None:
    return None if column is None else float(ways[row, column])


def _figures(result: Result, free: Sequence[Candidate], grids: Sequence[Spot], *, reserve: int) -> dict[str, Any]:
    return {
        "total_m": result.total_m,
        "farthest_m": result.farthest_m,
        "gap_m": result.gap_m,
        "greedy_total_m": result.greedy.total_m,
        "greedy_farthest_m": result.greedy.farthest_m,
        "greedy_unplaced": result.greedy.unplaced,
        "reserve": reserve,
        "broken": [
            {
                "code": certificate.code,
                "people": [free[row].id for row in _indices(certificate.facts.get("workers"), below=len(free))],
                "grids": [grids[index].id for index in _indices(certificate.facts.get("grids"), below=len(grids))],
                "staff": certificate.facts.get("staff"),
                "seats": certificate.facts.get("seats"),
                "needed": certificate.facts.get("needed"),
            }
            for certificate in result.certificates
        ],
    }


def _indices(found: object, *, below: int) -> tuple[int, ...]:
    """Return the indices a certificate names; the reserve, which it counts as the last grid, is none of ours."""
    return tuple(int(index) for index in found if index < below) if isinstance(found, tuple | list) else ()


def _nothing(people: int) -> dict[str, Any]:
    zero = dict.fromkeys(
        ("total_m", "farthest_m", "gap_m", "greedy_total_m", "greedy_farthest_m", "greedy_unplaced"), 0.0
    )
    return {**zero, "reserve": people, "broken": []}
