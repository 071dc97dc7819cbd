"""What lies on the ground between buildings: streets, railways, water; and where one gets across."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]

LINE_TYPES = (1, 2)  # shapely's numbers of LineString and LinearRing
POLYGON_TYPE = 3
NOTHING: Geometries = np.empty(0, dtype=object)


@dataclass(frozen=True)
class Terrain:
    """Geometries in metres on the plane of the buildings; `road_ranks` run from 1 (main road) to 5 (track).

    `bridges` are ways over or under an obstacle that are not in `roads`: footbridges, underpasses, ferries that run
    all day.
    """

    roads: Geometries = field(default_factory=NOTHING.copy)
    road_ranks: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    railways: Geometries = field(default_factory=NOTHING.copy)
    water: Geometries = field(default_factory=NOTHING.copy)
    bridges: Geometries = field(default_factory=NOTHING.copy)

    @cached_property
    def ways(self) -> Geometries:
        """Whatever can be walked along, as single lines."""
        return lines_of(np.concatenate([self.roads, self.bridges]))

    def streets(self, *, lowest: int, highest: int) -> Geometries:
        """Return the roads whose rank is `lowest` to `highest`, in pieces a search tree can tell apart."""
        chosen = (self.road_ranks >= lowest) & (self.road_ranks <= highest)
        roads = self.roads[chosen]
        return np.concatenate([segments_of(lines_of(roads)), polygons_of(roads)])

    def barrier_lines(self) -> Geometries:
        """Return railways and narrow waterways as single segments."""
        return segments_of(np.concatenate([lines_of(self.railways), lines_of(self.water)]))

    def water_bodies(self, *, wider_than_m: float) -> Geometries:
        """Return water surfaces without the seams between their parts; a pond one walks round is left out."""
        surfaces = polygons_of(self.water)
        if not len(surfaces):
            return surfaces
        whole = shapely.get_parts(shapely.union_all(shapely.make_valid(surfaces)))
        boxes = shapely.bounds(whole)
        extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        bodies: Geometries = polygons_of(whole[extent >= wider_than_m])
        return bodies


def lines_of(shapes: Geometries) -> Geometries:
    return _parts_of(shapes, LINE_TYPES)


def polygons_of(shapes: Geometries) -> Geometries:
    return _parts_of(shapes, (POLYGON_TYPE,))


def _parts_of(shapes: Geometries, types: tuple[int, ...]) -> Geometries:
    parts = shapely.get_parts(shapes)
    while np.any(collections := shapely.get_type_id(parts) > POLYGON_TYPE):
        parts = np.concatenate([parts[~collections], shapely.get_parts(parts[collections])])
    chosen: Geometries = parts[np.isin(shapely.get_type_id(parts), types) & ~shapely.is_empty(parts)]
    return chosen


def segments_of(lines: Geometries) -> Geometries:
    """Return every two points that follow each other on a line as a line of their own."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    follows = line[1:] == line[:-1]
    pairs = np.stack([points[:-1][follows], points[1:][follows]], axis=1)
    segments: Geometries = shapely.linestrings(pairs) if len(pairs) else NOTHING.copy()
    return segments
