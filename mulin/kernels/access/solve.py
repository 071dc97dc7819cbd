"""Distances from every building to the nearest facility of each kind.

One bounded multi-source search per kind from all its facilities at once, instead of one per building: O(kinds × (ways
within the bound + buildings)).
"""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mulin.kernels.access.problem import Params, Problem
from mulin.kernels.access.result import Bands, Result
from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Metres
from mulin.kernels.readiness import require
from mulin.kernels.stop import Stop


def solve(problem: Problem, *, stop: Stop, seed: int = 0, params: Params | None = None) -> Result:
    """How far everybody is from everything.

    Parameters
    ----------
    stop
        Asked before each kind; a kind once begun (some ms) is finished. `Stop.rounds` counts kinds.
    seed
        Not used: nothing is drawn.

    Raises
    ------
    BadProblem
        `wrong_shape`, `kind_out_of_range`, `node_out_of_range`, `limits_contradict`, `not_a_number`.
    """
    params = params or Params()
    refuse(problem, params)
    require("access")
    distance = np.full((problem.kinds, len(problem.buildings)), np.inf)
    done = _search(problem, stop, params, distance)
    return Result(
        distance.astype(np.float32), bands(distance, params), done == problem.kinds, time.monotonic() - stop.started
    )


def refuse(problem: Problem, params: Params) -> None:
    """Refuse arrays that contradict each other."""
    kind = np.asarray(problem.kind)
    if kind.shape != (len(problem.facilities),):
        raise BadProblem("wrong_shape", kind=kind.shape, facilities=len(problem.facilities))
    strange = np.flatnonzero((kind < 0) | (kind >= problem.kinds))
    if len(strange):
        raise BadProblem("kind_out_of_range", rows=strange, kinds=problem.kinds)
    for what, places in (("buildings", problem.buildings), ("facilities", problem.facilities)):
        beyond = np.flatnonzero((places.ends >= problem.network.chains.junctions).any(axis=1))
        if len(beyond):
            raise BadProblem("node_out_of_range", what=what, rows=beyond, nodes=problem.network.nodes)
        if np.isnan(places.costs_m).any():
            raise BadProblem("not_a_number", what=what, rows=np.flatnonzero(np.isnan(places.costs_m).any(axis=1)))
    limits = np.asarray(params.limits_m)
    if len(limits) == 0 or not np.isfinite(limits).all() or (np.diff(limits, prepend=0.0) <= 0).any():
        raise BadProblem("limits_contradict", minutes=params.minutes, speed_m_per_s=params.speed_m_per_s)


def bands(distance: Metres, params: Params) -> Bands:
    """The first limit within which each distance lies."""
    band = np.zeros(distance.shape, dtype=np.uint8)
    for limit in params.limits_m:
        band += distance > limit
    return band


def _search(problem: Problem, stop: Stop, params: Params, distance: Metres) -> int:
    """Fill the rows of `distance`; how many kinds were searched."""
    from mulin.kernels.access.search import RowsOfChains, Searcher

    asked = problem.facilities.chain[problem.facilities.chain >= 0]
    on_chain = RowsOfChains(len(problem.network.chains.ends), problem.buildings.chain, asked)
    of_kind = [np.flatnonzero(problem.kind == kind) for kind in range(problem.kinds)]

    def share(first: int) -> int:
        searcher = Searcher(problem.network, problem.buildings, on_chain, params.limits_m[-1], len(problem.facilities))
        done = 0
        for kind in range(first, problem.kinds, params.threads):
            if stop.is_due(done * params.threads):
                break
            searcher.search(problem.facilities.take(of_kind[kind]), distance[kind])
            done += 1
        return done

    if params.threads == 1:
        return share(0)
    with ThreadPoolExecutor(params.threads) as pool:
        return sum(pool.map(share, range(params.threads)))
