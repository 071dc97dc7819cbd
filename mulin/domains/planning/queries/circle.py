"""The life circle of an area on a day: what there is, out of a fixed number of questions; measured once per change."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import Q

from mulin.core import versions
from mulin.domains.places.models import Grid, Place
from mulin.domains.places.queries import PLACES_VERSION
from mulin.domains.planning.circle.measuring import LIMITS_M, CircleGround, Measured
from mulin.domains.planning.circle.walking import paths_of, streets_of
from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.models import Facility
from mulin.domains.planning.queries.facility_kinds import FacilityKind, kinds_in_force
from mulin.domains.planning.queries.ground import placed_buildings, problem_of, terrain_of
from mulin.kernels.network.problem import Coordinates, Integers

KEPT = 4


@dataclass(frozen=True)
class FacilityPoint:
    """A facility on the map; `kind` is an index of `CircleOf.kinds`."""

    id: int
    name: str
    kind: int
    lon: float
    lat: float


@dataclass(frozen=True)
class CircleOf:
    """The measured life circle of an area with the names of what it is about."""

    area_code: str
    kinds: tuple[FacilityKind, ...]
    building_ids: Integers
    lonlat: Coordinates
    community_codes: tuple[str, ...]
    community_names: dict[str, str]
    grid_ids: Integers
    grid_names: dict[int, str]
    facilities: tuple[FacilityPoint, ...]
    plane: Plane
    measured: Measured

    def kind_index(self, code: str) -> int:
        """Return the index of a kind by code; for an unknown one the kind that most households lack."""
        known = next((index for index, kind in enumerate(self.kinds) if kind.code == code), None)
        return max(range(len(self.kinds)), key=self.measured.unserved_households) if known is None else known


_measured: OrderedDict[tuple[str, date, int], CircleOf] = OrderedDict()
versions.also_forget(_measured.clear)


def circle_of(area_code: str, *, on: date) -> CircleOf | None:
    """Return the life circle of an area, None where no building has a position. Kept until a place changes."""
    key = (area_code, on, versions.current(PLACES_VERSION))
    found = _measured.get(key) or _measure(area_code, on=on)
    if found is not None:
        _measured[key] = found
        while len(_measured) > KEPT:
            _measured.popitem(last=False)
    return found


def _measure(area_code: str, *, on: date) -> CircleOf | None:
    arrays = problem_of(area_code, on=on)
    if not len(arrays):
        return None
    plane = Plane.around(arrays.lonlat)
    kinds = kinds_in_force(on=on)
    box = placed_buildings(area_code, on=on).box
    points = _facilities(box, kinds, on=on)
    roads = terrain_of(box, plane).roads
    places = np.array([(point.lon, point.lat) for point in points], dtype=np.float64).reshape(-1, 2)
    ground = CircleGround(
        xy=arrays.xy,
        households=arrays.households.astype(np.float64),
        community=arrays.community,
        communities=len(arrays.community_codes),
        grid=arrays.present,
        grids=len(arrays.grid_ids),
        facilities_xy=plane.to_metres(places),
        kind=np.array([point.kind for point in points], dtype=np.int64),
        limit=np.array([LIMITS_M.index(kind.metres) for kind in kinds], dtype=np.int64),
        streets=streets_of(roads) if len(roads) else paths_of(arrays.xy, arrays.edges),
        is_makeshift=not len(roads),
    )
    codes = tuple(str(code) for code in arrays.community_codes)
    return CircleOf(
        area_code=area_code,
        kinds=kinds,
        building_ids=arrays.building_ids,
        lonlat=arrays.lonlat,
        community_codes=codes,
        community_names=dict(Place.objects.filter(code__in=codes).values_list("code", "name")),
        grid_ids=arrays.grid_ids,
        grid_names=dict(Grid.objects.filter(pk__in=arrays.grid_ids.tolist()).values_list("pk", "place__name")),
        facilities=tuple(points),
        plane=plane,
        measured=Measured(ground),
    )


def _facilities(
    box: tuple[float, float, float, float], kinds: tuple[FacilityKind, ...], *, on: date
) -> list[FacilityPoint]:
    """Return the facilities in force in and around the box, whichever area they belong to."""
    west, south, east, north = box
    index = {kind.code: number for number, kind in enumerate(kinds)}
    rows = Facility.objects.filter(
        Q(place__ends_on=None) | Q(place__ends_on__gt=on), place__starts_on__lte=on, kind__in=index,
        place__lon__gte=west, place__lon__lte=east, place__lat__gte=south, place__lat__lte=north,
    )  # fmt: skip
    found = rows.order_by("pk").values_list("pk", "place__name", "kind", "place__lon", "place__lat")
    return [FacilityPoint(pk, name, index[kind], lon or 0.0, lat or 0.0) for pk, name, kind, lon, lat in found]
