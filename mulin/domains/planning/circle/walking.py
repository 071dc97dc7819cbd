"""What people walk on: the streets of the map, or, where there are none, from neighbour to neighbour."""

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.ground.terrain import Geometries, lines_of, segments_of
from mulin.kernels.network.problem import Coordinates, Integers, Streets

SAME_NODE_M = 0.5
DETOUR = 1.3
"""A walk between neighbours is longer than the straight line by about this (Stahle et al. 2005: 1.2 to 1.4)."""


def streets_of(roads: Geometries) -> Streets:
    """Return the roads as a walking network: crossing lines meet, ends closer than SAME_NODE_M are one.

    A bridge over a street is taken for a crossing: files rarely say which of two lines is above.
    """
    lines = lines_of(roads)
    if not len(lines):
        return Streets(np.empty((0, 2)), np.empty((0, 2), dtype=np.int64))
    noded = shapely.union_all(lines, grid_size=SAME_NODE_M)
    segments = segments_of(lines_of(np.array([noded], dtype=object)))
    points = shapely.get_coordinates(segments)
    nodes, ends = np.unique(np.round(points / SAME_NODE_M).astype(np.int64), axis=0, return_inverse=True)
    return Streets(nodes * SAME_NODE_M, ends.reshape(-1, 2).astype(np.int64))


def paths_of(xy: Coordinates, edges: Integers) -> Streets:
    """Return the ways from building to building: a makeshift where no roads are registered, and said to be one."""
    length: NDArray[np.float64] = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return Streets(xy, edges, DETOUR * length)
