"""Which sites serve most."""

import time

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.greedy import Limits, choose
from mulin.kernels.siting.merging import Merged
from mulin.kernels.siting.problem import Params, Problem
from mulin.kernels.siting.result import Result
from mulin.kernels.stop import Stop

ROUNDING = 1e-9


def solve(problem: Problem, *, stop: Stop, seed: int = 0, params: Params | None = None) -> Result:
    """The choice that serves most new demand; proved, unless stopped before.

    Parameters
    ----------
    stop
        `seconds` and `asked` end the proof, the best choice and the bound so far being kept; `rounds` limits the swaps
        of the greedy start only.
    seed
        Not used: nothing is drawn.

    Raises
    ------
    BadProblem
        `wrong_shape`, `not_a_number`, `negative`, `demand_out_of_range`, `candidate_out_of_range`, `nothing_limits`.
    """
    params = params or Params()
    check(problem)
    merged, limits = Merged.of(problem), limits_of(problem)
    chosen = choose(merged, limits, stop)
    bound, solver = _counted(merged, limits, chosen), "greedy"
    if params.exact and bound > merged.gained(chosen):
        from mulin.kernels.siting.exact import prove

        proved = prove(merged, limits, chosen, stop, params.gap)
        chosen, bound, solver = proved.chosen, min(bound, proved.bound), proved.solver
    return _result(merged, chosen, bound, params.gap, solver, stop)


def limits_of(problem: Problem) -> Limits:
    """What may be chosen; fixed candidates are not on offer again."""
    candidates = len(problem.starts) - 1
    cost = np.zeros(candidates) if problem.cost is None else np.asarray(problem.cost, np.float64)
    closed = np.empty(0, np.int64) if problem.fixed is None else np.asarray(problem.fixed, np.int64)
    return Limits(problem.count, cost, problem.budget, closed)


def check(problem: Problem) -> None:
    """Refuse arrays that contradict each other; the codes are those of `solve`."""
    starts, serves, demand = np.asarray(problem.starts), np.asarray(problem.serves), np.asarray(problem.demand)
    candidates = len(starts) - 1
    if candidates < 0 or starts[0] != 0 or starts[-1] != len(serves) or (np.diff(starts) < 0).any():
        raise BadProblem("wrong_shape", what="starts", serves=len(serves))
    if len(serves) and (serves.min() < 0 or serves.max() >= len(demand)):
        raise BadProblem("demand_out_of_range", rows=np.flatnonzero((serves < 0) | (serves >= len(demand))))
    _amounts("demand", demand, len(demand))
    if problem.cost is not None:
        _amounts("cost", np.asarray(problem.cost), candidates)
    if problem.served_already is not None and np.shape(problem.served_already) != demand.shape:
        raise BadProblem("wrong_shape", what="served_already", shape=np.shape(problem.served_already))
    if problem.fixed is not None and len(problem.fixed):
        fixed = np.asarray(problem.fixed)
        if fixed.min() < 0 or fixed.max() >= candidates:
            raise BadProblem("candidate_out_of_range", rows=np.flatnonzero((fixed < 0) | (fixed >= candidates)))
    _check_limits(problem)


def _check_limits(problem: Problem) -> None:
    if problem.count is None and (problem.budget is None or problem.cost is None):
        raise BadProblem("nothing_limits")
    if (problem.count or 0) < 0 or (problem.budget or 0.0) < 0:
        raise BadProblem("negative", count=problem.count, budget=problem.budget)
    if problem.budget is not None and np.isnan(problem.budget):
        raise BadProblem("not_a_number", what="budget", rows=np.empty(0, np.int64))


def _amounts(what: str, numbers: np.ndarray, length: int) -> None:
    if numbers.shape != (length,):
        raise BadProblem("wrong_shape", what=what, shape=numbers.shape, wanted=(length,))
    if not np.isfinite(numbers).all():
        raise BadProblem("not_a_number", what=what, rows=np.flatnonzero(~np.isfinite(numbers)))
    if (numbers < 0).any():
        raise BadProblem("negative", what=what, rows=np.flatnonzero(numbers < 0))


def _counted(merged: Merged, limits: Limits, chosen: Integers) -> float:
    """A bound by counting: all there is, each site alone, or what each would still add to the choice."""
    nothing = np.empty(0, np.int64)
    alone, beside = limits.most(merged.marginal(nothing)), limits.most(merged.marginal(chosen))
    return min(float(merged.weight.sum()), alone, merged.gained(chosen) + beside)


def _result(merged: Merged, chosen: Integers, bound: float, gap: float, solver: str, stop: Stop) -> Result:
    order, gains = merged.in_order(chosen)
    gained = merged.gained(order)
    return Result(
        chosen=order,
        gains=gains,
        gained=gained,
        bound=gained if bound <= gained * (1 + ROUNDING) else bound,
        optimal=gained >= bound * (1 - gap - ROUNDING),
        marginal=merged.marginal(order),
        solver=solver,
        seconds=time.monotonic() - stop.started,
    )
