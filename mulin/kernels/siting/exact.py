"""The maximal cover as an integer programme, solved by HiGHS (Huangfu & Hall 2018) through SciPy."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.greedy import Limits
from mulin.kernels.siting.merging import Merged, Numbers
from mulin.kernels.siting.relaxation import SAME, relax
from mulin.kernels.stop import Stop, nobody_asks

FIRST_SLICE_S = 2.0


@dataclass(frozen=True)
class Proved:
    """The best choice, the bound on every choice, and the last search needed."""

    chosen: Integers
    bound: float
    solver: str


def prove(merged: Merged, limits: Limits, chosen: Integers, stop: Stop, gap: float) -> Proved:
    """Improve a choice until it is proved best or the search is stopped.

    HiGHS cannot be interrupted through SciPy: where somebody may ask, it runs in slices, each twice as long as the one
    before, so that the answer comes at most as late again as what was spent.
    """
    bound, solver = np.inf, "greedy"
    if np.isinf(limits.budget):
        relaxed = relax(merged, limits, chosen, stop)
        chosen, bound = relaxed.chosen, relaxed.bound
        solver = "relaxation" if np.isfinite(bound) else "greedy"
        limits = limits.only(relaxed.open)
    best, slice_s = merged.gained(chosen), FIRST_SLICE_S
    while bound > best * (1 + gap + SAME) and not stop.is_due(0):
        left = np.inf if stop.seconds is None else stop.started + stop.seconds - time.monotonic()
        seconds = left if stop.asked is nobody_asks else min(left, slice_s)
        found, limit, ended = _within(merged, limits, max(seconds, 0.0), gap)
        if found is not None and merged.gained(found) > best:
            chosen, best = found, merged.gained(found)
        bound, solver, slice_s = min(bound, max(best, limit)), "highs", 2 * slice_s
        if ended:
            break
    return Proved(chosen, max(bound, best), solver)


def _within(merged: Merged, limits: Limits, seconds: float, gap: float) -> tuple[Integers | None, float, bool]:
    """The best choice found among the open candidates, the bound on every such choice, and whether it is proved."""
    offered = np.flatnonzero(limits.open)
    if len(offered) == 0:
        return None, 0.0, True
    answer = _solve(merged.only(offered), limits.count, limits.cost[offered], limits.budget, seconds, gap)
    chosen = None if answer.x is None else offered[answer.x[: len(offered)] > 0.5]
    limit = np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
    if answer.status == 0 and gap == 0.0 and chosen is not None:
        limit = merged.gained(chosen)  # HiGHS proves up to its own rounding
    return chosen, limit, answer.status == 0


def _solve(merged: Merged, count: int, cost: Numbers, budget: float, seconds: float, gap: float) -> Any:
    """Maximise the demand of served groups: a group is served (y) only where a site of its own is chosen (x)."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import eye_array, hstack

    c, g = merged.serves.shape
    served = LinearConstraint(hstack([merged.serves.T, -eye_array(g)], format="csc"), lb=0.0)
    constraints = [served, LinearConstraint(np.concatenate([np.ones(c), np.zeros(g)])[None, :], ub=count)]
    if np.isfinite(budget):
        constraints.append(LinearConstraint(np.concatenate([cost, np.zeros(g)])[None, :], ub=budget))
    options = {"mip_rel_gap": gap} | ({"time_limit": seconds} if np.isfinite(seconds) else {})
    return milp(
        np.concatenate([np.zeros(c), -merged.weight]),
        integrality=np.concatenate([np.ones(c), np.zeros(g)]),
        bounds=Bounds(0.0, 1.0),
        constraints=constraints,
        options=options,
    )
