"""The town's places into the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, islice

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from mulin.core.codes import new_code
from mulin.core.geometry import shape_fields
from mulin.demo.bulk import Loader
from mulin.demo.everyday import DIRECTORY_KINDS
from mulin.demo.records import Ring, Town, TownBlock
from mulin.domains.places.models import (
    BaseFeature,
    BaseKind,
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
from mulin.domains.planning.models import Facility

ROAD_RANKS = {"main": 1, "secondary": 2, "minor": 3, "lane": 4, "track": 5}
BOARD_CODE_LENGTH = 10
BLOCKS_DRAWN = ("housing", "public", "commerce")


@dataclass(slots=True)
class PlaceKeys:
    """Database keys by the town's own indices."""

    area: list[int]
    grid: list[int]
    estate: list[int]
    building: list[int]
    entrance: list[int]
    group: list[int]


def place_rows(town: Town) -> int:
    """How many rows `load_places` writes."""
    places = len(town.areas) + len(town.estates) + len(town.entrances) + len(town.groups) + len(town.facilities)
    places += sum(facility.kind in DIRECTORY_KINDS for facility in town.facilities)
    base = len(town.map_base.roads) + len(town.map_base.water) + len(town.map_base.green) + len(_drawn(town))
    lived_in = len(town.dwellings) + 2 * len(town.households)
    return places + base + lived_in + 3 * len(town.grids) + 3 * len(town.buildings)


def load_places(loader: Loader, town: Town, since: date) -> PlaceKeys:
    return _Places(loader, town, since).load()


class _Places:
    def __init__(self, loader: Loader, town: Town, since: date) -> None:
        self.loader, self.town, self.since = loader, town, since
        numbers = loader.numbers(Place)
        self.keys = PlaceKeys(
            area=list(islice(numbers, len(town.areas))),
            grid=list(islice(numbers, len(town.grids))),
            estate=list(islice(numbers, len(town.estates))),
            building=list(islice(numbers, len(town.buildings))),
            entrance=list(islice(numbers, len(town.entrances))),
            group=list(islice(numbers, len(town.groups))),
        )
        self.facility_keys = list(islice(numbers, len(town.facilities)))
        self.community_of_building = np.array([g.community for g in town.grids])[town.buildings.grid]
        self.building_codes = _numbered(self.community_of_building, town, "B", 4)

    def load(self) -> PlaceKeys:
        write = self.loader.write
        write(_("区划"), Place, self._areas())
        write(_("网格"), Place, self._grid_places())
        write(_("网格"), Grid, self._grids())
        write(_("网格"), GridBoundary, self._boundaries())
        write(_("小区"), Place, self._estates())
        write(_("楼栋"), Place, self._building_places())
        write(_("楼栋"), Building, self._buildings())
        write(_("楼栋"), GridMembership, self._grid_memberships())
        write(_("单元"), Place, self._entrances())
        write(_("联户组"), Place, self._groups())
        write(_("设施"), Place, self._facilities())
        write(_("设施"), Facility, self._facility_kinds())
        write(_("底图"), BaseFeature, self._base())
        self._homes()
        return self.keys

    def _place(
        self, key: int, kind: PlaceKind, code: str, name: str, community: int | None, parent: int | None, at: Ring
    ) -> Place:
        """A place without a shape, at a point, in a community (None: the place is an area and says so itself)."""
        area_code = code if community is None else self.town.communities[community].code
        lon, lat = (float(at[0]), float(at[1])) if at.size else (None, None)
        return Place(
            pk=key, kind=kind, code=code, name=name, parent_id=parent, area_code=area_code, lon=lon, lat=lat,
            starts_on=self.since,
        )  # fmt: skip

    def _community_key(self, community: int) -> int:
        return self.keys.area[self.town.first_community + community]

    def _areas(self) -> Iterator[Place]:
        key_of = {area.code: key for area, key in zip(self.town.areas, self.keys.area, strict=True)}
        for area, key in zip(self.town.areas, self.keys.area, strict=True):
            kind = PlaceKind[area.level.upper()]
            parent = key_of.get(area.parent)
            if area.outline is None:
                yield self._place(key, kind, area.code, area.name, None, parent, np.array([]))
            else:
                shape = shapely.Polygon(area.outline)
                yield _shaped(self._place(key, kind, area.code, area.name, None, parent, _inside(shape)), shape)

    def _grid_places(self) -> Iterator[Place]:
        for grid, key in zip(self.town.grids, self.keys.grid, strict=True):
            shape = shapely.Polygon(grid.outline)
            parent = self._community_key(grid.community)
            place = self._place(key, PlaceKind.GRID, grid.code, grid.name, grid.community, parent, _inside(shape))
            yield _shaped(place, shape)

    def _grids(self) -> Iterator[Grid]:
        for grid, key in zip(self.town.grids, self.keys.grid, strict=True):
            yield Grid(place_id=key, grid_kind=GridKind[grid.kind.upper()])

    def _boundaries(self) -> Iterator[GridBoundary]:
        for grid, key in zip(self.town.grids, self.keys.grid, strict=True):
            yield GridBoundary(grid_id=key, starts_on=self.since, **shape_fields(shapely.Polygon(grid.outline)))

    def _estates(self) -> Iterator[Place]:
        codes = _numbered(np.array([e.community for e in self.town.estates]), self.town, "E", 3)
        for estate, key, code in zip(self.town.estates, self.keys.estate, codes, strict=True):
            parent = self._community_key(estate.community)
            at = np.array([estate.lon, estate.lat])
            yield self._place(key, PlaceKind.ESTATE, code, estate.name, estate.community, parent, at)

    def _building_places(self) -> Iterator[Place]:
        buildings = self.town.buildings
        points = np.column_stack((buildings.lon, buildings.lat))
        for index, key in enumerate(self.keys.building):
            community = int(self.community_of_building[index])
            place = self._place(
                key, PlaceKind.BUILDING, self.building_codes[index], buildings.name[index], community,
                self._community_key(community), points[index],
            )  # fmt: skip
            yield _shaped(place, shapely.Polygon(buildings.outline(index)))

    def _buildings(self) -> Iterator[Building]:
        buildings = self.town.buildings
        for index, key in enumerate(self.keys.building):
            estate = int(buildings.estate[index])
            where = self.town.estates[estate].address if estate >= 0 else ""
            yield Building(
                place_id=key,
                estate_id=self.keys.estate[estate] if estate >= 0 else None,
                address=f"{where}{buildings.name[index]}",
                floors=int(buildings.floors[index]),
                board_code=new_code(BOARD_CODE_LENGTH),
            )

    def _grid_memberships(self) -> Iterator[GridMembership]:
        for key, grid in zip(self.keys.building, self.town.buildings.grid.tolist(), strict=True):
            yield GridMembership(building_id=key, grid_id=self.keys.grid[grid], starts_on=self.since)

    def _below_building(
        self, kind: PlaceKind, keys: list[int], building: list[int], number: list[int], letter: str, name: str
    ) -> Iterator[Place]:
        buildings = self.town.buildings
        points = np.column_stack((buildings.lon, buildings.lat))
        for key, above, nth in zip(keys, building, number, strict=True):
            code = f"{self.building_codes[above]}{letter}{nth:02d}"
            community = int(self.community_of_building[above])
            parent = self.keys.building[above]
            yield self._place(key, kind, code, name.format(nth), community, parent, points[above])

    def _entrances(self) -> Iterator[Place]:
        entrances = self.town.entrances
        building, number = entrances.building.tolist(), entrances.number.tolist()
        return self._below_building(PlaceKind.ENTRANCE, self.keys.entrance, building, number, "U", "{}单元")

    def _groups(self) -> Iterator[Place]:
        """A group stands under the building in which its first household lives."""
        town = self.town
        first = town.households.dwelling[town.groups.first_household]
        building = town.entrances.building[town.dwellings.entrance[first]]
        return self._below_building(
            PlaceKind.CONTACT_GROUP, self.keys.group, building.tolist(), _running(building), "G", "第{}联户组"
        )

    def _facilities(self) -> Iterator[Place]:
        codes = _numbered(np.array([f.community for f in self.town.facilities]), self.town, "F", 2)
        for facility, key, code in zip(self.town.facilities, self.facility_keys, codes, strict=True):
            parent = self._community_key(facility.community)
            at = np.array([facility.lon, facility.lat])
            yield self._place(key, PlaceKind.FACILITY, code, facility.name, facility.community, parent, at)

    def _facility_kinds(self) -> Iterator[Facility]:
        for facility, key in zip(self.town.facilities, self.facility_keys, strict=True):
            if facility.kind in DIRECTORY_KINDS:
                yield Facility(place_id=key, kind=DIRECTORY_KINDS[facility.kind])

    def _base(self) -> Iterator[BaseFeature]:
        base = self.town.map_base
        for road in base.roads:
            line = shape_fields(shapely.LineString(road.points))
            yield BaseFeature(kind=BaseKind.ROAD, name=road.name, rank=ROAD_RANKS[road.kind], **line)
        for kind, patches in ((BaseKind.WATER, base.water), (BaseKind.GREEN, base.green)):
            for patch in patches:
                yield BaseFeature(kind=kind, name=patch.name, **shape_fields(shapely.Polygon(patch.outline)))
        for block in _drawn(self.town):
            yield BaseFeature(kind=BaseKind.BLOCK, **shape_fields(shapely.Polygon(block.land)))

    def _homes(self) -> None:
        """Dwellings, households and their groups: the long tables."""
        town, keys, since = self.town, self.keys, self.since
        codes = np.array([c.code for c in town.communities])[self.community_of_building]
        building = town.entrances.building[town.dwellings.entrance].tolist()
        first_dwelling = next(self.loader.numbers(Dwelling))
        self.loader.write(_("房屋"), Dwelling, (
            Dwelling(pk=pk, building_id=keys.building[b], entrance_id=keys.entrance[e], floor=f, room=r,
                     area_code=codes[b])
            for pk, b, e, f, r in zip(count(first_dwelling), building, town.dwellings.entrance.tolist(),
                                      town.dwellings.floor.tolist(), town.dwellings.labels(), strict=False)
        ))  # fmt: skip
        first = next(self.loader.numbers(Household))
        self.loader.write(_("住户"), Household, (
            Household(pk=pk, dwelling_id=first_dwelling + d, area_code=codes[building[d]], moved_in_on=since)
            for pk, d in zip(count(first), town.households.dwelling.tolist(), strict=False)
        ))  # fmt: skip
        self.loader.write(_("联户"), GroupMembership, (
            GroupMembership(household_id=pk, group_id=keys.group[g], starts_on=since)
            for pk, g in zip(count(first), town.households.group.tolist(), strict=False)
        ))  # fmt: skip


def _drawn(town: Town) -> list[TownBlock]:
    return [block for block in town.blocks if block.use in BLOCKS_DRAWN and len(block.land)]


def _inside(shape: BaseGeometry) -> Ring:
    point = shape.representative_point()
    return np.round(np.array([point.x, point.y]), 7)


def _shaped(place: Place, shape: BaseGeometry) -> Place:
    for name, value in shape_fields(shape).items():
        setattr(place, name, value)
    return place


def _running(owner: np.ndarray) -> list[int]:
    """1, 2, … counted separately for every owner."""
    seen: dict[int, int] = {}
    numbers = []
    for one in owner.tolist():
        seen[one] = seen.get(one, 0) + 1
        numbers.append(seen[one])
    return numbers


def _numbered(community: np.ndarray, town: Town, letter: str, digits: int) -> list[str]:
    """Codes that count within a community: 520303001001B0001."""
    numbers = _running(community)
    return [
        f"{town.communities[c].code}{letter}{n:0{digits}d}" for c, n in zip(community.tolist(), numbers, strict=True)
    ]
