"""What makes nets impossible to read."""

import numpy as np
import shapely

from mulin.kernels.facts import BadProblem
from mulin.kernels.merge.problem import Net, Problem

AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def check(problem: Problem) -> None:
    """Refuse nets that do not fit the ground; the ground itself is the partition's to check."""
    if not problem.nets:
        raise BadProblem("no_nets")
    if problem.ground.households.size == 0:
        raise BadProblem("no_buildings")
    for index, net in enumerate(problem.nets):
        _check_net(index, net, problem.ground.households.size)
    if not any(net.weight > 0 for net in problem.nets):
        raise BadProblem("no_weight")


def _check_net(index: int, net: Net, buildings: int) -> None:
    if not (np.isfinite(net.weight) and net.weight >= 0):
        raise BadProblem("weight_out_of_range", net=index, value=net.weight)
    if net.outlines is None and net.grid is None:
        raise BadProblem("net_without_grids", net=index)
    if net.outlines is not None:
        _check_outlines(index, net.outlines)
    if net.grid is None:
        return
    if net.grid.shape != (buildings,):
        raise BadProblem("lengths_differ", net=index, buildings=buildings, grid=net.grid.size)
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
