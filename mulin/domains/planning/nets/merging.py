"""Departments' nets and the ground of an area into the merge kernel, and its answer in codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.nets.reading import OldNet
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.kernels.merge.problem import Net, Problem
from mulin.kernels.merge.result import Result, Successor
from mulin.kernels.partition.problem import Bounds, Integers
from mulin.kernels.stop import Stop

NONE = -1


@dataclass(frozen=True)
class LaidNet:
    """A net laid over the ground: the old grid of each building as an index of its grids, -1 for none.

    `unknown` are the buildings its lists name that nobody knows here.
    """

    net: OldNet
    grid: Integers
    outlines: tuple[BaseGeometry, ...] | None
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    arrays: GroundArrays
    laid: tuple[LaidNet, ...]
    result: Result


def lay(arrays: GroundArrays, nets: Sequence[OldNet], building_of: Mapping[str, int]) -> tuple[LaidNet, ...]:
    """Find the old grid of each building: by the lists where it is named, else by where it stands.

    `building_of` gives the id of a building by what people write for it.
    """
    row_of = {pk: row for row, pk in enumerate(arrays.building_ids.tolist())}
    return tuple(_laid(arrays, net, building_of, row_of) for net in nets)


def _laid(arrays: GroundArrays, net: OldNet, building_of: Mapping[str, int], row_of: Mapping[int, int]) -> LaidNet:
    grid = _by_position(arrays, net)
    unknown = []
    for number, old in enumerate(net.grids):
        for written in old.buildings:
            row = row_of.get(building_of.get(written, NONE))
            if row is None:
                unknown.append(written)
            else:
                grid[row] = number
    outlines = None
    if any(old.outline is not None for old in net.grids):
        plane = Plane.around(arrays.lonlat)
        empty = shapely.Polygon()
        shapes = np.array([empty if old.outline is None else old.outline for old in net.grids], dtype=object)
        outlines = tuple(plane.flatten(shapes))
    return LaidNet(net, grid, outlines, tuple(unknown))


def _by_position(arrays: GroundArrays, net: OldNet) -> Integers:
    grid = np.full(len(arrays), NONE, np.int64)
    drawn = [(number, old.outline) for number, old in enumerate(net.grids) if old.outline is not None]
    if drawn:
        tree = shapely.STRtree([outline for _number, outline in drawn])
        rows, found = tree.query(shapely.points(arrays.lonlat), predicate="intersects")
        for row, one in sorted(zip(rows.tolist(), found.tolist(), strict=True), reverse=True):
            grid[row] = drawn[one][0]
    return grid


def merge(arrays: GroundArrays, laid: Sequence[LaidNet], bounds: Bounds, *, seconds: float, seed: int = 1) -> Merged:
    """Return the one net of least change, with what became of every old grid. Raises BadProblem."""
    from mulin.kernels.merge.solve import solve  # compiled code, which few processes need

    nets = tuple(Net(outlines=one.outlines, grid=one.grid) for one in laid)
    ground = replace(arrays.problem(bounds), present=None)
    result = solve(Problem(ground=ground, nets=nets), stop=Stop(seconds=seconds), seed=seed)
    return Merged(arrays, tuple(laid), result)


def old_grid(merged: Merged, successor: Successor) -> tuple[str, str, str]:
    """Return department, code and name of the old grid a row of the cross-walk is about."""
    net = merged.laid[successor.net].net
    old = net.grids[successor.old_grid]
    return net.department, old.code, old.name
