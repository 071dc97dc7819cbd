"""What a grid map on paper shows of an area on a day: seven questions, whatever the size of the area."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import shapely
from django.db.models import Count, Q
from shapely.geometry.base import BaseGeometry

from mulin.core.geometry import read_shape
from mulin.domains.duty.models import Tenure
from mulin.domains.organisations.queries import serving
from mulin.domains.places.models import (
    AREA_KINDS,
    BaseFeature,
    BaseKind,
    GridBoundary,
    GridKind,
    GridMembership,
    Household,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import Area, within

COORDINATORS = ("grid_leader", "grid_worker")
"""Who is named on the map for a grid: the first of these posts that somebody holds."""
OFFICES = ("STREET_OFFICE", "COMMUNITY_COMMITTEE", "OPERATIONS_CENTRE")
DRAWN_BASE = (BaseKind.WATER, BaseKind.GREEN, BaseKind.ROAD, BaseKind.RAILWAY)
MARGIN = 0.05


@dataclass(frozen=True)
class Coordinator:
    post_zh: str
    post_en: str
    name: str
    work_phone: str


@dataclass(frozen=True)
class SheetGrid:
    id: int
    code: str
    name: str
    kind: str
    shape: BaseGeometry
    buildings: int
    households: int
    coordinator: Coordinator | None

    @property
    def is_dedicated(self) -> bool:
        return self.kind == GridKind.DEDICATED

    @property
    def area_code(self) -> str:
        return self.code[:12]


@dataclass(frozen=True)
class SheetArea:
    """An area with its border: the one the sheet is about, and those directly below it."""

    code: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class SheetBuilding:
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class SheetLine:
    """A road, railway, water or green of the ground; `rank` 1 is a main road."""

    kind: str
    name: str
    rank: int
    shape: BaseGeometry


@dataclass(frozen=True)
class SheetFacts:
    area: Area
    on: date
    border: BaseGeometry | None
    parts: tuple[SheetArea, ...]
    grids: tuple[SheetGrid, ...]
    micro: tuple[SheetGrid, ...]
    buildings: tuple[SheetBuilding, ...]
    base: tuple[SheetLine, ...]
    office: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the area; anywhere, when nothing is drawn of it yet."""
        return self.border.bounds if self.border is not None else (0.0, 0.0, 0.01, 0.01)


def sheet_facts(area: Area, *, on: date) -> SheetFacts:
    """Read everything on the sheet. Households are counted by the grid their building belonged to on the day."""
    grids = _grids(area.code, on)
    areas = _areas(area.code)
    own = next((one for one in areas if one.code == area.code), None)
    border = own.shape if own else shapely.union_all([grid.shape for grid in grids]) if grids else None
    return SheetFacts(
        area=area,
        on=on,
        border=border,
        parts=tuple(one for one in areas if one.code != area.code),
        grids=tuple(grid for grid in grids if grid.kind != GridKind.MICRO),
        micro=tuple(grid for grid in grids if grid.kind == GridKind.MICRO),
        buildings=_buildings(area.code, on),
        base=_base(border.bounds) if border is not None else (),
        office=_office(area, on),
    )


def _on(day: date, prefix: str = "") -> Q:
    """In force on the day, by its dates."""
    lasts = Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gt": day})
    return lasts & Q(**{f"{prefix}starts_on__lte": day})


def _grids(area_code: str, on: date) -> list[SheetGrid]:
    drawn = GridBoundary.objects.filter(
        _on(on), _on(on, "grid__place__"), within(area_code, "grid__place__area_code"), shape__isnull=False
    ).order_by("grid__place__code")
    rows = list(drawn.values_list("grid", "grid__place__code", "grid__place__name", "grid__grid_kind", "shape"))
    buildings, households = _counts(area_code, on)
    people = _coordinators([row[0] for row in rows], on)
    return [
        SheetGrid(
            pk, code, name, kind, read_shape(shape or b""), buildings.get(pk, 0), households.get(pk, 0), people.get(pk)
        )
        for pk, code, name, kind, shape in rows
    ]


def _counts(area_code: str, on: date) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """Return buildings and households by grid, in two queries."""
    members = GridMembership.objects.filter(_on(on), within(area_code, "building__place__area_code"))
    buildings = members.filter(_on(on, "building__place__")).values_list("grid").annotate(Count("pk"))
    here = Q(moved_out_on=None) | Q(moved_out_on__gt=on)
    lived_in = Household.objects.filter(here, within(area_code), moved_in_on__lte=on)
    belonging = lived_in.filter(_on(on, "dwelling__building__memberships__"))
    households = belonging.values_list("dwelling__building__memberships__grid").annotate(Count("pk"))
    return dict(buildings), dict(households)


def _coordinators(grid_ids: Iterable[int], on: date) -> dict[int, Coordinator]:
    """Who held the first of `COORDINATORS` on the day; by dates, so that a day past or to come is answered too."""
    held = Tenure.objects.filter(_on(on), place__in=list(grid_ids), post_kind__code__in=COORDINATORS)
    rows = held.order_by("seat", "pk").values_list(
        "place", "post_kind__code", "post_kind__name_zh", "post_kind__name_en", "holder__name", "holder__work_phone"
    )
    found: dict[int, Coordinator] = {}
    for place, _code, *rest in sorted(rows, key=lambda row: COORDINATORS.index(row[1])):
        found.setdefault(place or 0, Coordinator(*rest))
    return found


def _areas(area_code: str) -> list[SheetArea]:
    shaped = Place.objects.filter(kind__in=AREA_KINDS, ends_on=None, shape__isnull=False)
    rows = shaped.filter(Q(code=area_code) | Q(parent__code=area_code)).order_by("code")
    return [
        SheetArea(code, name, read_shape(shape or b""))
        for code, name, shape in rows.values_list("code", "name", "shape")
    ]


def _buildings(area_code: str, on: date) -> tuple[SheetBuilding, ...]:
    standing = Place.objects.filter(_on(on), within(area_code), kind=PlaceKind.BUILDING, shape__isnull=False)
    rows = standing.order_by("pk").values_list("name", "building__estate__name", "shape")
    return tuple(SheetBuilding(_short(name, estate or ""), read_shape(shape or b"")) for name, estate, shape in rows)


def _short(name: str, estate: str) -> str:
    """Return what is written on the building itself: its number without the name of the estate around it."""
    return name.removeprefix(estate) or name


def _base(box: tuple[float, float, float, float]) -> tuple[SheetLine, ...]:
    """What meets the box and a margin around it, wide roads last."""
    west, south, east, north = box
    beside, above = (east - west) * MARGIN, (north - south) * MARGIN
    rows = BaseFeature.objects.filter(
        kind__in=DRAWN_BASE,
        min_lon__lte=east + beside,
        max_lon__gte=west - beside,
        min_lat__lte=north + above,
        max_lat__gte=south - above,
        shape__isnull=False,
    )
    found = rows.order_by("-rank", "pk").values_list("kind", "name", "rank", "shape")
    return tuple(SheetLine(kind, name, rank, read_shape(shape or b"")) for kind, name, rank, shape in found)


def _office(area: Area, on: date) -> str:
    """The office that issues the sheet: the area's own, else the area's name."""
    own = serving(area.code, on=on).filter(area_code=area.code, kind__in=OFFICES)
    names = dict(own.order_by("-pk").values_list("kind", "name"))
    return next((names[kind] for kind in OFFICES if kind in names), area.name)
