"""Neighbours into contact groups 联户组: the groups kernel in the words of entrances and rooms."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mulin.kernels.groups.problem import Bounds, Coordinates, Integers, Params, Problem

NO_GROUP = -1
LEAST, MOST = 10, 15


@dataclass(frozen=True)
class Door:
    """A household by its door; `group` is its contact group, `grid` the grid of its building."""

    household_id: int
    building_id: int
    entrance_id: int
    floor: int
    room: str
    group: int | None
    grid: int | None
    lon: float
    lat: float


@dataclass(frozen=True)
class Proposed:
    """A contact group as proposed: one that is there (`group`) with who joins, or a new one (None)."""

    group: int | None
    building_id: int
    joining: tuple[int, ...]
    size: int
    is_lawful: bool


@dataclass(frozen=True)
class Shortfall:
    """Neighbours whose number makes no lawful groups, what was chosen and what else there would be."""

    buildings: tuple[int, ...]
    households: int
    chosen: str
    other: str


@dataclass(frozen=True)
class Division:
    groups: tuple[Proposed, ...]
    shortfalls: tuple[Shortfall, ...]
    moved: int

    @property
    def mark(self) -> str:
        """A sign of the content: what somebody saw is what is written."""
        told = repr([(one.group, one.building_id, one.joining) for one in self.groups])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def divide(doors: Sequence[Door], *, may_move: bool, join_within_m: float = 0.0) -> Division:
    """Propose groups for the households that have none; those there are stay as they are.

    A few left over join a group of their building that has room. With `may_move` everybody is divided anew, with as
    few changes of group as the numbers allow; groups of neighbouring buildings within `join_within_m` may be one.
    """
    if may_move:
        return _divided(doors, join_within_m)
    free = [door for door in doors if door.group is None]
    return _with_room(_divided(free, join_within_m), doors)


def _divided(doors: Sequence[Door], join_within_m: float) -> Division:
    if not doors:
        return Division((), (), 0)
    from mulin.kernels.groups.solve import solve  # compiled code, which few processes need

    problem, known = _problem(doors)
    result = solve(problem, params=replace(Params(), join_within_m=join_within_m))
    groups = tuple(_proposed(doors, result.group, known))
    buildings = sorted({door.building_id for door in doors})
    shortfalls = tuple(
        Shortfall(
            tuple(buildings[number] for number in one.buildings),
            int(str(one.facts["households"])),
            str(one.facts["chosen"]),
            str(one.facts.get("other", "")),
        )
        for one in result.certificates
    )
    return Division(groups, shortfalls, int(result.moved.size))


def _problem(doors: Sequence[Door]) -> tuple[Problem, list[int]]:
    """Return the problem, and the present groups by their number in it."""
    entrances = {door.entrance_id: door for door in doors}
    order = sorted(entrances, key=lambda pk: (entrances[pk].building_id, pk))
    entrance_of = {pk: number for number, pk in enumerate(order)}
    building_of = {pk: number for number, pk in enumerate(sorted({door.building_id for door in doors}))}
    grid_of = {pk: number for number, pk in enumerate(sorted({door.grid or 0 for door in doors}))}
    known = sorted({door.group for door in doors if door.group is not None})
    group_of = {pk: number for number, pk in enumerate(known)}
    problem = Problem(
        entrance=_integers(entrance_of[door.entrance_id] for door in doors),
        floor=_integers(door.floor for door in doors),
        door=_door_order(doors),
        building=_integers(building_of[entrances[pk].building_id] for pk in order),
        area=_integers(grid_of[entrances[pk].grid or 0] for pk in order),
        xy=_positions([entrances[pk] for pk in order]),
        bounds=Bounds(LEAST, MOST),
        present=_integers(NO_GROUP if door.group is None else group_of[door.group] for door in doors),
    )
    return problem, known


def _integers(numbers: Any) -> Integers:
    return np.array(list(numbers), np.int64)


def _positions(doors: Sequence[Door]) -> Coordinates:
    degrees = np.array([(door.lon, door.lat) for door in doors], dtype=np.float64)
    squeeze = np.cos(np.radians(degrees[:, 1].mean()))
    metres: Coordinates = (degrees - degrees.mean(axis=0)) * (111_320.0 * squeeze, 111_320.0)
    return metres


def _door_order(doors: Sequence[Door]) -> Integers:
    """Number the doors of a floor as people count them: 2 before 10."""
    key = sorted(range(len(doors)), key=lambda row: (_natural(doors[row].room), row))
    order = np.empty(len(doors), np.int64)
    order[key] = np.arange(len(doors))
    return order


def _natural(room: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", room)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _proposed(doors: Sequence[Door], group: Integers, known: Sequence[int]) -> list[Proposed]:
    """Return the groups that change: new ones and those somebody joins, in the order of their doors."""
    found = []
    for number in dict.fromkeys(group.tolist()):
        members = [doors[row] for row in np.flatnonzero(group == number).tolist()]
        own = known[number] if number < len(known) else None
        joining = tuple(door.household_id for door in members if door.group is None or door.group != own)
        if joining:
            size = len(members)
            found.append(Proposed(own, members[0].building_id, joining, size, LEAST <= size <= MOST))
    return found


def _with_room(division: Division, doors: Sequence[Door]) -> Division:
    """Let a handful join the group of their building that is smallest, where it has room for all of them."""
    sizes: dict[int, int] = {}
    home: dict[int, int] = {}
    for door in doors:
        if door.group is not None:
            sizes[door.group] = sizes.get(door.group, 0) + 1
            home.setdefault(door.group, door.building_id)
    groups, joined = [], set()
    for one in division.groups:
        room = [pk for pk, size in sizes.items() if home[pk] == one.building_id and size + one.size <= MOST]
        if one.size >= LEAST or not room:
            groups.append(one)
            continue
        smallest = min(room, key=lambda pk: (sizes[pk], pk))
        sizes[smallest] += one.size
        joined.add(one.building_id)
        lawful = LEAST <= sizes[smallest] <= MOST
        groups.append(replace(one, group=smallest, size=sizes[smallest], is_lawful=lawful))
    left = {one.building_id for one in groups if not one.is_lawful}
    shortfalls = tuple(one for one in division.shortfalls if left & set(one.buildings) or not joined)
    return Division(tuple(groups), shortfalls, 0)
