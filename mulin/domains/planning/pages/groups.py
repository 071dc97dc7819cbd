"""What the page of contact groups shows: the groups proposed, who joins, and numbers that allow none."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mulin.core.listed import listed
from mulin.domains.places import queries as places
from mulin.domains.planning.queries import groups
from mulin.domains.planning.queries.groups import GroupGround
from mulin.domains.planning.rules.groups import LEAST, MOST, Division, Proposed, Shortfall, divide

SHOWN_ROOMS = 60
MOST_SHOWN = 300
NEAR_M = 60.0
"""How far apart the doors of one group may be where neighbouring buildings may join."""


@dataclass(frozen=True)
class GroupRow:
    """One contact group as proposed: where, who joins, how many it will be."""

    building: str
    group: str
    is_new: bool
    joining: int
    rooms: str
    size: int
    is_lawful: bool


@dataclass(frozen=True)
class GroupsPage:
    title: str
    households: int
    without: int
    rows: tuple[GroupRow, ...]
    more: int
    new: int
    moved: int
    shortfalls: tuple[str, ...]
    mark: str
    may_move: bool
    near: bool
    least: int = LEAST
    most: int = MOST


def groups_page(ground: GroupGround, *, may_move: bool, join_within_m: float) -> GroupsPage:
    """Five queries for a building or a community."""
    doors = groups.doors_of(ground)
    division = divide(doors, may_move=may_move, join_within_m=join_within_m)
    shown = division.groups[:MOST_SHOWN]
    rooms = groups.rooms_of(pk for one in shown for pk in one.joining)
    ids = {one.building_id for one in shown} | {one.group for one in shown if one.group}
    named = places.places_named([*ids, *(pk for one in division.shortfalls for pk in one.buildings)])
    return GroupsPage(
        title=_title(ground),
        households=len(doors),
        without=sum(door.group is None for door in doors),
        rows=tuple(_row(one, rooms, named) for one in shown),
        more=len(division.groups) - len(shown),
        new=sum(one.group is None for one in division.groups),
        moved=division.moved,
        shortfalls=tuple(_said(one, named) for one in division.shortfalls[:MOST_SHOWN]),
        mark=division.mark,
        may_move=may_move,
        near=join_within_m > 0,
    )


def _title(ground: GroupGround) -> str:
    if ground.building_id:
        return places.places_named([ground.building_id]).get(ground.building_id, "")
    return places.area_by_code(ground.area_code).name


def _row(one: Proposed, rooms: Mapping[int, str], named: Mapping[int, str]) -> GroupRow:
    return GroupRow(
        building=named.get(one.building_id, ""),
        group=named.get(one.group, "") if one.group else _("新的联户组"),
        is_new=one.group is None,
        joining=len(one.joining),
        rooms=listed(rooms[pk] for pk in one.joining[:SHOWN_ROOMS] if pk in rooms),
        size=one.size,
        is_lawful=one.is_lawful,
    )


def _said(one: Shortfall, named: Mapping[int, str]) -> str:
    """Say plainly that so many neighbours make no groups of 10 to 15, and what is nearest to it."""
    where = listed(named[pk] for pk in one.buildings[:4] if pk in named)
    sentence = _("{where}：{households} 户分不成每组 {least}—{most} 户，最接近的是 {chosen}。")
    if one.other:
        sentence = _("{where}：{households} 户分不成每组 {least}—{most} 户，最接近的是 {chosen}，其次是 {other}。")
    return sentence.format(
        where=where, households=one.households, least=LEAST, most=MOST, chosen=one.chosen, other=one.other
    )


def summary(division: Division) -> str:
    joining = sum(len(one.joining) for one in division.groups)
    new = sum(one.group is None for one in division.groups)
    return _("已编入 {households} 户，新建 {groups} 个联户组。请为新组任命联户长。").format(
        households=joining, groups=new
    )
