"""Staff to grids, exactly."""

import time
from dataclasses import replace

import numpy as np

from mulin.kernels.assignment.checks import check, pairs
from mulin.kernels.assignment.costs import costs, permitted, seats
from mulin.kernels.assignment.problem import QUANTUM_M, Integers, Params, Problem
from mulin.kernels.assignment.quanta import Costs
from mulin.kernels.assignment.result import Greedy, Result
from mulin.kernels.facts import Certificate
from mulin.kernels.readiness import require
from mulin.kernels.stop import Stop


def solve(problem: Problem, *, stop: Stop | None = None, seed: int = 0, params: Params | None = None) -> Result:
    """Give everyone a grid at the least sum of distances, and the prices that prove it.

    Exact: the cost equals the bound, in arithmetic without rounding (distances are multiples of `QUANTUM_M`). Nothing
    is drawn by lot, so `seed` has no effect. Stopped before the end, the answer is "nearest first" with the bound
    reached. Time O(s g + r v g) for r workers beyond their nearest grid and v grids visited for each; memory
    8 s g + 12 g² bytes. Method: successive shortest paths on the grids, see `shortest_paths`.

    Raises
    ------
    BadProblem
        Where the arrays contradict each other.
    """
    started = time.monotonic()
    params = params or Params()
    check(problem, params)
    require("assignment")
    if params.minimise_farthest:
        from mulin.kernels.assignment.fairness import least_farthest_m

        params = replace(params, farthest_m=least_farthest_m(problem, stop, params), minimise_farthest=False)
    return _solve_sum(problem, stop, params, started)


def _solve_sum(problem: Problem, stop: Stop | None, params: Params, started: float) -> Result:
    from mulin.kernels.assignment.flow import cheapest

    distance = permitted(problem)
    cost = costs(distance, problem, params)
    lowest, highest = seats(problem, params)
    greedy = _greedy(distance, problem)
    flow = cheapest(cost, lowest, highest, stop)
    grid, certificates = flow.grid, flow.certificates
    if flow.interrupted:
        grid = _into_reserve(greedy.grid, problem, params)
        certificates = (Certificate("interrupted", facts={"unplaced": int((grid < 0).sum())}),)
    cost_m = _sum(cost, grid)
    grid = np.where(grid == problem.highest.size, -1, grid)
    return Result(
        grid=grid,
        total_m=_sum(distance, grid),
        farthest_m=_farthest(distance, grid),
        cost_m=cost_m,
        bound_m=flow.bound_m,
        price_m=flow.price[: problem.highest.size].astype(np.float64) * QUANTUM_M,
        moved=_moved(problem.present, grid),
        greedy=greedy,
        certificates=certificates,
        rounds=flow.rounds,
        seconds=time.monotonic() - started,
    )


def _greedy(distance: Costs, problem: Problem) -> Greedy:
    """Place the fixed pairs, then the nearest pair again and again."""
    from mulin.kernels.assignment.greedy import nearest_first

    grid = nearest_first(distance, pairs(problem.fixed), np.asarray(problem.highest, np.int64))
    return Greedy(grid, _sum(distance, grid), _farthest(distance, grid), int((grid < 0).sum()))


def _into_reserve(grid: Integers, problem: Problem, params: Params) -> Integers:
    return grid if params.unplaced_m is None else np.where(grid < 0, problem.highest.size, grid)


def _sum(table: Costs, grid: Integers) -> float:
    return int(_ways(table, grid).sum(dtype=np.int64)) * QUANTUM_M


def _farthest(table: Costs, grid: Integers) -> float:
    return int(_ways(table, grid).max(initial=0)) * QUANTUM_M


def _ways(table: Costs, grid: Integers) -> Costs:
    placed = np.nonzero(grid >= 0)[0]
    ways: Costs = table[placed, grid[placed]]
    return ways


def _moved(present: Integers | None, grid: Integers) -> Integers:
    if present is None:
        return np.zeros(0, np.int64)
    return np.nonzero((present >= 0) & (present != grid))[0]
