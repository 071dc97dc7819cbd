from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulin.kernels.facts import BadProblem
from mulin.kernels.network.snapping import snap
from mulin.kernels.siting.merging import Merged
from mulin.kernels.siting.problem import Params, Problem
from mulin.kernels.siting.reach import reach
from mulin.kernels.siting.solve import solve
from mulin.kernels.stop import Stop
from tests.kernels.streets import exact_distances, spots, town


def long() -> Stop:
    return Stop(seconds=60)


seeds = st.integers(0, 10_000)


def sites(seed: int, candidates: int = 9, demand: int = 40, share: float = 0.2, **more) -> Problem:
    rng = np.random.default_rng(seed)
    covers = rng.random((candidates, demand)) < share
    starts = np.concatenate([[0], np.cumsum(covers.sum(axis=1))])
    return Problem(starts, np.nonzero(covers)[1], rng.integers(0, 50, demand).astype(float), **({"count": 3} | more))


def covers_of(problem: Problem) -> np.ndarray:
    covers = np.zeros((len(problem.starts) - 1, len(problem.demand)), bool)
    for j, (begin, end) in enumerate(zip(problem.starts, problem.starts[1:], strict=False)):
        covers[j, problem.serves[begin:end]] = True
    return covers


def gained(problem: Problem, chosen) -> float:
    covers = covers_of(problem)
    open_demand = np.ones(len(problem.demand), bool)
    if problem.served_already is not None:
        open_demand &= ~problem.served_already
    if problem.fixed is not None:
        open_demand &= ~covers[problem.fixed].any(axis=0)
    return float(problem.demand[covers[list(chosen)].any(axis=0) & open_demand].sum())


def best_by_trying(problem: Problem) -> float:
    candidates = len(problem.starts) - 1
    cost = np.zeros(candidates) if problem.cost is None else problem.cost
    budget = np.inf if problem.budget is None else problem.budget
    most = candidates if problem.count is None else problem.count
    choices = (choice for size in range(most + 1) for choice in combinations(range(candidates), size))
    return max(gained(problem, choice) for choice in choices if cost[list(choice)].sum() <= budget)


@settings(deadline=None, max_examples=40)
@given(seeds, st.booleans(), st.booleans(), st.booleans())
def test_the_choice_is_as_good_as_by_trying_everything(seed, priced, some_served, some_fixed):
    rng = np.random.default_rng(seed)
    more: dict = {}
    if priced:
        count = 3 if rng.random() < 0.5 else None
        more = {"cost": rng.integers(1, 10, 9).astype(float), "budget": 12.0, "count": count}
    if some_served:
        more["served_already"] = rng.random(40) < 0.3
    if some_fixed:
        more["fixed"] = np.array([2, 5])
    problem = sites(seed, **more)
    result = solve(problem, stop=long())
    assert result.optimal
    assert result.gained == pytest.approx(best_by_trying(problem))
    assert result.gained == pytest.approx(gained(problem, result.chosen))
    assert result.bound == pytest.approx(result.gained)
    assert result.gap == pytest.approx(0.0)


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_without_the_exact_search_the_bound_still_holds(seed):
    problem = sites(seed)
    result = solve(problem, stop=long(), params=Params(exact=False))
    most = best_by_trying(problem)
    assert 0.63 * most <= result.gained <= most + 1e-9 <= result.bound + 2e-9
    assert result.solver == "greedy"


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_gains_are_what_each_site_adds(seed):
    problem = sites(seed)
    result = solve(problem, stop=long())
    for k in range(len(result.chosen)):
        added = gained(problem, result.chosen[: k + 1]) - gained(problem, result.chosen[:k])
        assert result.gains[k] == pytest.approx(added)
    for j in range(9):
        added = gained(problem, [*result.chosen, j]) - result.gained
        assert result.marginal[j] == pytest.approx(added)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_merging_changes_no_answer(seed):
    problem = sites(seed, candidates=4)
    merged = Merged.of(problem)
    assert len(merged.weight) <= 15
    for choice in ([], [0], [1, 3], [0, 1, 2, 3]):
        assert merged.gained(np.array(choice, int)) == pytest.approx(gained(problem, choice))


def test_what_is_named_twice_counts_once():
    problem = Problem(np.array([0, 2]), np.array([0, 0]), np.array([7.0]), count=1)
    assert solve(problem, stop=long()).gained == 7.0


def test_where_nothing_can_be_gained_nothing_is_built():
    problem = sites(1, served_already=np.ones(40, bool))
    result = solve(problem, stop=long())
    assert len(result.chosen) == 0
    assert result.optimal
    assert result.gap == 0.0


def test_stopped_at_once_there_is_a_choice_and_a_bound():
    problem = sites(5, candidates=25, demand=150, share=0.1, count=4)
    result = solve(problem, stop=Stop(asked=lambda: True))
    best = solve(problem, stop=long())
    assert result.solver == "greedy"
    assert 0 < result.gained <= best.gained <= result.bound


@settings(deadline=None, max_examples=20)
@given(seeds, st.floats(50, 400))
def test_reach_is_exact_dijkstra(seed, limit):
    network = town(seed)
    places = snap(network, spots(seed, 25))
    candidates, demand = places.take(np.arange(5)), places.take(np.arange(5, 25))
    starts, serves = reach(network, candidates, demand, limit)
    far = exact_distances(network, places)[:5, 5:]
    found = covers_of(Problem(starts, serves, np.ones(20)))
    clear = np.abs(far - limit) > 1e-6
    np.testing.assert_array_equal(found[clear], (far <= limit)[clear])


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("wrong_shape", {"starts": np.array([0, 5])}),
        ("demand_out_of_range", {"demand": np.ones(3)}),
        ("not_a_number", {"demand": np.full(40, np.nan)}),
        ("negative", {"demand": np.full(40, -1.0)}),
        ("negative", {"count": -1}),
        ("nothing_limits", {"count": None}),
        ("candidate_out_of_range", {"fixed": np.array([9])}),
        ("wrong_shape", {"cost": np.ones(3)}),
        ("wrong_shape", {"served_already": np.ones(3, bool)}),
    ],
)
def test_bad_problems_are_refused(code, change):
    with pytest.raises(BadProblem) as refusal:
        solve(replace(sites(1), **change), stop=long())
    assert refusal.value.code == code
