"""The steps of a merger: read, propose, draw, compare, and list the successors."""

import time

import numpy as np
import shapely

from mulin.kernels.merge.comparing import differences, least_cost
from mulin.kernels.merge.consensus import cells
from mulin.kernels.merge.ground import grounds, new_ground
from mulin.kernels.merge.problem import Params, Problem
from mulin.kernels.merge.proposing import Candidate, candidates
from mulin.kernels.merge.reading import Outlines, ReadNet, figures, read
from mulin.kernels.merge.result import Result
from mulin.kernels.merge.successors import successors
from mulin.kernels.partition.problem import Integers
from mulin.kernels.stop import Stop


def merged(problem: Problem, stop: Stop, seed: int, params: Params) -> Result:
    """Put together the whole answer for nets that were checked."""
    started = time.monotonic()
    nets = read(problem)
    ground = problem.ground
    tried = candidates(problem, nets, stop, seed, params)
    grid = _from_zero(tried[0])
    olds = grounds(nets, ground.xy)
    outlines = _outlines(nets, olds, tried[0], grid, problem)
    compared = differences(nets, olds, ground.households)
    return Result(
        grid=grid,
        outlines=() if outlines is None else tuple(outlines),
        cell=cells(nets),
        nets=tuple(figures(net, ground) for net in nets),
        differences=tuple(compared),
        proposals=tuple(one.proposal for one in tried),
        bound=least_cost([net.weight for net in nets], compared),
        successors=successors(nets, olds, grid, outlines, ground),
        certificates=tried[0].division.certificates,
        unexplained=_renumbered(tried[0], grid),
        seconds=time.monotonic() - started,
    )


def _from_zero(chosen: Candidate) -> Integers:
    numbers: Integers = np.unique(chosen.division.grid, return_inverse=True)[1].ravel().astype(np.int64)
    return numbers


def _renumbered(chosen: Candidate, grid: Integers) -> tuple[int, ...]:
    """Return the unexplained grids by their new numbers."""
    number_of = dict(zip(chosen.division.grid.tolist(), grid.tolist(), strict=True))
    return tuple(sorted(number_of[label] for label in chosen.division.unexplained))


def _outlines(
    nets: tuple[ReadNet, ...], olds: tuple[Outlines, ...], chosen: Candidate, grid: Integers, problem: Problem
) -> Outlines | None:
    """Draw the new grids along the lines of the drawn net they change least."""
    drawn = [number for number, net in enumerate(nets) if net.outlines is not None]
    if not drawn:
        return None
    template = min(drawn, key=lambda number: chosen.proposal.changed[number])
    whole = shapely.union_all(np.concatenate(olds))
    return new_ground(olds[template], nets[template].grid, grid, problem.ground.xy, whole)
