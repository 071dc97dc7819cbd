"""What makes nets impossible to read."""

from dataclasses import replace

import numpy as np
import shapely

from mulin.kernels.facts import BadProblem
from mulin.kernels.merge.problem import Net, Params, Problem
from mulin.kernels.partition.validation import check as check_ground

AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def check(problem: Problem, params: Params) -> None:
    """Refuse ground that no partition reads, and nets that do not fit it."""
    if not problem.nets:
        raise BadProblem("no_nets")
    check_ground(replace(problem.ground, present=None), params.partition)
    for index, net in enumerate(problem.nets):
        _check_net(index, net, problem.ground.households.size)
    if not any(net.weight > 0 for net in problem.nets):
        raise BadProblem("no_weight")


def _check_net(index: int, net: Net, buildings: int) -> None:
    if not (np.isfinite(net.weight) and net.weight >= 0):
        raise BadProblem("bad_weight", net=index, value=net.weight)
    if net.outlines is None and net.grid is None:
        raise BadProblem("net_without_grids", net=index)
    if net.outlines is not None:
        _check_outlines(index, net.outlines)
    if net.grid is None:
        return
    if net.grid.shape != (buildings,):
        raise BadProblem("wrong_shape", net=index, buildings=buildings, grid=net.grid.size)
    bad = net.grid < -1
    if net.outlines is not None:
        bad |= net.grid >= len(net.outlines)
    if bad.any():
        raise BadProblem("grid_out_of_range", net=index, rows=np.nonzero(bad)[0].tolist())


def _check_outlines(index: int, outlines: tuple[object, ...]) -> None:
    shapes = np.array(outlines, dtype=object)
    bad = ~np.isin(shapely.get_type_id(shapes), AREAS) | ~shapely.is_valid(shapes)
    if bad.any():
        raise BadProblem("outline_invalid", net=index, rows=np.nonzero(bad)[0].tolist())
