"""The ground of an area on a day, as the partition kernel wants it: eight questions, whatever the size of the area."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from django.db.models import Count, Q, QuerySet
from numpy.typing import NDArray

from mulin.domains.places.models import (
    BaseFeature,
    BaseKind,
    Grid,
    GridKind,
    GridMembership,
    Household,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import in_force, within
from mulin.domains.planning.ground.adjacency import Adjacency, adjacency
from mulin.domains.planning.ground.adjacency import Reach as Reach
from mulin.domains.planning.ground.links import Link, linked
from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.ground.terrain import Geometries, Terrain
from mulin.domains.planning.models import HouseholdCount, NeighbourLink
from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.partition.problem import Coordinates, Integers

Box = tuple[float, float, float, float]
MARGIN_DEGREES = 0.01
"""Around the buildings, about 1 km: streets and rivers that lie between two of them are met."""
OUTER_RANK = 5


@dataclass(frozen=True)
class PlacedBuildings:
    """The buildings of an area that have a position, in order of community and code."""

    ids: Integers
    lonlat: Coordinates
    shapes: Geometries
    area_codes: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def box(self) -> Box:
        west, south, east, north = (float(edge) for edge in shapely.total_bounds(self.shapes))
        return west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES


def problem_of(area_code: str, *, on: date, reach: Reach | None = None) -> GroundArrays:
    """Return buildings, households, neighbours, barriers and present grids of an area on a day.

    A building's households are those registered in it; where none are, the number counted or estimated. Buildings
    without a position are left out: `without_position` names them.
    """
    buildings = placed_buildings(area_code, on=on)
    plane = Plane.around(buildings.lonlat)
    xy = plane.to_metres(buildings.lonlat)
    codes, community = np.unique(buildings.area_codes, return_inverse=True)
    community = community.reshape(-1).astype(np.int64)
    neighbours = adjacency(
        xy=xy,
        community=community,
        terrain=terrain_of(buildings.box, plane) if len(buildings) else Terrain(),
        footprints=plane.flatten(buildings.shapes),
        reach=reach,
    )
    neighbours = _with_links(neighbours, area_code, buildings.ids, community, on=on)
    grid_ids, dedicated, present = _present_grids(area_code, buildings.ids, on=on)
    return GroundArrays(
        building_ids=buildings.ids,
        households=households_of(area_code, buildings.ids, on=on),
        xy=xy,
        lonlat=buildings.lonlat,
        edges=neighbours.edges,
        barriers=neighbours.barriers,
        community=community,
        community_codes=codes,
        present=present,
        grid_ids=grid_ids,
        dedicated=dedicated,
    )


def placed_buildings(area_code: str, *, on: date) -> PlacedBuildings:
    """Return the buildings with a position; a building known as a point is that point."""
    rows = list(
        _buildings(area_code, on=on)
        .filter(lon__isnull=False, lat__isnull=False)
        .order_by("area_code", "code")
        .values_list("pk", "area_code", "lon", "lat", "shape")
    )
    lonlat = np.array([row[2:4] for row in rows], dtype=np.float64).reshape(-1, 2)
    outlines = shapely.from_wkb(np.array([bytes(row[4]) if row[4] else None for row in rows], dtype=object))
    drawn = ~(shapely.is_missing(outlines) | shapely.is_empty(outlines))
    return PlacedBuildings(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        lonlat=lonlat,
        shapes=np.where(drawn, outlines, shapely.points(lonlat)).astype(object),
        area_codes=np.array([row[1] for row in rows], dtype="U12"),
    )


def without_position(area_code: str, *, on: date) -> QuerySet[Place]:
    """Return the buildings no plan can place."""
    return _buildings(area_code, on=on).filter(Q(lon=None) | Q(lat=None)).order_by("code")


def _buildings(area_code: str, *, on: date) -> QuerySet[Place]:
    return in_force(Place.objects.filter(within(area_code), kind=PlaceKind.BUILDING), on=on)


def terrain_of(box: Box, plane: Plane) -> Terrain:
    """Return streets, railways and water that meet a box of degrees, on the plane."""
    west, south, east, north = box
    rows = BaseFeature.objects.filter(
        kind__in=(BaseKind.ROAD, BaseKind.RAILWAY, BaseKind.WATER),
        shape__isnull=False, min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south,
    )  # fmt: skip
    found = list(rows.order_by("pk").values_list("kind", "rank", "shape"))
    shapes = plane.flatten(shapely.from_wkb(np.array([bytes(row[2] or b"") for row in found], dtype=object)))
    kinds = np.array([row[0] for row in found], dtype="U10")
    ranks = np.array([min(row[1], OUTER_RANK) for row in found], dtype=np.int64)
    is_road = kinds == BaseKind.ROAD.value
    return Terrain(
        roads=shapes[is_road],
        road_ranks=ranks[is_road],
        railways=shapes[kinds == BaseKind.RAILWAY.value],
        water=shapes[kinds == BaseKind.WATER.value],
    )


def households_of(area_code: str, building_ids: Integers, *, on: date) -> Integers:
    """Return the households of each building on a day: registered ones, else those counted or estimated."""
    living = Household.objects.filter(within(area_code), Q(moved_out_on=None) | Q(moved_out_on__gt=on))
    living = living.filter(moved_in_on__lte=on)
    counted = counts_in_force(on=on).filter(within(area_code, "building__place__area_code"))
    known = dict(counted.values_list("building_id", "households"))
    known |= dict(living.values_list("dwelling__building").annotate(count=Count("pk")).order_by())
    return np.array([known.get(pk, 0) for pk in building_ids.tolist()], dtype=np.int64)


def counts_in_force(*, on: date) -> QuerySet[HouseholdCount]:
    return HouseholdCount.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on)


def _present_grids(area_code: str, building_ids: Integers, *, on: date) -> tuple[Integers, NDArray[np.bool_], Integers]:
    """Return the grids in force in order of their codes, which are dedicated, and each building's as an index."""
    grids = list(
        Grid.objects.filter(
            Q(place__ends_on=None) | Q(place__ends_on__gt=on),
            within(area_code, "place__area_code"),
            place__starts_on__lte=on,
        )
        .exclude(grid_kind=GridKind.MICRO)
        .order_by("place__code")
        .values_list("pk", "grid_kind")
    )
    index = {pk: number for number, (pk, _kind) in enumerate(grids)}
    members = GridMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on), within(area_code, "building__place__area_code"), starts_on__lte=on
    )
    grid_of = dict(members.values_list("building_id", "grid_id"))
    present = [index.get(grid_of.get(pk, NO_GRID), NO_GRID) for pk in building_ids.tolist()]
    return (
        np.array([pk for pk, _kind in grids], dtype=np.int64),
        np.array([kind == GridKind.DEDICATED for _pk, kind in grids], dtype=np.bool_),
        np.array(present, dtype=np.int64),
    )


def _with_links(
    neighbours: Adjacency, area_code: str, building_ids: Integers, community: Integers, *, on: date
) -> Adjacency:
    """Return the neighbours with those joined or parted by hand."""
    links = NeighbourLink.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on), within(area_code, "first__place__area_code"), starts_on__lte=on
    )
    index = {pk: number for number, pk in enumerate(building_ids.tolist())}
    found = [
        Link(index[first], index[second], barrier)
        for first, second, barrier in links.order_by("pk").values_list("first_id", "second_id", "barrier")
        if first in index and second in index
    ]
    return linked(neighbours, [link for link in found if community[link.first] == community[link.second]])
