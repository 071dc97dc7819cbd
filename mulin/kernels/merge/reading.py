"""Nets as labels of buildings and as ground, and the faults they have as they stand."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mulin.kernels.merge.problem import Net, Problem
from mulin.kernels.merge.result import NetFigures
from mulin.kernels.partition.problem import IMPASSABLE, Flags, Integers
from mulin.kernels.partition.problem import Problem as Ground

Outlines = NDArray[np.object_]


@dataclass(frozen=True)
class ReadNet:
    """One net as labels: `grid` (n,), -1 for none; `outlines` (g,) or None; `in_several` (n,) flags."""

    grid: Integers
    grids: int
    outlines: Outlines | None
    in_several: Flags
    weight: float


def read(problem: Problem) -> tuple[ReadNet, ...]:
    """Label the buildings of every net. O(n log g) per net."""
    return tuple(_read(net, problem.ground) for net in problem.nets)


def _read(net: Net, ground: Ground) -> ReadNet:
    outlines = None if net.outlines is None else np.array(net.outlines, dtype=object)
    in_several = np.zeros(ground.households.size, np.bool_)
    grid = net.grid
    if outlines is not None:
        found, times = _within(ground, outlines)
        in_several = times > 1
        grid = found if grid is None else grid
    assert grid is not None  # checked: a net without outlines has labels
    grids = int(grid.max(initial=-1)) + 1 if outlines is None else outlines.size
    return ReadNet(np.asarray(grid, np.int64), grids, outlines, in_several, net.weight)


def _within(ground: Ground, outlines: Outlines) -> tuple[Integers, Integers]:
    """Return the first outline that holds each building, -1 for none, and how many do."""
    building, outline = shapely.STRtree(outlines).query(shapely.points(ground.xy), predicate="intersects")
    first = np.full(ground.households.size, outlines.size, np.int64)
    np.minimum.at(first, building, outline)
    times = np.bincount(building, minlength=ground.households.size)
    return np.where(first == outlines.size, -1, first), times.astype(np.int64)


def figures(net: ReadNet, ground: Ground) -> NetFigures:
    """Count the faults of a net as it stands."""
    inside = net.grid >= 0
    households = np.bincount(net.grid[inside], ground.households[inside], net.grids)
    lived_in = np.bincount(net.grid[inside], minlength=net.grids) > 0
    lawful = (households >= ground.bounds.lowest) & (households <= ground.bounds.highest)
    return NetFigures(
        grids=net.grids,
        without_grid=int((~inside).sum()),
        in_several=int(net.in_several.sum()),
        outside=int((lived_in & ~lawful).sum()),
        broken=_broken(net, ground),
        overlap_m2=0.0 if net.outlines is None else _overlap_m2(net.outlines),
    )


def parts(label: Integers, ground: Ground) -> Integers:
    """Number the stretches of neighbouring buildings with the same label (those without a barrier nobody passes)."""
    near = ground.edges[ground.barriers != IMPASSABLE]
    near = near[label[near[:, 0]] == label[near[:, 1]]]
    table = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(label.size, label.size))
    numbers: Integers = connected_components(table, directed=False)[1].astype(np.int64)
    return numbers


def _broken(net: ReadNet, ground: Ground) -> int:
    """Count the grids that are more than one stretch."""
    pairs = np.unique(np.column_stack([net.grid, parts(net.grid, ground)])[net.grid >= 0], axis=0)
    return int((np.bincount(pairs[:, 0], minlength=net.grids) > 1).sum())


def _overlap_m2(outlines: Outlines) -> float:
    """Measure the ground that outlines of one net have in common, pair by pair."""
    one, other = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    once = one < other
    return float(shapely.area(shapely.intersection(outlines[one[once]], outlines[other[once]])).sum())
