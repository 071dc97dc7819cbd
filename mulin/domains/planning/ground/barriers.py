"""What lies between two neighbours: nothing, a street, a main road, or what nobody walks across."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.ground.terrain import Geometries, Terrain, lines_of
from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, MINOR_STREET, SAME_BLOCK, Integers

Points = NDArray[np.float64]
TRACK = 5
"""Rank of what parts nobody: a path within an estate."""
WHOLE_WAY = 2
"""Ends of a line: a bridge has one on each bank."""


@dataclass(frozen=True)
class Passing:
    """When a street, a river or a railway parts two buildings.

    Parameters
    ----------
    main_to
        Highest rank of a road that counts as a main road (1 main, 2 secondary); further ones up to 4 are streets.
    bridge_m
        How far from their straight line, in m, two buildings may use a road that crosses what lies between them.
    pond_m
        Water whose box is smaller is walked round.
    """

    main_to: int = 2
    bridge_m: float = 100.0
    pond_m: float = 150.0


def barrier_classes(paths: Geometries, terrain: Terrain, passing: Passing) -> Integers:
    """Return the barrier class of each straight path between two neighbours.

    Whoever crosses water or rails by a bridge, a tunnel or a level crossing is as far apart as by a main road.
    Search trees make it O((paths + pieces of terrain) · log).
    """
    classes = np.full(len(paths), SAME_BLOCK, dtype=np.int64)
    if not len(paths):
        return classes
    tree = shapely.STRtree(paths)
    for first, last, barrier in ((passing.main_to + 1, TRACK - 1, MINOR_STREET), (1, passing.main_to, MAIN_ROAD)):
        streets = terrain.streets(lowest=first, highest=last)
        classes[_crossed(tree, streets)[1]] = barrier
    for crossed, passable in (_lines(tree, paths, terrain, passing), _water(tree, paths, terrain, passing)):
        classes[crossed[passable]] = np.maximum(classes[crossed[passable]], MAIN_ROAD)
        classes[crossed[~passable]] = IMPASSABLE
    return classes


def _crossed(tree: shapely.STRtree, obstacles: Geometries) -> tuple[Integers, Integers]:
    """Return pairs of obstacle and path that meet."""
    if not len(obstacles):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    obstacle, path = tree.query(obstacles, predicate="intersects")
    return obstacle.astype(np.int64), path.astype(np.int64)


def _lines(
    tree: shapely.STRtree, paths: Geometries, terrain: Terrain, passing: Passing
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the crossings of railways and narrow waterways, and which have a road close by."""
    rails = terrain.barrier_lines()
    rail, path = _crossed(tree, rails)
    crossing = _points(shapely.intersection(rails[rail], paths[path]))
    ways = terrain.ways
    if not len(ways) or not len(rails):
        return path, np.zeros(len(path), dtype=bool)
    met, way = _crossed(shapely.STRtree(ways), rails)
    gates = _points(shapely.intersection(rails[met], ways[way]))
    return path, _near(crossing, gates, passing.bridge_m)


def _points(shapes: Geometries) -> Points:
    """Return one point of each: two lines that run together meet in their middle."""
    middles = shapely.centroid(shapes)
    return np.column_stack([shapely.get_x(middles), shapely.get_y(middles)])


def _near(points: Points, gates: Points, within_m: float) -> NDArray[np.bool_]:
    """Return which points have a gate within reach; what has no coordinates has none."""
    from scipy.spatial import cKDTree

    near = np.zeros(len(points), dtype=bool)
    gates, known = gates[np.isfinite(gates).all(axis=1)], np.isfinite(points).all(axis=1)
    if len(gates) and known.any():
        distance, _ = cKDTree(gates).query(points[known], distance_upper_bound=within_m)
        near[known] = np.isfinite(distance)
    return near


def _water(
    tree: shapely.STRtree, paths: Geometries, terrain: Terrain, passing: Passing
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the paths over water, and which have a bridge: one bank and the other near where the path meets them."""
    bodies = terrain.water_bodies(wider_than_m=passing.pond_m)
    body, path = _crossed(tree, bodies)
    between = ~_stands_in(bodies[body], paths[path])
    body, path = body[between], path[between]
    banks = _ends(shapely.intersection(bodies[body], paths[path]))
    bridges = _bridges(bodies, terrain.ways)
    straight = _near(banks.reshape(-1, 4), bridges.reshape(-1, 4), passing.bridge_m)
    turned = _near(banks.reshape(-1, 4), bridges[:, ::-1].reshape(-1, 4), passing.bridge_m)
    return path, straight | turned


def _stands_in(bodies: Geometries, paths: Geometries) -> NDArray[np.bool_]:
    """A building drawn into the water is not parted from its neighbours by it."""
    ends = [shapely.contains_properly(bodies, shapely.get_point(paths, at)) for at in (0, -1)]
    either: NDArray[np.bool_] = ends[0] | ends[1]
    return either


def _bridges(bodies: Geometries, ways: Geometries) -> Points:
    """Return both ends (b, 2, 2) of every part of a way that lies over water and reaches a bank at each end."""
    if not len(bodies) or not len(ways):
        return np.empty((0, WHOLE_WAY, 2))
    body, way = _crossed(shapely.STRtree(ways), bodies)
    over = shapely.intersection(bodies[body], ways[way])
    merged = np.array([shapely.line_merge(part) if part.geom_type == "MultiLineString" else part for part in over])
    return _ends(lines_of(merged.astype(object)))


def _ends(shapes: Geometries) -> Points:
    """Return the first and the last point (n, 2, 2) of each shape; NaN of an empty one."""
    points, index = shapely.get_coordinates(shapes, return_index=True)
    ends = np.full((len(shapes), WHOLE_WAY, 2), np.nan)
    present, first, count = np.unique(index, return_index=True, return_counts=True)
    ends[present, 0], ends[present, 1] = points[first], points[first + count - 1]
    return ends
