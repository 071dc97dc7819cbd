"""Visits into shifts and orders."""

import time
from dataclasses import replace

import numpy as np

from mulin.kernels.facts import BadProblem, Certificate
from mulin.kernels.network.problem import Integers
from mulin.kernels.readiness import require
from mulin.kernels.routing.checks import check
from mulin.kernels.routing.items import LEFT_OUT_S, Items, items_of
from mulin.kernels.routing.problem import Params, Problem
from mulin.kernels.routing.proofs import certificates
from mulin.kernels.routing.result import Result
from mulin.kernels.routing.timetable import route
from mulin.kernels.stop import Stop

OWN_ROUNDS_PER_VISIT = 500
PYVRP_ROUNDS_PER_VISIT = 4
SOLVERS = ("both", "own", "pyvrp")

Orders = list[list[int]]


def solve(problem: Problem, *, stop: Stop, seed: int = 0, params: Params | None = None) -> Result:
    """Keep as many of the visits as must be made as possible, then walk least.

    Windows and working hours are kept always. Rounds being equal the same seed gives the same plan; under
    `Stop.seconds` it may not.

    Raises
    ------
    BadProblem
        Where the arrays contradict each other (`checks.check`), and `unknown_solver`.
    """
    params = params or Params()
    check(problem)
    require("routing")
    if params.solver not in SOLVERS:
        raise BadProblem("unknown_solver", solver=params.solver, known=SOLVERS)
    items = items_of(problem)
    orders, solver, rounds = _search(items, stop, seed, params)
    routes = tuple(route(items, d, order) for d, order in enumerate(orders))
    left_out = np.setdiff1d(np.arange(items.visits), np.concatenate([each.visits for each in routes]))
    proofs, unexplained = _explained(items, left_out)
    walk = sum(each.walk_s for each in routes)
    return Result(routes, left_out, proofs, unexplained, walk, solver, rounds, time.monotonic() - stop.started)


def _search(items: Items, stop: Stop, seed: int, params: Params) -> tuple[Orders, str, int]:
    """The better of the orders both searches find; PyVRP begins where our own ends."""
    from mulin.kernels.routing import own, with_pyvrp

    pyvrp = params.solver != "own" and with_pyvrp.is_installed() and with_pyvrp.can_express(items)
    alone = pyvrp and params.solver == "pyvrp"
    wanted = 0 if alone else _rounds(params.own_rounds, OWN_ROUNDS_PER_VISIT, items, stop)
    orders, rounds = own.search(items, stop=_until(stop, 0.5 if pyvrp else 1.0), seed=seed, rounds=wanted)
    if not pyvrp or stop.is_due(0):
        return orders, "own", rounds
    wanted = _rounds(params.pyvrp_rounds, PYVRP_ROUNDS_PER_VISIT, items, stop)
    found, more = with_pyvrp.search(items, orders, stop=stop, seed=seed, rounds=wanted)
    return _better(items, orders, found), "pyvrp" if alone else "own+pyvrp", rounds + more


def _until(stop: Stop, share: float) -> Stop:
    """The same limits, with a part of the time."""
    return stop if stop.seconds is None else replace(stop, seconds=share * stop.seconds)


def _rounds(given: int | None, per_visit: int, items: Items, stop: Stop) -> int:
    wanted = per_visit * items.visits if given is None else given
    return wanted if stop.rounds is None else min(wanted, stop.rounds)


def _better(items: Items, orders: Orders, found: Orders | None) -> Orders:
    from mulin.kernels.routing.own import cost_of_orders

    ours = cost_of_orders(items, orders)
    theirs = None if found is None else cost_of_orders(items, found)
    if found is None or theirs is None or (ours is not None and ours <= theirs):
        return orders
    return found


def _explained(items: Items, left_out: Integers) -> tuple[tuple[Certificate, ...], Integers]:
    """Proofs why visits that must be made were left out, and those of them that no proof is about."""
    missing = left_out[items.worth[left_out] >= LEFT_OUT_S]
    if len(missing) == 0:
        return (), missing
    proofs = certificates(items)
    known = {visit for proof in proofs for visit in proof.buildings}
    return proofs, np.array([visit for visit in missing if visit not in known], dtype=np.int64)
