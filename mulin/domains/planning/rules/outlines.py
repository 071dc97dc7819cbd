"""The ground of a grid: the ground nearer to its buildings than to others, within the community.

Every spot of a community falls to exactly one grid, so that outlines neither overlap nor leave a gap; the line runs
half way between two buildings, which is along the street where there is one.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from mulin.kernels.partition.problem import Integers

Geometries = NDArray[np.object_]
# Buildings drawn on one another (about a centimetre) are told apart, so that each has ground of its own.
NUDGE_DEGREES = 1e-7
BESIDE_DEGREES = 0.0005  # about 50 m, around the buildings of a community without a boundary


def cells(
    lonlat: NDArray[np.float64], community: Integers, boundaries: Mapping[int, BaseGeometry | None]
) -> Geometries:
    """Return the ground of each building (Voronoi cell of its centre within its community's boundary).

    O(n log n) per community; `boundaries` by the numbers in `community`.
    """
    made = np.empty(len(lonlat), dtype=object)
    for number in np.unique(community).tolist():
        chosen = np.flatnonzero(community == number)
        made[chosen] = _cells_within(lonlat[chosen], boundaries.get(number))
    return made


def _cells_within(lonlat: NDArray[np.float64], boundary: BaseGeometry | None) -> Geometries:
    ground = boundary
    if ground is None or ground.is_empty or ground.geom_type not in ("Polygon", "MultiPolygon"):
        ground = shapely.MultiPoint(lonlat).convex_hull.buffer(BESIDE_DEGREES)
    elif not ground.is_valid:
        ground = shapely.make_valid(ground)
    if len(lonlat) == 1:
        return np.array([ground], dtype=object)
    # East and west count like north and south: degrees of longitude are shorter by the cosine of the latitude.
    shrink = float(np.cos(np.radians(lonlat[:, 1].mean())))
    flat = _told_apart(lonlat) * [shrink, 1.0]
    around = shapely.transform(ground, lambda at: at * [shrink, 1.0])
    cut = shapely.voronoi_polygons(shapely.MultiPoint(flat), extend_to=around, ordered=True)
    found = shapely.intersection(np.array(cut.geoms, dtype=object), around)
    stretched: Geometries = shapely.transform(found, lambda at: at / [shrink, 1.0])
    return stretched


def _told_apart(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift each repeated point by a little more than the one before it."""
    rounded = np.round(lonlat, 7)
    _found, first, group = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    repeated = first[group.ravel()] != np.arange(len(lonlat))
    shifts = np.cumsum(repeated) * repeated * NUDGE_DEGREES
    moved: NDArray[np.float64] = rounded + np.column_stack([shifts, shifts])
    return moved


def outlines(ground: Geometries, grid: Integers, labels: Iterable[int] | None = None) -> dict[int, BaseGeometry]:
    """Return the outline of each grid (or of those asked for): the cells of its buildings dissolved."""
    wanted: Sequence[int] = np.unique(grid).tolist() if labels is None else sorted(set(labels))
    order = np.argsort(grid, kind="stable")
    begins, ends = (np.searchsorted(grid[order], wanted, side=side) for side in ("left", "right"))
    return {
        label: _dissolved(ground[order[begin:end]])
        for label, begin, end in zip(wanted, begins.tolist(), ends.tolist(), strict=True)
        if label >= 0 and end > begin
    }


def _dissolved(parts: Geometries) -> BaseGeometry:
    """Return one polygon or several; lines and points left over by clipping are no ground."""
    whole: BaseGeometry = shapely.union_all(parts)
    if whole.geom_type in ("Polygon", "MultiPolygon") and whole.is_valid:
        return whole
    polygons = [part for part in shapely.get_parts(shapely.make_valid(whole)) if part.geom_type == "Polygon"]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
