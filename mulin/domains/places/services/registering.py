"""Places by the thousand, as an import brings them: a few statements per batch, the same rules as one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from mulin.core import versions
from mulin.core.codes import new_code
from mulin.core.errors import Invalid
from mulin.core.geometry import ShapeIndex, shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.places.models import (
    AREA_KINDS,
    BaseFeature,
    BaseKind,
    Building,
    Grid,
    GridBoundary,
    GridKind,
    GridMembership,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import PLACES_VERSION, code_prefix
from mulin.domains.places.rules import check_grid_code
from mulin.domains.places.services import (
    BOARD_CODE_LENGTH,
    CODE_LETTERS,
    PARENT_KINDS,
    ParentMismatch,
    PlaceClosedAlready,
    _located,
)

BATCH = 500
AREA_LEVELS = {2: PlaceKind.PROVINCE, 4: PlaceKind.PREFECTURE, 6: PlaceKind.COUNTY, 9: PlaceKind.STREET,
               12: PlaceKind.COMMUNITY}  # fmt: skip
SHAPE_FIELDS = ("lon", "lat", "shape", "min_lon", "min_lat", "max_lon", "max_lat")


class AreaAboveUnknown(Invalid):
    code = "area_above_unknown"
    sentence = _("上一级区域还没有登记。")
    remedy = _("请先登记街道（乡镇），再登记它的社区。")


@dataclass(frozen=True)
class NewPlace:
    parent_id: int
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class NewBuilding(NewPlace):
    """`grid_id` is the grid it stands in, None where there is none yet."""

    address: str = ""
    floors: int = 1
    grid_id: int | None = None


@dataclass(frozen=True)
class NewGround:
    """An area or a grid with its official code."""

    code: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class NewBase:
    kind: BaseKind
    name: str
    rank: int
    shape: BaseGeometry


@transaction.atomic
def register_places(*, actor: User | None, kind: PlaceKind, rows: Sequence[NewPlace], now: datetime) -> list[int]:
    """Create entrances, facilities, estates or the places of buildings; return their ids in order.

    Raises ParentMismatch, PlaceClosedAlready, ShapeInvalid; nothing is created then.
    """
    parents = _open_parents(PARENT_KINDS[kind], {row.parent_id for row in rows})
    codes = _free_codes(kind, parents.values())
    today = timezone.localdate(now)
    drafts = [
        Place(
            kind=kind,
            code=next(codes[row.parent_id]),
            name=row.name,
            parent_id=row.parent_id,
            area_code=parents[row.parent_id].area_code,
            starts_on=today,
            **_located(row.shape),
        )
        for row in rows
    ]
    made = Place.objects.bulk_create(drafts, batch_size=BATCH)
    versions.bump(PLACES_VERSION)
    return [place.pk for place in made]


def _open_parents(kind: PlaceKind, ids: set[int]) -> dict[int, Place]:
    """Hold the parents, so that two imports into one community number their places one after the other."""
    parents = {place.pk: place for place in Place.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if parents.keys() != ids or any(place.kind != kind for place in parents.values()):
        raise ParentMismatch(kind=str(kind))
    if closed := sorted(pk for pk, place in parents.items() if place.ends_on is not None):
        raise PlaceClosedAlready(places=closed)
    return parents


class _Numbers:
    """The free codes below one place, in order."""

    def __init__(self, prefix: str, last: int) -> None:
        self._prefix, self._last = prefix, last

    def __next__(self) -> str:
        self._last += 1
        return f"{self._prefix}{self._last:04}"


def _free_codes(kind: PlaceKind, parents: Iterable[Place]) -> dict[int, _Numbers]:
    by_parent = {place.pk: f"{place.code}{CODE_LETTERS[kind]}" for place in parents}
    last = dict.fromkeys(by_parent, 0)
    used = Place.objects.filter(kind=kind, parent__in=by_parent).values_list("parent_id", "code")
    for parent_id, code in used:
        number = code.removeprefix(by_parent[parent_id])
        last[parent_id] = max(last[parent_id], int(number) if number.isdigit() else 0)
    return {pk: _Numbers(prefix, last[pk]) for pk, prefix in by_parent.items()}


@transaction.atomic
def register_buildings(*, actor: User | None, rows: Sequence[NewBuilding], now: datetime) -> list[int]:
    """Create buildings with door codes nobody can guess; return their ids in order. Raises as `register_places`."""
    ids = register_places(actor=actor, kind=PlaceKind.BUILDING, rows=rows, now=now)
    today = timezone.localdate(now)
    pairs = list(zip(ids, rows, strict=True))
    Building.objects.bulk_create(
        [
            Building(place_id=pk, address=row.address, floors=row.floors, board_code=new_code(BOARD_CODE_LENGTH))
            for pk, row in pairs
        ],
        batch_size=BATCH,
    )
    GridMembership.objects.bulk_create(
        [
            GridMembership(building_id=pk, grid_id=row.grid_id, starts_on=today)
            for pk, row in pairs
            if row.grid_id is not None
        ],
        batch_size=BATCH,
    )
    return ids


@transaction.atomic
def register_areas(*, actor: User | None, rows: Sequence[NewGround], now: datetime) -> list[int]:
    """Give areas their boundary, creating those whose code is new; return their ids. Raises AreaAboveUnknown."""
    known = {place.code: place for place in Place.objects.filter(kind__in=AREA_KINDS, code__in=_line_codes(rows))}
    for row in sorted(rows, key=lambda one: one.code):
        place = known.get(row.code) or _new_area(row, known, timezone.localdate(now))
        for field, value in _located(row.shape).items():
            setattr(place, field, value)
        place.save()
        known[row.code] = place
    versions.bump(PLACES_VERSION)
    return [known[row.code].pk for row in rows]


def _line_codes(rows: Sequence[NewGround]) -> set[str]:
    return {row.code for row in rows} | {_code_above(row.code) for row in rows}


def _code_above(code: str) -> str:
    prefix = code_prefix(code)
    shorter = [length for length in AREA_LEVELS if length < len(prefix)]
    return prefix[: max(shorter, default=0)].ljust(12, "0")


def _new_area(row: NewGround, known: Mapping[str, Place], starts_on: date) -> Place:
    above, kind = known.get(_code_above(row.code)), AREA_LEVELS.get(len(code_prefix(row.code)))
    if above is None or kind is None:
        raise AreaAboveUnknown(code=row.code)
    return Place(
        kind=kind, code=row.code, name=row.name, parent_id=above.pk, area_code=row.code, starts_on=starts_on
    )  # fmt: skip


@transaction.atomic
def register_grids(*, actor: User | None, rows: Sequence[NewGround], now: datetime) -> list[int]:
    """Create today's basic grids; the buildings on their ground that are in no grid yet become theirs.

    Raises GridCodeInvalid, ParentMismatch, ShapeInvalid. That grids do not overlap is checked by who calls.
    """
    codes = {f"{row.code[:12]}" for row in rows}
    found = Place.objects.filter(code__in=codes, kind=PlaceKind.COMMUNITY).values_list("code", "pk")
    by_code = dict(found)
    if codes != by_code.keys():
        raise ParentMismatch(codes=sorted(codes - by_code.keys()))
    _open_parents(PlaceKind.COMMUNITY, set(by_code.values()))
    today = timezone.localdate(now)
    places = Place.objects.bulk_create(
        [_grid_place(row, by_code[row.code[:12]], today) for row in rows], batch_size=BATCH
    )
    Grid.objects.bulk_create([Grid(place=place, grid_kind=GridKind.BASIC) for place in places], batch_size=BATCH)
    GridBoundary.objects.bulk_create(
        [
            GridBoundary(grid_id=place.pk, starts_on=today, **shape_fields(row.shape))
            for place, row in zip(places, rows, strict=True)
        ],
        batch_size=BATCH,
    )
    _take_in(places, rows, codes, today)
    versions.bump(PLACES_VERSION)
    return [place.pk for place in places]


def _grid_place(row: NewGround, community_id: int, starts_on: date) -> Place:
    check_grid_code(row.code, row.code[:12])
    return Place(
        kind=PlaceKind.GRID, code=row.code, name=row.name, parent_id=community_id, area_code=row.code[:12],
        starts_on=starts_on, **_located(row.shape),
    )  # fmt: skip


def _take_in(places: Sequence[Place], rows: Sequence[NewGround], codes: set[str], today: date) -> None:
    """Let buildings in no grid belong to the one they stand in, if it is of their community."""
    index = ShapeIndex.build([place.pk for place in places], [shapely.to_wkb(row.shape) for row in rows])
    area_of = {place.pk: place.area_code for place in places}
    homeless = Building.objects.filter(place__area_code__in=codes, place__ends_on=None, place__lon__isnull=False)
    homeless = homeless.exclude(memberships__ends_on=None, memberships__isnull=False)
    memberships = []
    for pk, area_code, lon, lat in homeless.values_list("pk", "place__area_code", "place__lon", "place__lat"):
        inside = [grid for grid in index.covering(lon or 0.0, lat or 0.0) if area_of[grid] == area_code]
        memberships += [GridMembership(building_id=pk, grid_id=grid, starts_on=today) for grid in inside[:1]]
    GridMembership.objects.bulk_create(memberships, batch_size=BATCH)


@transaction.atomic
def register_base(*, actor: User | None, rows: Sequence[NewBase], now: datetime) -> list[int]:
    """Draw streets, railways and water below the map; return their ids in order."""
    features = [BaseFeature(kind=row.kind, name=row.name, rank=row.rank, **shape_fields(row.shape)) for row in rows]
    made = BaseFeature.objects.bulk_create(features, batch_size=BATCH)
    versions.bump(PLACES_VERSION)
    return [feature.pk for feature in made]
