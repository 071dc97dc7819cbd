"""Which buildings form an estate or a hamlet, what it is called and where its door is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from mulin.demo.ground import to_degrees
from mulin.demo.housing import Built, GridBuild
from mulin.demo.naming import HAMLET_HEADS, PROPERTY_FIRMS, Namer
from mulin.demo.plane import Random
from mulin.demo.quotas import CommunityQuota
from mulin.demo.records import BuildingKind, MapLine, TownEstate

ESTATE_GOES_ON = 0.3
"""How often an estate continues in the next grid of its community."""
ESTATES_PER_FIRM = 4


@dataclass(slots=True)
class Settled:
    """Estates, and for every building its estate (-1: none), its number there and its name."""

    estates: list[TownEstate] = field(default_factory=list)
    estate_of: list[int] = field(default_factory=list)
    number_of: list[int] = field(default_factory=list)
    name_of: list[str] = field(default_factory=list)


class Addresses:
    """The nearest named road and a door number along it."""

    def __init__(self, roads: Sequence[MapLine], lines: Sequence[shapely.LineString]) -> None:
        self._names = [road.name for road in roads]
        self._lines = list(lines)
        self._tree = shapely.STRtree(self._lines)

    def at(self, x: float, y: float) -> str:
        point = shapely.Point(x, y)
        nearest = int(self._tree.nearest(point))
        metres = shapely.line_locate_point(self._lines[nearest], point)
        return f"{self._names[nearest]}{int(metres // 9) + 1}号"


def settle(
    random: Random,
    namer: Namer,
    grids: Sequence[GridBuild],
    communities: Sequence[CommunityQuota],
    addresses: Addresses,
) -> Settled:
    """Gather buildings of one kind in one grid into an estate, sometimes together with the next grid's."""
    settled = Settled()
    settler = _Settler(random, namer, communities, addresses, settled)
    for grid in grids:
        for building in grid.buildings:
            settler.take(grid, building)
    return settled


class _Settler:
    def __init__(
        self,
        random: Random,
        namer: Namer,
        communities: Sequence[CommunityQuota],
        addresses: Addresses,
        settled: Settled,
    ) -> None:
        self.random, self.namer, self.communities = random, namer, communities
        self.addresses, self.settled = addresses, settled
        self.estate: dict[tuple[int, str, int], int] = {}
        self.last: dict[tuple[int, str], int] = {}
        self.counts: list[int] = []
        self.hamlets: dict[int, list[str]] = {}

    def take(self, grid: GridBuild, building: Built) -> None:
        if building.kind == "public":
            self._public(grid)
            return
        key = (grid.community, building.kind, building.block if building.kind == "farmhouse" else grid.grid)
        if key not in self.estate:
            self.estate[key] = self._continue_or_found(grid, building)
        estate = self.estate[key]
        self.counts[estate] += 1
        self._add(estate, self.counts[estate])
        name = self.settled.estates[estate].name
        house = "号房" if building.kind == "farmhouse" else "幢"
        self.settled.name_of.append(f"{name}{self.counts[estate]}{house}")

    def _public(self, grid: GridBuild) -> None:
        quota = self.communities[grid.community]
        dedicated = quota.dedicated[grid.grid - len(quota.households)]
        number = 1 + sum(name.startswith(dedicated.name) for name in self.settled.name_of[-12:])
        self._add(-1, number)
        self.settled.name_of.append(f"{dedicated.name}{number}号楼")

    def _add(self, estate: int, number: int) -> None:
        self.settled.estate_of.append(estate)
        self.settled.number_of.append(number)

    def _continue_or_found(self, grid: GridBuild, building: Built) -> int:
        kind = (grid.community, building.kind)
        if kind in self.last and building.kind != "farmhouse" and self.random.random() < ESTATE_GOES_ON:
            return self.last[kind]
        self.last[kind] = self._found(grid, building)
        return self.last[kind]

    def _found(self, grid: GridBuild, building: Built) -> int:
        index = len(self.settled.estates)
        lon, lat = to_degrees(np.array([building.site.x, building.site.y]))
        self.counts.append(0)
        self.settled.estates.append(
            TownEstate(
                name=self._name(grid.community, building.kind),
                kind=building.kind,
                community=grid.community,
                address=self._address(grid.community, building),
                property_firm=self._firm(building.kind),
                lon=float(lon),
                lat=float(lat),
            )
        )
        return index

    def _name(self, community: int, kind: BuildingKind) -> str:
        if kind == "tower":
            return self.namer.new_estate()
        if kind == "walk_up":
            return self.namer.old_estate()
        if not self.hamlets.get(community):
            again = "二" if community in self.hamlets else ""
            self.hamlets[community] = [HAMLET_HEADS[i] + again for i in self.random.permutation(len(HAMLET_HEADS))]
        return f"{self.hamlets[community].pop()}组"

    def _address(self, community: int, building: Built) -> str:
        if building.kind == "farmhouse":
            return self.communities[community].division.short_name
        return self.addresses.at(building.site.x, building.site.y)

    def _firm(self, kind: BuildingKind) -> int | None:
        """Towers are managed by a firm; half of the walk-ups and every hamlet look after themselves."""
        managed = kind == "tower" or (kind == "walk_up" and self.random.random() < 0.5)
        if not managed:
            return None
        so_far = sum(estate.property_firm is not None for estate in self.settled.estates)
        return so_far // ESTATES_PER_FIRM % len(PROPERTY_FIRMS)
