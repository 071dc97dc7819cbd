"""A grid's buildings into micro grids 微网格: the partition kernel within each grid, and the ground of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mulin.domains.planning.rules.outlines import cells, outlines
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.kernels.partition.problem import Bounds
from mulin.kernels.stop import Stop


@dataclass(frozen=True)
class MicroGrid:
    """A micro grid of a grid, numbered in reading order within it."""

    grid_id: int
    number: int
    shape: BaseGeometry
    households: int


def micro_grids(
    arrays: GroundArrays, ground: Mapping[int, BaseGeometry], bounds: Bounds, *, stop: Stop, seed: int = 1
) -> list[MicroGrid]:
    """Divide every dwelling grid; `ground` is each grid's own by its id. Raises BadProblem."""
    from mulin.kernels.partition.solving import solve  # compiled code, which few processes need

    inside = (arrays.present >= 0) & ~np.isin(arrays.present, np.flatnonzero(arrays.dedicated))
    kept = np.flatnonzero(inside)
    if not kept.size:
        return []
    home = arrays.present[kept]
    row_of = np.full(len(arrays), -1, np.int64)
    row_of[kept] = np.arange(kept.size)
    near = inside[arrays.edges].all(axis=1) if len(arrays.edges) else np.zeros(0, np.bool_)
    whole = replace(arrays.problem(bounds), present=None)
    problem = replace(
        whole,
        households=arrays.households[kept],
        xy=arrays.xy[kept],
        edges=row_of[arrays.edges[near]],
        barriers=arrays.barriers[near],
        community=np.unique(home, return_inverse=True)[1].ravel().astype(np.int64),
        piece=None,
        sealed=None,
    )
    grid = solve(problem, stop=stop, seed=seed).grid
    boundaries = {number: ground.get(int(arrays.grid_ids[number])) for number in np.unique(home).tolist()}
    shapes = outlines(cells(arrays.lonlat[kept], home, boundaries), grid)
    households = np.bincount(grid, problem.households)
    first = {label: int(home[np.flatnonzero(grid == label)[0]]) for label in shapes}
    return _numbered(arrays, shapes, first, households.tolist())


def _numbered(
    arrays: GroundArrays, shapes: Mapping[int, BaseGeometry], home: Mapping[int, int], households: Sequence[float]
) -> list[MicroGrid]:
    """Number the parts of each grid from north to south, west to east."""
    points = {label: shapely.point_on_surface(shape) for label, shape in shapes.items()}
    order = sorted(shapes, key=lambda label: (home[label], -points[label].y, points[label].x))
    numbers: dict[int, int] = {}
    made = []
    for label in order:
        numbers[home[label]] = number = numbers.get(home[label], 0) + 1
        grid_id = int(arrays.grid_ids[home[label]])
        made.append(MicroGrid(grid_id, number, shapes[label], int(households[label])))
    return made
