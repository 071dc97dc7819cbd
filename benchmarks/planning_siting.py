"""10 new libraries among 1,000 candidates for 13,000 places of demand: ours proved best, beside spopt's MCLP.

spopt's solver is stopped after 300 s, or after `MULIN_RIVAL_S`; then its time is a lower bound, and the note says so.
"""

import os
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.planning_child import in_child
from benchmarks.planning_rows import Row, peak_memory_mb
from benchmarks.planning_walks import along_streets, load_network
from mulin.kernels.network.snapping import snap
from mulin.kernels.siting.merging import Merged
from mulin.kernels.siting.problem import Params, Problem
from mulin.kernels.siting.reach import reach
from mulin.kernels.siting.solve import solve
from mulin.kernels.stop import Stop

LIMIT_M = 1_200.0
CANDIDATES, COUNT, EXISTING, DEMAND = 1_000, 10, 30, 13_000
RIVAL_LIMIT_S = int(os.environ.get("MULIN_RIVAL_S", "300"))


def rows(data: Path) -> Iterator[Row]:
    problem, reach_s = make_problem(data)
    solve(problem, stop=Stop(seconds=60))
    begun = time.perf_counter()
    result = solve(problem, stop=Stop(seconds=600))
    ours = time.perf_counter() - begun
    memory = peak_memory_mb()
    (theirs, gained, status), their_memory = in_child(spopt_seconds, problem)
    name = f"siting {COUNT} of {CANDIDATES:,}"
    note = f"served {result.gained:,.0f} / {gained:,.0f} ({status}); spopt {their_memory:.0f} MB; reach {reach_s:.2f} s"
    yield Row(f"{name}: spopt MCLP", f"{ours:.2f} s", f"{theirs:.2f} s", ours / theirs, 1 / 20, memory, note)
    bound = f"{result.bound:,.0f}"
    yield Row(f"{name}: gap to the bound", f"{result.gained:,.0f}", bound, result.gap, 0.0, memory, result.solver)
    greedy = solve(problem, stop=Stop(seconds=60), params=Params(exact=False))
    share = 1 - greedy.gained / result.gained
    note = f"greedy + swaps in {1000 * greedy.seconds:.0f} ms; its own bound {100 * greedy.gap:.1f} % away"
    yield Row(f"{name}: loss of greedy", f"{greedy.gained:,.0f}", f"{result.gained:,.0f}", share, 0.05, memory, note)
    yield _what_if(problem, result.chosen, ours)


def make_problem(data: Path) -> tuple[Problem, float]:
    """The demand is the households of buildings that none of 30 existing sites serves."""
    network = load_network(data)
    homes, sites = (
        snap(network, along_streets(network, DEMAND, 1)),
        snap(network, along_streets(network, CANDIDATES + EXISTING, 8)),
    )
    begun = time.perf_counter()
    starts, serves = reach(network, sites, homes, LIMIT_M)
    seconds = time.perf_counter() - begun
    already = np.zeros(DEMAND, bool)
    already[serves[starts[CANDIDATES] :]] = True
    households = np.random.default_rng(9).integers(1, 400, DEMAND).astype(np.float64)
    last = starts[CANDIDATES]
    return Problem(starts[: CANDIDATES + 1], serves[:last], households, count=COUNT, served_already=already), seconds


def _what_if(problem: Problem, chosen: NDArray[np.int64], whole_s: float) -> Row:
    merged = Merged.of(problem)
    times = []
    for k in range(len(chosen)):
        begun = time.perf_counter()
        merged.marginal(chosen[:k])
        times.append(time.perf_counter() - begun)
    middle = float(np.median(times))
    note = f"gain of all {CANDIDATES:,} candidates beside those chosen; {len(merged.weight):,} groups"
    ours, rival = f"{1000 * middle:.1f} ms", f"{whole_s:.2f} s"
    return Row("siting: what-if", ours, rival, middle / whole_s, 0.1, peak_memory_mb(), note)


def spopt_seconds(problem: Problem) -> tuple[float, float, str]:
    """Seconds of spopt's model and solver for the buildings still unserved, what it serves, and its status.

    It gets the buildings that count and can be served, one row each, as its users would.
    """
    from spopt.locate import MCLP

    pulp = import_module("pulp")

    assert problem.served_already is not None
    cost = np.full((DEMAND, CANDIDATES), 9.0, np.float32)
    for candidate in range(CANDIDATES):
        cost[problem.serves[problem.starts[candidate] : problem.starts[candidate + 1]], candidate] = 0.0
    wanted = ~problem.served_already & (cost < 1).any(axis=1)
    cost, weight = cost[wanted], problem.demand[wanted]
    begun = time.perf_counter()
    model = MCLP.from_cost_matrix(cost, weight, 1.0, COUNT)
    solver = pulp.HiGHS if "HiGHS" in pulp.listSolvers(onlyAvailable=True) else pulp.PULP_CBC_CMD
    model = model.solve(solver(msg=False, timeLimit=RIVAL_LIMIT_S), results=False)
    seconds = time.perf_counter() - begun
    served = float(pulp.value(model.problem.objective) or 0.0)
    return seconds, served, f"{solver.__name__}: {pulp.LpSolution[model.problem.sol_status]}"
