"""Who is whose neighbour: buildings as points or footprints → edges with what lies between."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.ground.barriers import Passing, barrier_classes
from mulin.domains.planning.ground.terrain import Geometries, Terrain
from mulin.kernels.partition.problem import IMPASSABLE, Coordinates, Integers

SAME_PLACE_M = 0.01
TRIANGLE = 3


@dataclass(frozen=True)
class Reach:
    """How far neighbours may stand from each other, measured between their walls in m.

    Beyond `near_m` two buildings are neighbours only where nothing else ties them to the rest (scattered farms), and
    never beyond `far_m`.
    """

    near_m: float = 200.0
    far_m: float = 1_500.0
    passing: Passing = field(default_factory=Passing)


@dataclass(frozen=True)
class Adjacency:
    """Each pair once, the lower number first, in order; `gap_m` is the way from wall to wall."""

    edges: Integers
    barriers: Integers
    gap_m: NDArray[np.float64]


def adjacency(
    *,
    xy: Coordinates,
    community: Integers,
    terrain: Terrain,
    footprints: Geometries | None = None,
    reach: Reach | None = None,
) -> Adjacency:
    """Return the neighbours within each community.

    Delaunay triangles of the buildings' positions, community by community (a grid never crosses into another), cut at
    `reach`; the minimum spanning forest of what can be walked is kept even where it is longer, so that only water,
    rails and real distance leave somebody alone. O(n log n).

    Parameters
    ----------
    xy : (n, 2) float64
        Position in m; several buildings may share one.
    community : (n,) int64
        Buildings with different numbers are never neighbours.
    footprints : (n,) geometries or None
        Outlines (or points) in m on the same plane: gaps are measured and barriers looked for between walls.

    Raises
    ------
    ValueError
        A position is not finite, or the arrays differ in length.
    """
    shapes = shapely.points(xy) if footprints is None else footprints
    if not (len(xy) == len(community) == len(shapes)) or not np.isfinite(xy).all():
        raise ValueError("every building needs one finite position, one community and one footprint")
    reach = reach or Reach()
    edges = _candidates(xy, community)
    paths, gap_m = _paths(shapes, edges)
    close_enough = gap_m <= reach.far_m
    edges, paths, gap_m = edges[close_enough], paths[close_enough], gap_m[close_enough]
    barriers = barrier_classes(paths, terrain, reach.passing)
    kept = (gap_m <= reach.near_m) | _forest(len(xy), edges, gap_m, barriers)
    return Adjacency(edges[kept], barriers[kept], gap_m[kept])


def _candidates(xy: Coordinates, community: Integers) -> Integers:
    """Return the pairs that may be neighbours, each once, sorted."""
    order = np.argsort(community, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(community[order])) + 1)
    pairs = [pair for group in groups for pair in _pairs_of_group(xy, group) if len(pair)]
    if not pairs:
        return np.empty((0, 2), dtype=np.int64)
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)


def _pairs_of_group(xy: Coordinates, group: Integers) -> Iterator[Integers]:
    """Yield pairs of one community: triangles between places, and a chain through those who share a place."""
    places, where = np.unique(np.round(xy[group] / SAME_PLACE_M), axis=0, return_inverse=True)
    where = where.reshape(-1)
    by_place = np.argsort(where, kind="stable")
    shared = np.flatnonzero(np.diff(where[by_place]) == 0)
    yield group[np.column_stack([by_place[shared], by_place[shared + 1]])].astype(np.int64)
    first = by_place[np.searchsorted(where[by_place], np.arange(len(places)))]
    yield group[first[_triangle_sides(places * SAME_PLACE_M)]].astype(np.int64)


def _triangle_sides(xy: Coordinates) -> Integers:
    """Return the sides of the Delaunay triangles; of points on one line, the steps along it."""
    from scipy.spatial import Delaunay, QhullError

    if len(xy) >= TRIANGLE:
        try:
            triangles = Delaunay(xy - xy.mean(axis=0))
        except QhullError:  # all on one line
            return _steps(xy)
        corners = triangles.simplices
        left_out = triangles.coplanar[:, [0, 2]]
        return np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]], left_out]).astype(np.int64)
    return _steps(xy)


def _steps(xy: Coordinates) -> Integers:
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    return np.column_stack([order[:-1], order[1:]]).astype(np.int64)


def _paths(shapes: Geometries, edges: Integers) -> tuple[Geometries, NDArray[np.float64]]:
    """Return the shortest line from wall to wall of each pair, and its length in m."""
    paths = shapely.shortest_line(shapes[edges[:, 0]], shapes[edges[:, 1]])
    return paths, np.asarray(shapely.length(paths), dtype=np.float64)


def _forest(count: int, edges: Integers, gap_m: NDArray[np.float64], barriers: Integers) -> NDArray[np.bool_]:
    """Return which edges hold together whatever can be reached on foot, by the shortest gaps."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    walked = np.flatnonzero(barriers < IMPASSABLE)
    # A stored zero would be no edge at all.
    weights = gap_m[walked] + SAME_PLACE_M
    matrix = coo_array((weights, (edges[walked, 0], edges[walked, 1])), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(matrix).tocoo()
    kept = np.zeros(len(edges), dtype=bool)
    kept[np.isin(edges[:, 0] * count + edges[:, 1], tree.row.astype(np.int64) * count + tree.col)] = True
    return kept
