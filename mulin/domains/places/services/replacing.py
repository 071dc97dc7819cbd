"""A whole plan of grids put in force at once: few statements, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from mulin.core import outbox, versions
from mulin.core.geometry import read_shape, shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.places.events import BuildingMoved, GridRedrawn
from mulin.domains.places.models import (
    Building,
    Grid,
    GridBoundary,
    GridKind,
    GridMembership,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import PLACES_VERSION, grid_codes_for
from mulin.domains.places.rules import GB_T_30428
from mulin.domains.places.services import (
    SLIVER,
    GridsOverlap,
    ParentMismatch,
    PlaceClosedAlready,
    PlaceInUse,
    ShapeInvalid,
    _located,
    _lock_open,
    _possible,
    close_place,
)

NEW_GRID_NAME = "第{number}网格"
SHAPE_FIELDS = ("shape", "min_lon", "min_lat", "max_lon", "max_lat")
BATCH = 500


@dataclass(frozen=True)
class PlannedGrid:
    """One grid as it is to be from a day on; without `grid_id` it is a new one."""

    area_code: str
    shape: BaseGeometry
    building_ids: tuple[int, ...]
    grid_id: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Replaced:
    """What a replacement did: the grid of each plan in order, the closed ones, and building → (before, after)."""

    grid_ids: tuple[int, ...]
    closed_ids: tuple[int, ...]
    membership: dict[int, tuple[int | None, int]]


@transaction.atomic
def replace_grids(*, actor: User | None, plans: Sequence[PlannedGrid], from_date: date, now: datetime) -> Replaced:
    """Give whole communities their grids anew from a day on, all or nothing; a few statements per community.

    Grids that live on keep place, code and posts; a basic grid no plan names is closed; new ones get the next codes of
    their community in reading order. Dedicated and micro grids that no plan names stay as they are.

    Raises DateImpossible, ParentMismatch, PlaceClosedAlready, PlaceInUse, ShapeInvalid, GridsOverlap.
    """
    codes = sorted({plan.area_code for plan in plans})
    communities = {place.code: _lock_open(place) for place in Place.objects.filter(code__in=codes).order_by("pk")}
    if codes != sorted(communities) or any(c.kind != PlaceKind.COMMUNITY for c in communities.values()):
        raise ParentMismatch(kind=str(PlaceKind.GRID))
    standing = {grid.pk: grid for grid in _standing_grids(codes)}
    present = _present_memberships(codes)
    _check_plans(plans, standing, present)
    _possible(from_date, now=now, not_before=max((m.starts_on for m in present.values() if m), default=None))
    grid_ids = _drawn_grids(plans, communities, standing, from_date)
    wanted = {pk: grid_id for plan, grid_id in zip(plans, grid_ids, strict=True) for pk in plan.building_ids}
    before = {pk: membership.grid_id if membership else None for pk, membership in present.items()}
    moved = {pk: (before[pk], grid_id) for pk, grid_id in wanted.items() if before[pk] != grid_id}
    _move_memberships({pk: present[pk] for pk in moved}, moved, from_date)
    emptied = standing.keys() - set(grid_ids)
    closed = tuple(sorted(pk for pk in emptied if standing[pk].grid_kind == GridKind.BASIC))
    _publish_moves(moved, from_date, now=now)
    _redraw(plans, grid_ids, from_date, now=now)
    for pk in closed:
        close_place(actor=actor, place=Place(pk=pk), on=from_date, now=now)
        outbox.publish(GridRedrawn(grid_id=pk, from_date=from_date.isoformat()), now=now)
    versions.bump(PLACES_VERSION)
    return Replaced(tuple(grid_ids), closed, {pk: (before[pk], wanted[pk]) for pk in wanted})


def _standing_grids(codes: Sequence[str]) -> QuerySet[Grid]:
    grids = Grid.objects.filter(place__area_code__in=codes, place__ends_on=None).select_related("place")
    return grids.exclude(grid_kind=GridKind.MICRO).order_by("pk")


def _present_memberships(codes: Sequence[str]) -> dict[int, GridMembership | None]:
    """Return every standing building of the communities with the membership in force."""
    buildings = Building.objects.filter(place__area_code__in=codes, place__ends_on=None).values_list("pk", flat=True)
    known: dict[int, GridMembership | None] = dict.fromkeys(buildings)
    open_ones = GridMembership.objects.filter(building__place__area_code__in=codes, ends_on=None)
    return known | {one.building_id: one for one in open_ones if one.building_id in known}


def _check_plans(
    plans: Sequence[PlannedGrid], standing: dict[int, Grid], present: dict[int, GridMembership | None]
) -> None:
    """Every building of the communities in one plan, every plan's grid its own and of its community, no overlap."""
    named = [plan.grid_id for plan in plans if plan.grid_id is not None]
    buildings = [pk for plan in plans for pk in plan.building_ids]
    if len(named) != len(set(named)) or not standing.keys() >= set(named):
        raise PlaceClosedAlready(grids=sorted(set(named) - standing.keys()))
    if any(standing[plan.grid_id].place.area_code != plan.area_code for plan in plans if plan.grid_id is not None):
        raise ParentMismatch(kind=str(PlaceKind.GRID))
    if len(buildings) != len(set(buildings)) or not present.keys() >= set(buildings):
        raise ParentMismatch(_("楼栋只能归入本社区的网格。"))
    kept = {pk for pk, grid in standing.items() if pk in set(named) or grid.grid_kind == GridKind.DEDICATED}
    left = [pk for pk in present.keys() - set(buildings) if (one := present[pk]) is None or one.grid_id not in kept]
    if left:
        raise PlaceInUse(buildings=sorted(left))
    _check_apart([plan.shape for plan in plans], [pk for pk in kept if pk not in set(named)])


def _check_apart(shapes: Sequence[BaseGeometry], untouched: Sequence[int]) -> None:
    """As `_check_ground`, for many at once."""
    for shape in shapes:
        _located(shape)
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise ShapeInvalid
    rows = GridBoundary.objects.filter(grid__in=untouched, ends_on=None, shape__isnull=False)
    ground = [*shapes, *(read_shape(wkb or b"") for wkb in rows.values_list("shape", flat=True))]
    tree = shapely.STRtree(ground)
    for one, other in tree.query(ground, predicate="intersects").T.tolist():
        smaller = min(ground[one].area, ground[other].area)
        if one < other and shapely.intersection(ground[one], ground[other]).area > SLIVER * smaller:
            raise GridsOverlap


def _drawn_grids(
    plans: Sequence[PlannedGrid], communities: dict[str, Place], standing: dict[int, Grid], from_date: date
) -> list[int]:
    """Return the grid of each plan, after making the new ones."""
    fresh = [index for index, plan in enumerate(plans) if plan.grid_id is None]
    codes = _fresh_codes(plans, fresh)
    drafts = [
        Place(
            kind=PlaceKind.GRID,
            code=codes[index],
            name=plans[index].name or NEW_GRID_NAME.format(number=int(codes[index][GB_T_30428.area_digits :])),
            parent=communities[plans[index].area_code],
            area_code=plans[index].area_code,
            starts_on=from_date,
            **_located(plans[index].shape),
        )
        for index in fresh
    ]
    made = Place.objects.bulk_create(drafts, batch_size=BATCH)
    Grid.objects.bulk_create([Grid(place=place) for place in made], batch_size=BATCH)
    fresh_ids = dict(zip(fresh, (place.pk for place in made), strict=True))
    return [plan.grid_id if plan.grid_id is not None else fresh_ids[index] for index, plan in enumerate(plans)]


def _fresh_codes(plans: Sequence[PlannedGrid], fresh: Sequence[int]) -> dict[int, str]:
    places: dict[str, list[int]] = {}
    for index in fresh:
        places.setdefault(plans[index].area_code, []).append(index)
    points = {index: plans[index].shape.representative_point() for index in fresh}
    codes = grid_codes_for({code: [(points[i].x, points[i].y) for i in indices] for code, indices in places.items()})
    return {i: new for code, indices in places.items() for i, new in zip(indices, codes[code], strict=True)}


def _redraw(plans: Sequence[PlannedGrid], grid_ids: Sequence[int], from_date: date, *, now: datetime) -> None:
    """End the boundaries that change and write the new ones; a grid whose ground is the same keeps its row."""
    shapes = dict(zip(grid_ids, (plan.shape for plan in plans), strict=True))
    current = {row.grid_id: row for row in GridBoundary.objects.filter(grid__in=grid_ids, ends_on=None)}
    changed = [pk for pk in grid_ids if pk not in current or not _same_ground(current[pk], shapes[pk])]
    _end([current[pk] for pk in changed if pk in current], from_date)
    boundaries = [GridBoundary(grid_id=pk, starts_on=from_date, **shape_fields(shapes[pk])) for pk in changed]
    GridBoundary.objects.bulk_create(boundaries, batch_size=BATCH)
    kept = [pk for pk in changed if pk in current]
    Place.objects.bulk_update(
        [Place(pk=pk, **_located(shapes[pk])) for pk in kept], ["lon", "lat", *SHAPE_FIELDS], batch_size=BATCH
    )
    _publish([GridRedrawn(grid_id=pk, from_date=from_date.isoformat()) for pk in kept], now=now)


def _same_ground(row: GridBoundary, shape: BaseGeometry) -> bool:
    """Say whether a boundary is the same but for a sliver."""
    if row.shape is None:
        return False
    before = read_shape(row.shape)
    return bool(shapely.symmetric_difference(before, shape).area <= SLIVER * min(before.area, shape.area))


def _move_memberships(
    leaving: dict[int, GridMembership | None], moved: dict[int, tuple[int | None, int]], from_date: date
) -> None:
    _end([one for one in leaving.values() if one is not None], from_date)
    GridMembership.objects.bulk_create(
        [GridMembership(building_id=pk, grid_id=to, starts_on=from_date) for pk, (_from, to) in moved.items()],
        batch_size=BATCH,
    )


def _publish_moves(moved: dict[int, tuple[int | None, int]], from_date: date, *, now: datetime) -> None:
    events = [
        BuildingMoved(building_id=pk, from_grid_id=left, to_grid_id=to, from_date=from_date.isoformat())
        for pk, (left, to) in sorted(moved.items())
    ]
    _publish(events, now=now)


def _publish(events: Sequence[outbox.Event], *, now: datetime) -> None:
    for begin in range(0, len(events), BATCH):
        outbox.publish(*events[begin : begin + BATCH], now=now)


def _end(rows: Sequence[GridBoundary] | Sequence[GridMembership], on: date) -> None:
    """End dated rows of one kind; those that began the same day never were in force and go."""
    if not rows:
        return
    same_day = {row.pk for row in rows if row.starts_on == on}
    every = type(rows[0]).objects
    every.filter(pk__in=same_day).delete()
    every.filter(pk__in={row.pk for row in rows} - same_day).update(ends_on=on)
