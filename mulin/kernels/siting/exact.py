"""The maximal cover as an integer programme, solved by HiGHS (Huangfu & Hall 2018) through SciPy."""

import time
from dataclasses import dataclass

import numpy as np

from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.greedy import Limits
from mulin.kernels.siting.merging import Merged
from mulin.kernels.stop import Stop, nobody_asks

FIRST_SLICE_S = 2.0


@dataclass(frozen=True)
class Proved:
    """A choice (`None` where none was found), the bound on every choice, and whether they meet."""

    chosen: Integers | None
    bound: float
    optimal: bool


def prove(merged: Merged, limits: Limits, stop: Stop, gap: float) -> Proved:
    """Search until proved or stopped.

    HiGHS cannot be interrupted through SciPy: where somebody may ask, it runs in slices, each twice as long as the one
    before, so that the answer comes at most as late again as what was spent.
    """
    slice_s, proved = FIRST_SLICE_S, Proved(None, np.inf, False)
    while not proved.optimal and not stop.is_due(0):
        left = np.inf if stop.seconds is None else stop.started + stop.seconds - time.monotonic()
        if left <= 0:
            break
        seconds = left if stop.asked is nobody_asks else min(left, slice_s)
        proved = _solve(merged, limits, seconds, gap)
        slice_s *= 2
    return proved


def _solve(merged: Merged, limits: Limits, seconds: float, gap: float) -> Proved:
    """Maximise the demand of served groups: a group is served (y) only where a site of its own is chosen (x)."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import eye_array, hstack

    c, g = merged.serves.shape
    served = LinearConstraint(hstack([merged.serves.T, -eye_array(g)], format="csc"), lb=0.0)
    count = LinearConstraint(np.concatenate([np.ones(c), np.zeros(g)])[None, :], ub=limits.count)
    constraints = [served, count]
    if np.isfinite(limits.budget):
        constraints.append(LinearConstraint(np.concatenate([limits.cost, np.zeros(g)])[None, :], ub=limits.budget))
    options = {"mip_rel_gap": gap} | ({"time_limit": seconds} if np.isfinite(seconds) else {})
    answer = milp(
        np.concatenate([np.zeros(c), -merged.weight]),
        integrality=np.concatenate([np.ones(c), np.zeros(g)]),
        bounds=Bounds(0.0, np.concatenate([limits.open.astype(float), np.ones(g)])),
        constraints=constraints,
        options=options,
    )
    chosen = None if answer.x is None else np.flatnonzero(answer.x[:c] > 0.5)
    bound = np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
    return Proved(chosen, bound, answer.status == 0)
