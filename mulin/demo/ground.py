"""The ground plan: county, streets, communities, grids and blocks, each made of whole pieces of the next.

Cuts are made from the top down, so nesting holds by construction: the river and the ring road first, then main roads
between streets, then the lesser ones. Only the blocks are kept; everything above is a union of blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from shapely import LineString, Polygon, affinity

from mulin.demo.plane import Random, blob, divide, mesh, partition, wavy
from mulin.demo.quotas import CommunityQuota

RoadClass = Literal["main", "secondary", "minor", "lane", "track"]

ORIGIN = (106.93, 27.735)
"""Longitude and latitude of the plane's zero: the middle of 汇川区."""
METRES_PER_DEGREE_LAT = 110_850.0
METRES_PER_DEGREE_LON = 98_560.0

BLOCK_M2 = 14_000.0
VILLAGE_BLOCK_M2 = 240_000.0


@dataclass(frozen=True, slots=True)
class Road:
    kind: RoadClass
    line: LineString


@dataclass(frozen=True, slots=True)
class GroundBlock:
    """A block: ground between roads, in metres, with the numbers of its community and of the grid within it."""

    polygon: Polygon
    community: int
    grid: int
    village: bool


@dataclass(slots=True)
class Ground:
    """The finished plan in metres."""

    blocks: list[GroundBlock] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    river: LineString = field(default_factory=LineString)
    core: Polygon = field(default_factory=Polygon)


def to_degrees(metres: np.ndarray) -> np.ndarray:
    """Plane metres to longitude and latitude, rounded to a centimetre so that shared corners stay shared."""
    degrees = metres / (METRES_PER_DEGREE_LON, METRES_PER_DEGREE_LAT) + ORIGIN
    return np.round(degrees, 7)


def lay_out(random: Random, communities: Sequence[CommunityQuota]) -> Ground:
    """Draw the ground for these communities; they must be in the order of their streets."""
    ground = Ground()
    by_street: dict[str, list[int]] = {}
    for index, quota in enumerate(communities):
        by_street.setdefault(quota.division.parent, []).append(index)
    proper = [m for street, m in by_street.items() if street[6] == "0"]
    towns = [m for street, m in by_street.items() if street[6] != "0"]
    plan = _Plan(random, communities, ground)
    plan.draw_core(proper)
    if towns:
        plan.draw_towns(towns)
    plan.finish()
    return ground


class _Plan:
    def __init__(self, random: Random, communities: Sequence[CommunityQuota], ground: Ground) -> None:
        self.random, self.communities, self.ground = random, communities, ground
        self.river_north = random.uniform(1.45, 1.75)

    def land(self, members: Sequence[int]) -> float:
        return sum(self.communities[m].land_m2 for m in members)

    def draw_core(self, streets: list[list[int]]) -> None:
        """The town proper: cut in two by the river, then into streets."""
        area = sum(self.land(s) for s in streets) * 1.06
        shape = blob(self.random, (0, 0), (1.12, 0.9), 0.17)
        self.ground.core = affinity.scale(shape, *[float(np.sqrt(area / shape.area))] * 2, origin=(0, 0))
        self.ground.river = self._river(float(np.sqrt(area)))
        banks = divide(self.ground.core, self.ground.river)
        west, east = sorted(banks, key=lambda p: p.centroid.x)
        for bank, members in zip((west, east), self._banks(streets), strict=True):
            self._streets(bank, members)
        self._road("main", LineString(self.ground.core.exterior.coords))

    def _river(self, across_m: float) -> LineString:
        reach = 14_000.0
        north = reach * np.array([np.cos(self.river_north), np.sin(self.river_north)])
        south = reach * np.array([0.12, -1.0])
        enters, leaves = 0.58 * across_m * north / reach, 0.58 * across_m * south / reach
        upper = wavy(self.random, north, enters, 0.045)
        middle = wavy(self.random, enters, leaves, 0.14)
        lower = wavy(self.random, leaves, south, 0.03)
        points = [*upper.coords, *middle.coords[1:], *lower.coords[1:]]
        return _rounded(LineString(points))

    def _banks(self, streets: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
        """Streets west and east of the river, so that both banks hold about the same land."""
        west: list[list[int]] = []
        east: list[list[int]] = []
        for street in sorted(streets, key=lambda s: -self.land(s)):
            lighter = min((west, east), key=lambda bank: sum(self.land(s) for s in bank))
            lighter.append(street)
        return west, east

    def _streets(self, ground: Polygon, streets: list[list[int]]) -> None:
        lines: list[LineString] = []
        parts = partition(self.random, ground, [self.land(s) for s in streets], 0.05, lines)
        self._roads("main", lines)
        for part, members in zip(parts, streets, strict=True):
            self._communities(part, members)

    def _communities(self, street: Polygon, members: list[int]) -> None:
        lines: list[LineString] = []
        parts = partition(self.random, street, [self.communities[m].land_m2 for m in members], 0.05, lines)
        self._roads("secondary", lines)
        for part, member in zip(parts, members, strict=True):
            self._grids(part, member)

    def _grids(self, community: Polygon, member: int) -> None:
        quota = self.communities[member]
        village = quota.character == "village"
        lines: list[LineString] = []
        parts = partition(self.random, community, quota.grid_weights(), 0.04, lines)
        self._roads("minor", lines)
        block_m2 = VILLAGE_BLOCK_M2 if village else BLOCK_M2
        for grid, part in enumerate(parts):
            dedicated = grid >= len(quota.households)
            count = 1 if dedicated else int(np.clip(round(part.area / block_m2), 2, 6))
            inner: list[LineString] = []
            pieces = partition(self.random, part, self.random.uniform(0.75, 1.3, count).tolist(), 0.03, inner)
            self._roads("track" if village else "lane", inner)
            self.ground.blocks += [GroundBlock(piece, member, grid, village) for piece in pieces]

    def draw_towns(self, towns: list[list[int]]) -> None:
        """The country around: sectors between roads that leave the ring road, one of them the river's valley."""
        country = self._country(sum(self.land(t) for t in towns))
        shares = np.cumsum([self.land(t) for t in towns])
        half = int(np.argmin(np.abs(shares - shares[-1] / 2))) + 1
        valley = divide(country, self.ground.river)
        west, east = sorted(valley, key=lambda p: p.centroid.x)
        self._sectors(west, towns[:half])
        self._sectors(east, towns[half:])

    def _country(self, area: float) -> Polygon:
        core = self.ground.core
        radius = float(np.sqrt((area + 0.75 * core.area) / np.pi))
        shape = blob(self.random, (0, 0.74 * radius), (radius, radius * 0.97), 0.22)
        outside = shape.difference(core)
        return max(shapely.get_parts(outside).tolist(), key=lambda p: p.area)

    def _sectors(self, country: Polygon, towns: list[list[int]]) -> None:
        """Towns side by side around the core, each as large as its land asks."""
        rest = country
        for position, members in enumerate(towns[:-1]):
            share = self.land(members) / sum(self.land(t) for t in towns[position:])
            ray = self._ray(rest, share)
            one, other = divide(rest, ray)
            part, rest = sorted((one, other), key=_bearing)
            self._road("main", ray.intersection(country))
            self._communities(part, members)
        self._communities(rest, towns[-1])

    def _ray(self, country: Polygon, share: float) -> LineString:
        """A road out of the core that leaves `share` of the country on its clockwise side."""
        low, high = -0.5 * np.pi, 1.5 * np.pi
        for _ in range(16):
            middle = (low + high) / 2
            wedge = np.linspace(-0.5 * np.pi, middle, 40)
            fan = Polygon([(0, 0), *np.column_stack((30_000 * np.cos(wedge), 30_000 * np.sin(wedge)))])
            if shapely.make_valid(fan).intersection(country).area < share * country.area:
                low = middle
            else:
                high = middle
        end = 16_000 * np.array([np.cos(low), np.sin(low)])
        return _rounded(wavy(self.random, end * 0.02, end, 0.035))

    def finish(self) -> None:
        """Share every corner between neighbouring blocks."""
        polygons = mesh([b.polygon for b in self.ground.blocks])
        self.ground.blocks = [
            GroundBlock(polygon, b.community, b.grid, b.village)
            for polygon, b in zip(polygons, self.ground.blocks, strict=True)
        ]

    def _road(self, kind: RoadClass, line: shapely.Geometry) -> None:
        for part in shapely.get_parts(line):
            if isinstance(part, LineString) and part.length > 20:
                self.ground.roads.append(Road(kind, part))

    def _roads(self, kind: RoadClass, lines: list[LineString]) -> None:
        for line in lines:
            self._road(kind, line)


def _bearing(polygon: Polygon) -> float:
    """Angle of the piece seen from the core, counted from due south so that the country never wraps around."""
    point = polygon.representative_point()
    return float((np.arctan2(point.y, point.x) + 0.5 * np.pi) % (2 * np.pi))


def _rounded(line: LineString, times: int = 2) -> LineString:
    """Corners cut off as Chaikin does, which makes a bend of a kink."""
    points = np.array(line.coords)
    for _ in range(times):
        quarter = points[:-1] * 0.75 + points[1:] * 0.25
        three = points[:-1] * 0.25 + points[1:] * 0.75
        inner = np.stack((quarter, three), axis=1).reshape(-1, 2)
        points = np.vstack((points[:1], inner, points[-1:]))
    return LineString(points)
