"""The order in which doors stand beside each other, and what lies between one door and the next."""

from dataclasses import dataclass

import numpy as np

from mulin.kernels.groups.problem import Coordinates, Flags, Integers, Params, Problem
from mulin.kernels.groups.walk import walk

SAME_FLOOR, NEXT_FLOOR, NEXT_ENTRANCE, NEXT_BUILDING, CLOSED = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Doors:
    """Households in the order of their doors.

    `household` (n,): index of the household at each place; `gap` (n,): what lies between a place and the one before
    it, `CLOSED` where no group may reach across (always at the first).
    """

    household: Integers
    gap: Integers


def doors(problem: Problem, params: Params) -> Doors:
    """Walk past the entrances, down one stairwell and up the next, so that neighbouring floors stay neighbours."""
    line = entrance_line(problem, params)
    place = np.full(problem.building.size, -1, np.int64)
    place[line] = np.arange(line.size)
    row = place[problem.entrance]
    direction = np.where(row % 2 == 0, -1, 1)
    household = np.lexsort((problem.door * direction, problem.floor * direction, row))
    return Doors(household, _gaps(problem, params, household))


def entrance_line(problem: Problem, params: Params) -> Integers:
    """Return the inhabited entrances in walking order: areas, in them buildings, in them entrances."""
    area = problem.building if problem.area is None else problem.area
    inhabited = np.unique(problem.entrance)
    by_building = inhabited[np.lexsort((inhabited, problem.building[inhabited], area[inhabited]))]
    keys = problem.building[by_building]
    rows = np.split(by_building, np.nonzero(keys[1:] != keys[:-1])[0] + 1)
    rows = [_along(problem.xy, row) for row in rows]
    if params.join_within_m and problem.xy is not None and problem.area is not None:
        rows = _past_buildings(problem.xy, problem.area, rows)
    return np.concatenate(rows)


def _along(xy: Coordinates | None, row: Integers) -> Integers:
    """Order the entrances of one building along its length, from the end where the first of them stands."""
    if xy is None or row.size < 3:
        return row
    order = walk(xy[row])
    return row[order] if order[0] < order[-1] else row[order[::-1]]


def _past_buildings(xy: Coordinates, area: Integers, rows: list[Integers]) -> list[Integers]:
    """Order the buildings of each area as a walk, each entered at the end that is nearer."""
    areas = np.array([area[row[0]] for row in rows])
    middles = np.array([xy[row].mean(axis=0) for row in rows])
    ordered: list[Integers] = []
    for members in np.split(np.arange(areas.size), np.nonzero(areas[1:] != areas[:-1])[0] + 1):
        last: Integers | None = None
        for member in members[walk(middles[members])]:
            row = rows[member]
            if last is not None and _apart_m(xy, last[-1], row[-1]) < _apart_m(xy, last[-1], row[0]):
                row = row[::-1]
            ordered.append(row)
            last = row
    return ordered


def _apart_m(xy: Coordinates, one: int, other: int) -> float:
    return float(np.hypot(*(xy[one] - xy[other])))


def _gaps(problem: Problem, params: Params, household: Integers) -> Integers:
    """Say what lies before each place."""
    entrance, floor = problem.entrance[household], problem.floor[household]
    gap = np.where(floor[1:] == floor[:-1], SAME_FLOOR, NEXT_FLOOR)
    other_entrance = entrance[1:] != entrance[:-1]
    gap[other_entrance] = NEXT_ENTRANCE if params.join_entrances else CLOSED
    building = problem.building[entrance]
    other_building = building[1:] != building[:-1]
    gap[other_building] = np.where(_joins(problem, params, entrance)[other_building], NEXT_BUILDING, CLOSED)
    return np.concatenate([[CLOSED], gap]).astype(np.int64)[: household.size]


def _joins(problem: Problem, params: Params, entrance: Integers) -> Flags:
    """Whether a group may reach from the building of one place to that of the next."""
    if problem.xy is None or problem.area is None or not params.join_within_m:
        return np.zeros(max(entrance.size - 1, 0), np.bool_)
    apart = np.hypot(*(problem.xy[entrance[1:]] - problem.xy[entrance[:-1]]).T)
    joins: Flags = (apart <= params.join_within_m) & (problem.area[entrance[1:]] == problem.area[entrance[:-1]])
    return joins
