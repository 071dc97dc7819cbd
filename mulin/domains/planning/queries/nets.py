"""Departments' old grids as they were kept, and which grids answer for them on a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Count, Q, QuerySet
from shapely.geometry.base import BaseGeometry

from mulin.core.geometry import read_shape
from mulin.domains.places.models import Building, GridBoundary, GridKind, GridMembership, Household, Place
from mulin.domains.places.queries import ancestor_codes, within
from mulin.domains.planning.models import CrossWalk, DepartmentGrid, DepartmentNet
from mulin.domains.planning.nets.reading import OldGrid, OldNet

LIST_LENGTH = 200
KINDS = (GridKind.BASIC, GridKind.DEDICATED)
SLIVER = 0.005
"""Hand-drawn borders never fit: a present grid that shares less of the ground and no building is no successor."""


@dataclass(frozen=True)
class Answering:
    """A present grid that answers for an old code, with its share of the old grid's households and ground."""

    grid_id: int
    code: str
    name: str
    households: int
    share_households: float | None
    share_area: float | None
    is_main: bool


@dataclass(frozen=True)
class OldCode:
    """An old grid and the grids it became, the main one first."""

    department: str
    code: str
    name: str
    area_code: str
    successors: tuple[Answering, ...]


def nets_of(area_code: str) -> list[DepartmentNet]:
    """Return the nets kept for an area or a part of it, and those of areas above."""
    covering = Q(area_code__in=ancestor_codes(area_code)) | within(area_code)
    rows = DepartmentNet.objects.filter(covering).annotate(count=Count("grids")).select_related("imported_by")
    return list(rows.order_by("department", "area_code"))


def departments(area_codes: Sequence[str]) -> list[str]:
    return sorted(set(_nets(area_codes).values_list("department", flat=True)))


def _nets(area_codes: Sequence[str]) -> QuerySet[DepartmentNet]:
    inside = Q(pk=None)
    for code in area_codes:
        inside |= within(code) | Q(area_code__in=ancestor_codes(code))
    return DepartmentNet.objects.filter(inside)


def kept(net_ids: Iterable[int]) -> list[OldNet]:
    """Return kept nets as they were read: outlines, and the buildings they were found to hold, by code."""
    nets = {net.pk: net for net in DepartmentNet.objects.filter(pk__in=list(net_ids)).order_by("pk")}
    buildings: dict[int, list[str]] = defaultdict(list)
    rows = CrossWalk.objects.filter(old_grid__net__in=nets).order_by("pk")
    for old_grid, code in rows.values_list("old_grid", "building__place__code"):
        buildings[old_grid].append(code)
    grids: dict[int, list[OldGrid]] = defaultdict(list)
    for grid in DepartmentGrid.objects.filter(net__in=nets).order_by("pk"):
        outline = read_shape(grid.shape) if grid.shape else None
        grids[grid.net_id].append(OldGrid(grid.code, grid.name, outline, tuple(buildings[grid.pk])))
    return [OldNet(net.department, tuple(grids[pk])) for pk, net in nets.items()]


def building_of(area_code: str) -> dict[str, int]:
    """Return building ids by what people write for them: code, door code, name, estate and name, address.

    What is written of two buildings names neither.
    """
    rows = Building.objects.filter(within(area_code, "place__area_code"), place__ends_on=None)
    named: dict[str, set[int]] = defaultdict(set)
    for pk, code, board, name, estate, address in rows.values_list(
        "pk", "place__code", "board_code", "place__name", "estate__name", "address"
    ):
        for written in {code, board, name, f"{estate or ''}{name}", address}:
            named[written].add(pk)
    return {written: min(found) for written, found in named.items() if len(found) == 1}


def old_codes(
    area_codes: Sequence[str] | None, *, department: str, code: str, on: date, limit: int = LIST_LENGTH
) -> list[OldCode]:
    """Return old grids by department and code (empty: all), with what answers for them on the day.

    `area_codes` None: anywhere. Shares are of the households living there on the day, and of the outline's ground;
    the main successor holds most households, then most ground. Five questions for any number of codes.
    """
    found = DepartmentGrid.objects.select_related("net").order_by("net", "code")
    if area_codes is not None:
        found = found.filter(net__in=_nets(area_codes))
    if department:
        found = found.filter(net__department=department)
    if code:
        found = found.filter(code=code)
    grids = list(found[:limit])
    households, buildings = _shared(grids, on)
    grounds = _grounds(grids, on)
    named = _named({grid for one in (households, buildings, grounds) for _old, grid in one})
    return [
        OldCode(
            one.net.department,
            one.code,
            one.name,
            one.net.area_code,
            _answering(one.pk, households, buildings, grounds, named),
        )
        for one in grids
    ]


Shares = dict[tuple[int, int], float]
"""(old grid, present grid) → amount."""


def _shared(grids: Sequence[DepartmentGrid], on: date) -> tuple[Shares, Shares]:
    """Return households and buildings by old and present grid on the day."""
    walked = list(CrossWalk.objects.filter(old_grid__in=grids).values_list("old_grid", "building"))
    ids = {building for _old, building in walked}
    members = GridMembership.objects.filter(_on(on), building__in=ids)
    now_in = dict(members.values_list("building", "grid"))
    here = Q(moved_out_on=None) | Q(moved_out_on__gt=on)
    lived_in = Household.objects.filter(here, moved_in_on__lte=on, dwelling__building__in=ids)
    count = dict(lived_in.values_list("dwelling__building").annotate(Count("pk")).order_by())
    households: Shares = defaultdict(float)
    buildings: Shares = defaultdict(float)
    for old, building in walked:
        if building in now_in:
            households[old, now_in[building]] += count.get(building, 0)
            buildings[old, now_in[building]] += 1
    return households, buildings


def _on(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day))


def _grounds(grids: Sequence[DepartmentGrid], on: date) -> Shares:
    """Return the share of each old outline that lies in each present grid."""
    drawn = [(grid.pk, read_shape(grid.shape)) for grid in grids if grid.shape]
    if not drawn:
        return {}
    west, south, east, north = (float(edge) for edge in shapely.total_bounds([shape for _pk, shape in drawn]))
    rows = GridBoundary.objects.filter(
        _on(on), grid__grid_kind__in=KINDS, shape__isnull=False,
        min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south,
    )  # fmt: skip
    present = [(pk, read_shape(shape or b"")) for pk, shape in rows.values_list("grid", "shape")]
    shares: Shares = {}
    olds, news = shapely.STRtree([shape for _pk, shape in present]).query([shape for _pk, shape in drawn])
    for old, new in zip(olds.tolist(), news.tolist(), strict=True):
        pk, outline = drawn[old]
        share = _share(outline, present[new][1])
        if share > 0:
            shares[pk, present[new][0]] = share
    return shares


def _share(outline: BaseGeometry, ground: BaseGeometry) -> float:
    return float(shapely.intersection(outline, ground).area / outline.area) if outline.area else 0.0


def _named(grid_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = Place.objects.filter(pk__in=list(grid_ids)).values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in rows}


def _answering(
    old: int, households: Shares, buildings: Shares, grounds: Shares, named: dict[int, tuple[str, str]]
) -> tuple[Answering, ...]:
    inside = {grid for (one, grid) in buildings if one == old}
    inside |= {grid for (one, grid), share in grounds.items() if one == old and share >= SLIVER}
    whole = sum(amount for (one, _grid), amount in households.items() if one == old)
    has_ground = any(one == old for one, _grid in grounds)
    order = sorted(
        inside,
        key=lambda grid: (
            -households.get((old, grid), 0), -grounds.get((old, grid), 0), -buildings.get((old, grid), 0), grid
        ),
    )  # fmt: skip
    return tuple(
        Answering(
            grid_id=grid,
            code=named[grid][0],
            name=named[grid][1],
            households=int(households.get((old, grid), 0)),
            share_households=households.get((old, grid), 0) / whole if whole else None,
            share_area=grounds.get((old, grid), 0.0) if has_ground else None,
            is_main=number == 0,
        )
        for number, grid in enumerate(order)
    )
