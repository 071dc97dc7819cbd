"""Writes of places: areas from the official codes, buildings and grids, their boundaries and members over time.

Every change is dated and none lies in the future: a plan for later belongs to whoever plans, and is carried out here on
its day. Each moves the version "places", so that search trees and map layers are built anew.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import shapely
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from mulin.core import csv_data, outbox, versions
from mulin.core.codes import new_code
from mulin.core.errors import Conflict, Invalid
from mulin.core.geometry import check_point, read_shape, shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.places import rules
from mulin.domains.places.events import BuildingMoved, GridRedrawn, PlaceClosed
from mulin.domains.places.models import (
    Building,
    Dwelling,
    Grid,
    GridBoundary,
    GridKind,
    GridMembership,
    GroupMembership,
    Household,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import PLACES_VERSION, grid_codes_for
from mulin.domains.places.rules import GB_T_30428, TEN_HOUSEHOLDS, check_grid_code
from mulin.domains.places.rules import GridCodeFormat as GridCodeFormat
from mulin.domains.places.rules import GroupSize as GroupSize

DIVISIONS = Path(__file__).parent.parent / "data" / "divisions.csv"
DIVISIONS_EDITION = date(2023, 1, 1)
BOARD_CODE_LENGTH = 10
# Hand-drawn borders of neighbours overlap by a sliver; more than this share of the smaller one is a mistake.
SLIVER = 0.01
CODE_LETTERS = {
    PlaceKind.ESTATE: "X",
    PlaceKind.BUILDING: "B",
    PlaceKind.ENTRANCE: "E",
    PlaceKind.CONTACT_GROUP: "G",
    PlaceKind.FACILITY: "F",
}
PARENT_KINDS = {
    PlaceKind.ESTATE: PlaceKind.COMMUNITY,
    PlaceKind.BUILDING: PlaceKind.COMMUNITY,
    PlaceKind.GRID: PlaceKind.COMMUNITY,
    PlaceKind.FACILITY: PlaceKind.COMMUNITY,
    PlaceKind.ENTRANCE: PlaceKind.BUILDING,
    PlaceKind.CONTACT_GROUP: PlaceKind.BUILDING,
}
FEW_TOO = GroupSize(least=1)
"""For households that are left over: a handful is a contact group as well."""


class ShapeInvalid(Invalid):
    code = "shape_invalid"
    sentence = _("图形有误。")
    remedy = _("请画一个不自相交的多边形，坐标为 CGCS2000（WGS-84）经纬度。")


class ParentMismatch(Invalid):
    code = "place_parent_mismatch"
    sentence = _("这类地方不能放在那里。")
    remedy = _("网格、小区、楼栋属于社区；单元、联户组属于楼栋。")


class DateImpossible(Invalid):
    code = "place_date_impossible"
    sentence = _("生效日期不合适。")
    remedy = _("生效日期不能晚于今天，也不能早于现在这一段的开始日期。")


class GridsOverlap(Conflict):
    code = "grids_overlap"
    sentence = _("网格与相邻网格重叠。")
    remedy = _("请沿相邻网格的边线修改边界。")


class PlaceInUse(Conflict):
    code = "place_in_use"
    sentence = _("这里面还有没有结束的内容，不能关闭。")
    remedy = _("请先把楼栋、住户移到别处，或先关闭下级。")


class PlaceClosedAlready(Conflict):
    code = "place_closed"
    sentence = _("这个地方已经关闭。")


class UnknownCounty(Invalid):
    code = "county_unknown"
    sentence = _("随附的区划表里没有这个县级代码。")
    remedy = _("县级代码为 12 位，例如 520303000000。")


@transaction.atomic
def seed_areas(*, actor: User | None, counties: Sequence[str], now: datetime) -> int:
    """Create the areas of these counties and everything above them; return how many were new."""
    rows = {row["code"]: row for row in csv_data.rows(DIVISIONS)}
    if unknown := [code for code in counties if rows.get(code, {}).get("level") != "county"]:
        raise UnknownCounty(codes=unknown)
    wanted = {code for county in counties for code in _line_above(county, rows)}
    wanted |= {code for code in rows if f"{code[:6]}000000" in counties}
    ids = dict(Place.objects.filter(code__in=wanted).values_list("code", "pk"))
    made = 0
    for level in ("province", "prefecture", "county", "street", "community"):
        fresh = [rows[code] for code in sorted(wanted - ids.keys()) if rows[code]["level"] == level]
        places = Place.objects.bulk_create(_area(row, ids) for row in fresh)
        ids |= {place.code: place.pk for place in places}
        made += len(places)
    versions.bump(PLACES_VERSION)
    return made


def _line_above(code: str, rows: dict[str, dict[str, str]]) -> list[str]:
    line = [code]
    while parent := rows[line[-1]]["parent"]:
        line.append(parent)
    return line


def _area(row: dict[str, str], ids: dict[str, int]) -> Place:
    return Place(
        kind=PlaceKind(row["level"].upper()),
        code=row["code"],
        name=row["name"],
        parent_id=ids.get(row["parent"]),
        area_code=row["code"],
        starts_on=DIVISIONS_EDITION,
    )


@transaction.atomic
def create_place(
    *,
    actor: User | None,
    kind: PlaceKind,
    name: str,
    parent: Place,
    now: datetime,
    shape: BaseGeometry | None = None,
    starts_on: date | None = None,
    code: str = "",
) -> Place:
    """Create an estate, entrance, contact group or facility (grids and buildings have a service of their own)."""
    if kind not in PARENT_KINDS or parent.kind != PARENT_KINDS[kind]:
        raise ParentMismatch(kind=str(kind), parent=parent.kind)
    parent = _lock_open(parent)
    starts_on = _possible(starts_on, now=now, not_before=None)
    place = Place.objects.create(
        kind=kind,
        code=code or _next_code(parent.code, CODE_LETTERS[kind]),
        name=name,
        parent=parent,
        area_code=parent.area_code,
        starts_on=starts_on,
        **(_located(shape) if shape is not None else {"lon": parent.lon, "lat": parent.lat}),
    )
    versions.bump(PLACES_VERSION)
    return place


@transaction.atomic
def create_building(
    *,
    actor: User | None,
    community: Place,
    name: str,
    address: str,
    shape: BaseGeometry,
    now: datetime,
    grid: Grid | None = None,
    estate: Place | None = None,
    floors: int = 1,
    starts_on: date | None = None,
) -> Building:
    """Create a building with a door code nobody can guess; `shape` is its outline or a point."""
    place = create_place(
        actor=actor, kind=PlaceKind.BUILDING, name=name, parent=community, shape=shape, starts_on=starts_on, now=now
    )
    building = Building.objects.create(
        place=place, estate=estate, address=address, floors=floors, board_code=new_code(BOARD_CODE_LENGTH)
    )
    if grid is not None:
        _check_same_community(building, grid)
        GridMembership.objects.create(building=building, grid=grid, starts_on=place.starts_on)
    return building


@transaction.atomic
def create_grid(
    *,
    actor: User | None,
    community: Place,
    name: str,
    shape: BaseGeometry,
    now: datetime,
    grid_kind: GridKind = GridKind.BASIC,
    code: str = "",
    layout: GridCodeFormat = GB_T_30428,
    starts_on: date | None = None,
) -> Grid:
    """Create a grid with its first boundary; without a code it gets the next number of its community."""
    if community.kind != PlaceKind.COMMUNITY:
        raise ParentMismatch(kind=str(PlaceKind.GRID), parent=community.kind)
    community = _lock_open(community)
    code = code or grid_codes_for({community.area_code: [(0.0, 0.0)]}, layout)[community.area_code][0]
    check_grid_code(code, community.area_code, layout)
    _check_ground(shape, community.area_code, grid_kind, without=None)
    starts_on = _possible(starts_on, now=now, not_before=None)
    place = Place.objects.create(
        kind=PlaceKind.GRID,
        code=code,
        name=name,
        parent=community,
        area_code=community.area_code,
        starts_on=starts_on,
        **_located(shape),
    )
    grid = Grid.objects.create(place=place, grid_kind=grid_kind)
    GridBoundary.objects.create(grid=grid, starts_on=starts_on, **shape_fields(shape))
    versions.bump(PLACES_VERSION)
    return grid


@transaction.atomic
def redraw_grid(*, actor: User | None, grid: Grid, shape: BaseGeometry, from_date: date, now: datetime) -> GridBoundary:
    """Give a grid new ground from a day on; the old boundary ends that day. Buildings are moved one by one.

    Raises DateImpossible, ShapeInvalid, GridsOverlap.
    """
    place = _lock_open(Place.objects.get(pk=grid.pk))
    current = GridBoundary.objects.filter(grid=grid, ends_on=None).first()
    _possible(from_date, now=now, not_before=current.starts_on if current else place.starts_on)
    _check_ground(shape, place.area_code, GridKind(grid.grid_kind), without=grid.pk)
    if current is not None:
        _end_or_replace(current, from_date)
    boundary = GridBoundary.objects.create(grid=grid, starts_on=from_date, **shape_fields(shape))
    Place.objects.filter(pk=place.pk).update(**_located(shape))
    outbox.publish(GridRedrawn(grid_id=grid.pk, from_date=from_date.isoformat()), now=now)
    versions.bump(PLACES_VERSION)
    return boundary


@transaction.atomic
def move_building_to_grid(
    *, actor: User | None, building: Building, grid: Grid, from_date: date, now: datetime
) -> GridMembership:
    """Let a building belong to a grid from a day on; where it was before stays on record.

    Raises DateImpossible, ParentMismatch, PlaceClosedAlready.
    """
    place = _lock_open(Place.objects.get(pk=building.pk))
    _lock_open(Place.objects.get(pk=grid.pk))
    _check_same_community(building, grid)
    current = GridMembership.objects.filter(building=building, ends_on=None).first()
    if current is not None and current.grid_id == grid.pk:
        return current
    _possible(from_date, now=now, not_before=current.starts_on if current else place.starts_on)
    if current is not None:
        _end_or_replace(current, from_date)
    moved = GridMembership.objects.create(building=building, grid=grid, starts_on=from_date)
    left = current.grid_id if current else None
    outbox.publish(
        BuildingMoved(building_id=building.pk, from_grid_id=left, to_grid_id=grid.pk, from_date=from_date.isoformat()),
        now=now,
    )
    versions.bump(PLACES_VERSION)
    return moved


@transaction.atomic
def form_contact_group(
    *,
    actor: User | None,
    group: Place,
    households: Iterable[Household],
    from_date: date,
    now: datetime,
    size: GroupSize = TEN_HOUSEHOLDS,
) -> int:
    """Put households into a contact group from a day on, out of the group each was in. Raises GroupSizeInvalid."""
    group = _lock_open(group)
    if group.kind != PlaceKind.CONTACT_GROUP:
        raise ParentMismatch(kind=group.kind)
    _possible(from_date, now=now, not_before=group.starts_on)
    ids = {household.pk for household in households}
    members = set(GroupMembership.objects.filter(group=group, ends_on=None).values_list("household_id", flat=True))
    size.check(len(ids | members))
    for membership in GroupMembership.objects.filter(household__in=ids - members, ends_on=None):
        _end_or_replace(membership, max(from_date, membership.starts_on))
    fresh = [GroupMembership(household_id=pk, group=group, starts_on=from_date) for pk in sorted(ids - members)]
    GroupMembership.objects.bulk_create(fresh)
    versions.bump(PLACES_VERSION)
    return len(fresh)


@transaction.atomic
def close_place(*, actor: User | None, place: Place, on: date, now: datetime) -> Place:
    """Close a place from a day on. Raises PlaceInUse while somebody or something is still in it."""
    place = _lock_open(place)
    _possible(on, now=now, not_before=place.starts_on)
    if on == place.starts_on:
        raise DateImpossible
    inside = (
        Place.objects.filter(parent=place, ends_on=None),
        GridMembership.objects.filter(grid=place.pk, ends_on=None),
        GroupMembership.objects.filter(group=place, ends_on=None),
        Household.objects.filter(dwelling__building=place.pk, moved_out_on=None),
        Household.objects.filter(dwelling__entrance=place, moved_out_on=None),
    )
    if any(rows.exists() for rows in inside):
        raise PlaceInUse
    place.ends_on = on
    place.save(update_fields=["ends_on"])
    GridBoundary.objects.filter(grid=place.pk, ends_on=None).update(ends_on=on)
    GridMembership.objects.filter(building=place.pk, ends_on=None).update(ends_on=on)
    outbox.publish(PlaceClosed(place_id=place.pk, ends_on=on.isoformat()), now=now)
    versions.bump(PLACES_VERSION)
    return place


@transaction.atomic
def add_dwellings(*, actor: User | None, entrance: Place, rooms: Sequence[tuple[int, str]], now: datetime) -> int:
    """Add flats (floor, room number) behind an entrance; those already there stay."""
    entrance = _lock_open(entrance)
    if entrance.kind != PlaceKind.ENTRANCE or entrance.parent_id is None:
        raise ParentMismatch(kind=entrance.kind)
    known = {dwelling.door for dwelling in Dwelling.objects.filter(entrance=entrance)}
    fresh = {
        rules.door(entrance.parent_id, room): Dwelling(
            building_id=entrance.parent_id, entrance=entrance, floor=floor, room=room, area_code=entrance.area_code
        )
        for floor, room in rooms
    }
    return len(Dwelling.objects.bulk_create([one for door, one in fresh.items() if door not in known]))


def _lock_open(place: Place) -> Place:
    """Read the row again and hold it, so that two who change the same place go one after the other."""
    locked = Place.objects.select_for_update().get(pk=place.pk)
    if locked.ends_on is not None:
        raise PlaceClosedAlready
    return locked


def _possible(on: date | None, *, now: datetime, not_before: date | None) -> date:
    today = timezone.localdate(now)
    on = on or today
    if on > today or (not_before is not None and on < not_before):
        raise DateImpossible(date=on.isoformat())
    return on


def _end_or_replace(row: GridBoundary | GridMembership | GroupMembership, on: date) -> None:
    """End a dated row; one that began the same day never was in force and goes."""
    if row.starts_on == on:
        row.delete()
    else:
        row.ends_on = on
        row.save(update_fields=["ends_on"])


def _located(shape: BaseGeometry) -> dict[str, object]:
    if not isinstance(shape, BaseGeometry) or shape.is_empty or not shape.is_valid:
        raise ShapeInvalid
    point = shape.representative_point()
    for lon, lat in ((shape.bounds[0], shape.bounds[1]), (shape.bounds[2], shape.bounds[3])):
        check_point(lon, lat)
    return {"lon": round(point.x, 7), "lat": round(point.y, 7), **shape_fields(shape)}


def _check_ground(shape: BaseGeometry, area_code: str, kind: GridKind, *, without: int | None) -> None:
    """A grid is one closed polygon and lies on nobody else's; micro grids lie within the others."""
    _located(shape)
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise ShapeInvalid
    if kind == GridKind.MICRO:
        return
    others = GridBoundary.objects.filter(ends_on=None, grid__place__area_code=area_code, shape__isnull=False)
    others = others.exclude(grid__grid_kind=GridKind.MICRO).exclude(grid=without)
    for name, wkb in others.values_list("grid__place__name", "shape"):
        other = read_shape(wkb or b"")
        if shapely.intersection(shape, other).area > SLIVER * min(shape.area, other.area):
            raise GridsOverlap(grid=name)


def _check_same_community(building: Building, grid: Grid) -> None:
    if building.place.area_code != grid.place.area_code:
        raise ParentMismatch(_("楼栋只能归入本社区的网格。"))


def _next_code(parent_code: str, letter: str) -> str:
    """Return the parent's code, a letter and the next number; the parent's row is held by the caller."""
    prefix = f"{parent_code}{letter}"
    numbers = Place.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    used = [int(code[len(prefix) :]) for code in numbers if code[len(prefix) :].isdigit()]
    return f"{prefix}{max(used, default=0) + 1:04}"
