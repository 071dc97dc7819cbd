"""Ground in outlines: of the old nets, and of the new one so that what did not change keeps its line."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mulin.kernels.merge.reading import Outlines, ReadNet
from mulin.kernels.partition.problem import Coordinates, Integers

REAL_M2 = 1.0
"""Ground smaller than this is the width of a drawn line."""


def grounds(nets: tuple[ReadNet, ...], xy: Coordinates) -> tuple[Outlines, ...]:
    """Return the ground of each net: its outlines, or where it has none, what is nearest to its buildings."""
    drawn = [net.outlines for net in nets if net.outlines is not None]
    if not drawn:
        return ()
    whole = shapely.union_all(np.concatenate(drawn))
    return tuple(
        dissolved(nearest_ground(xy, whole), net.grid, net.grids) if net.outlines is None else net.outlines
        for net in nets
    )


def new_ground(template: Outlines, home: Integers, grid: Integers, xy: Coordinates, whole: BaseGeometry) -> Outlines:
    """Divide the ground among new grids along the lines of a template (`home`: the outline of each building).

    An outline whose buildings go to one new grid goes there whole; one whose buildings part is divided by nearness; one
    without buildings, and ground outside the template, goes to the nearest building's grid.
    """
    template = _without_overlaps(template)
    pieces, owners = [], []
    for number, outline in enumerate(template):
        piece, owner = _divided(outline, np.nonzero(home == number)[0], grid, xy)
        pieces.append(piece)
        owners.append(owner)
    rest = whole.difference(shapely.union_all(template))
    if rest.area > REAL_M2:
        pieces.append(nearest_ground(xy, rest))
        owners.append(grid)
    return dissolved(np.concatenate(pieces), np.concatenate(owners), int(grid.max()) + 1)


def _divided(outline: BaseGeometry, inside: Integers, grid: Integers, xy: Coordinates) -> tuple[Outlines, Integers]:
    """Return pieces of one outline with the new grid of each."""
    if np.unique(grid[inside]).size > 1:
        return nearest_ground(xy[inside], outline), grid[inside]
    if inside.size:
        return np.array([outline], dtype=object), grid[inside[:1]]
    middle = shapely.get_coordinates(shapely.centroid(outline))
    nearest = int(np.argmin(np.hypot(*(xy - middle).T))) if middle.size else 0
    return np.array([outline], dtype=object), grid[[nearest]]


def _without_overlaps(outlines: Outlines) -> Outlines:
    """Give ground in several outlines to the first of them."""
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    cut = outlines.copy()
    for later, earlier in zip(first.tolist(), second.tolist(), strict=True):
        if earlier < later and shapely.area(shapely.intersection(outlines[later], outlines[earlier])) > REAL_M2:
            cut[later] = shapely.difference(cut[later], outlines[earlier])
    return cut


def nearest_ground(xy: Coordinates, within: BaseGeometry) -> Outlines:
    """Divide ground among positions by nearness (Voronoi); of several at one spot the first gets it."""
    spots, first = np.unique(xy, axis=0, return_index=True)
    pieces = np.full(len(xy), shapely.Polygon(), dtype=object)
    if len(spots) == 1:
        pieces[first[0]] = within
        return pieces
    cells = shapely.voronoi_polygons(shapely.MultiPoint(spots), extend_to=within, ordered=True)
    pieces[first] = shapely.intersection(np.array(cells.geoms, dtype=object), within)
    return pieces


def dissolved(pieces: Outlines, owner: Integers, count: int) -> Outlines:
    """Join the pieces of each owner 0 … count-1; -1 owns nothing."""
    order = np.argsort(owner, kind="stable")
    begins, ends = (np.searchsorted(owner[order], np.arange(count), side=side) for side in ("left", "right"))
    joined = np.empty(count, dtype=object)
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        joined[number] = _areas_only(shapely.union_all(pieces[order[begin:end]]))
    return joined


def _areas_only(shape: BaseGeometry) -> BaseGeometry:
    """Drop lines and points that clipping left over."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(polygons)
