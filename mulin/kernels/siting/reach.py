"""Whom each candidate would serve: demand points within walking reach."""

import numpy as np

from mulin.kernels.network.problem import Integers
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.readiness import require


def reach(network: Network, candidates: Snapped, demand: Snapped, limit_m: float) -> tuple[Integers, Integers]:
    """`Problem.starts` and `Problem.serves` for a limit on foot; one bounded search per candidate.

    Parameters
    ----------
    candidates, demand
        Places snapped to the network.
    limit_m
        The longest walk that still counts, in m.
    """
    require("siting")
    from mulin.kernels.siting.around import Around

    around = Around(network, demand, limit_m)
    rows = [around.rows(candidates.take(np.array([each]))) for each in range(len(candidates))]
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return starts, np.concatenate([*rows, np.empty(0, np.int64)])
