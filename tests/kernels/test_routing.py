from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulin.kernels.facts import BadProblem
from mulin.kernels.routing import with_pyvrp
from mulin.kernels.routing.problem import ANYWHERE, MUST, NOBODY, Lunch, Params, Problem, Shift, Visits
from mulin.kernels.routing.solve import solve
from mulin.kernels.stop import Stop

NINE, NOON, SIX = 9 * 3600, 12 * 3600, 18 * 3600
HOUR = 3600
FULL = Stop(rounds=100_000)
OWN = Params(solver="own")
seeds = st.integers(0, 10_000)
solvers = st.sampled_from(["own", "pyvrp", "both"])


def day(seed: int, count: int, windows: float = 0.5, width_s: int = 2 * HOUR, **shift) -> Problem:
    """Visits around a station in a patch of 2 km; place 0 is the station."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 2000, (count + 1, 2))
    travel = np.ceil(np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) / 1.2).astype(np.int64)
    early = np.where(rng.random(count) < windows, rng.integers(NINE, SIX - width_s, count), NINE)
    late = np.where(early > NINE, early + width_s, SIX)
    visits = Visits(np.arange(1, count + 1), rng.integers(300, 1200, count), early, late)
    return Problem(travel, visits, (Shift(0, 0, NINE, SIX, **shift),))


def best_by_trying(problem: Problem) -> tuple[int, int]:
    """Fewest visits left out, then least walking, of one shift: every order of every subset."""
    count, best = len(problem.visits), (10**9, 10**9)
    for length in range(count, -1, -1):
        if count - length > best[0]:
            break
        for order in permutations(range(count), length):
            walk = walk_of(problem, order)
            if walk is not None:
                best = min(best, (count - length, walk))
    return best


def walk_of(problem: Problem, order) -> int | None:
    visits, shift = problem.visits, problem.shifts[0]
    at, now, walk = shift.start, shift.begins_s, 0
    for visit in order:
        step = problem.travel_s[at, visits.place[visit]]
        at, walk, now = visits.place[visit], walk + step, max(now + step, visits.earliest_s[visit])
        if now > visits.latest_s[visit]:
            return None
        now += visits.service_s[visit]
    step = problem.travel_s[at, shift.end]
    return None if now + step > shift.ends_s else int(walk + step)


def assert_lawful(problem: Problem, result) -> None:
    """Every rule checked from the problem alone."""
    visits = problem.visits
    seen = [visit for route in result.routes for visit in route.visits] + list(result.left_out)
    assert sorted(seen) == list(range(len(visits)))
    for number, (shift, route) in enumerate(zip(problem.shifts, result.routes, strict=True)):
        at, now, walk = shift.start, shift.begins_s, 0
        for k, visit in enumerate(route.visits):
            if shift.lunch and route.lunch_after == k:
                at, now, walk = after_lunch(problem, shift, route, at, now, walk)
            step = problem.travel_s[at, visits.place[visit]]
            at, walk = visits.place[visit], walk + step
            assert route.arrives_s[k] == now + step
            assert route.begins_s[k] >= route.arrives_s[k]
            assert visits.earliest_s[visit] <= route.begins_s[k] <= visits.latest_s[visit]
            assert visits.allowed is None or visits.allowed[visit, number]
            now = route.begins_s[k] + visits.service_s[visit]
            assert route.leaves_s[k] == now
        if shift.lunch and route.lunch_after == len(route.visits):
            at, now, walk = after_lunch(problem, shift, route, at, now, walk)
        assert route.home_s == now + problem.travel_s[at, shift.end] <= shift.ends_s
        assert route.walk_s == walk + problem.travel_s[at, shift.end]
        assert shift.most_visits is None or len(route.visits) <= shift.most_visits
    assert result.walk_s == sum(route.walk_s for route in result.routes)


def after_lunch(problem, shift, route, at, now, walk):
    there = at if shift.lunch.place == ANYWHERE else shift.lunch.place
    step = problem.travel_s[at, there]
    assert shift.lunch.earliest_s <= route.lunch_s <= shift.lunch.latest_s
    assert route.lunch_s >= now + step
    return there, route.lunch_s + shift.lunch.lasting_s, walk + step


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 6), solvers)
def test_a_small_day_is_solved_as_well_as_by_trying_everything(seed, count, solver):
    problem = day(seed, count, windows=0.8, width_s=HOUR)
    result = solve(problem, stop=FULL, seed=seed, params=Params(solver=solver, own_rounds=1000))
    assert_lawful(problem, result)
    assert (len(result.left_out), result.walk_s) == best_by_trying(problem)


@settings(deadline=None, max_examples=15)
@given(seeds, st.integers(10, 45), solvers)
def test_every_rule_is_kept_and_what_is_left_out_is_named(seed, count, solver):
    problem = day(seed, count)
    result = solve(problem, stop=FULL, seed=seed, params=Params(solver, own_rounds=500, pyvrp_rounds=50))
    assert_lawful(problem, result)
    proved = {visit for proof in result.certificates for visit in proof.buildings}
    assert set(result.left_out) <= proved | set(result.unexplained)
    assert bool(result.certificates) <= bool(len(result.left_out))


@pytest.mark.parametrize("solver", ["own", "both"])
def test_the_same_seed_gives_the_same_plan(solver):
    problem = day(4, 30)
    plans = [solve(problem, stop=FULL, seed=7, params=Params(solver=solver)) for _ in range(2)]
    np.testing.assert_array_equal(plans[0].routes[0].visits, plans[1].routes[0].visits)


def test_the_name_of_the_solver_is_said(monkeypatch):
    problem = day(4, 5)
    assert solve(problem, stop=FULL).solver == "own+pyvrp"
    assert solve(problem, stop=FULL, params=OWN).solver == "own"
    monkeypatch.setattr(with_pyvrp, "is_installed", lambda: False)
    result = solve(problem, stop=FULL)
    assert result.solver == "own"
    assert_lawful(problem, result)


@settings(deadline=None, max_examples=15)
@given(seeds, st.sampled_from([ANYWHERE, 0, 3]), st.sampled_from(["own", "both"]))
def test_lunch_is_kept(seed, place, solver):
    problem = day(seed, 12, lunch=Lunch(NOON - HOUR // 2, NOON + HOUR // 2, HOUR, place))
    result = solve(problem, stop=FULL, seed=seed, params=Params(solver=solver, own_rounds=500, pyvrp_rounds=50))
    assert result.routes[0].lunch_s is not None
    assert_lawful(problem, result)
    assert result.solver == ("own" if place == ANYWHERE or solver == "own" else "own+pyvrp")


def test_lunch_anywhere_costs_no_walking():
    free = day(3, 8, windows=0.0)
    eating = day(3, 8, windows=0.0, lunch=Lunch(NOON - HOUR, NOON + HOUR, HOUR))
    assert solve(eating, stop=FULL).walk_s == solve(free, stop=FULL).walk_s


@settings(deadline=None, max_examples=15)
@given(seeds, solvers)
def test_locked_visits_come_first_and_last(seed, solver):
    problem = day(seed, 10, windows=0.0, first=3, last=5)
    result = solve(problem, stop=FULL, seed=seed, params=Params(solver, own_rounds=500, pyvrp_rounds=50))
    assert_lawful(problem, result)
    assert len(result.left_out) == 0
    assert result.routes[0].visits[0] == 3
    assert result.routes[0].visits[-1] == 5


@settings(deadline=None, max_examples=10)
@given(seeds, solvers)
def test_a_week_keeps_days_due_dates_and_numbers(seed, solver):
    one, rng = day(seed, 40, windows=0.3), np.random.default_rng(seed)
    due = rng.integers(1, 6, 40)
    allowed = np.arange(5) < due[:, None]
    week = Problem(one.travel_s, replace(one.visits, allowed=allowed), tuple(
        replace(one.shifts[0], most_visits=12) for _ in range(5)
    ))  # fmt: skip
    result = solve(week, stop=FULL, seed=seed, params=Params(solver, own_rounds=1000, pyvrp_rounds=100))
    assert_lawful(week, result)
    proved = {visit for proof in result.certificates for visit in proof.buildings}
    assert set(result.left_out) <= proved | set(result.unexplained)


def test_visits_not_worth_the_walk_are_left_out():
    travel = np.array([[0, 100, 2000], [100, 0, 2000], [2000, 2000, 0]])
    visits = Visits(np.array([1, 2]), np.array([60, 60]), worth_s=np.array([MUST, 500]))
    problem = Problem(travel, visits, (Shift(0, 0, NINE, SIX),))
    for solver in ("own", "pyvrp", "both"):
        result = solve(problem, stop=FULL, params=Params(solver=solver))
        assert result.left_out.tolist() == [1]
        assert result.certificates == ()
    dear = replace(problem, visits=replace(visits, worth_s=np.array([MUST, 5000])))
    assert len(solve(dear, stop=FULL).left_out) == 0


def codes(problem: Problem) -> set[str]:
    result = solve(problem, stop=FULL)
    assert len(result.unexplained) == 0
    return {proof.code for proof in result.certificates}


def near(count: int, service: int, **columns) -> Problem:
    """Visits two minutes apart from each other and the station."""
    travel = np.full((count + 1, count + 1), 120, np.int64)
    np.fill_diagonal(travel, 0)
    place, services = np.arange(1, count + 1), np.full(count, service)
    return Problem(travel, Visits(place, services, **columns), (Shift(0, 0, NINE, SIX),))


def test_a_visit_that_is_too_far_is_proved_out_of_reach():
    problem = near(2, 600, earliest_s=np.array([0, 0]), latest_s=np.array([SIX, NINE + 60]))
    assert codes(problem) == {"out_of_reach"}


def test_a_visit_without_a_day_is_said_so():
    problem = near(2, 600, allowed=np.array([[True], [False]]))
    assert codes(problem) == {"not_allowed"}


def test_windows_that_exclude_each_other_are_proved():
    problem = near(2, 600, earliest_s=np.array([NOON, NOON]), latest_s=np.array([NOON + 60, NOON + 60]))
    assert "windows_exclude" in codes(problem)


def test_too_much_work_is_counted():
    problem = near(20, 2 * HOUR)
    result = solve(problem, stop=FULL)
    assert result.certificates[0].code == "too_much_work"
    assert result.certificates[0].facts["least_left_out"] == len(result.left_out) == 16


def test_too_many_visits_are_counted():
    problem = near(6, 60)
    problem = replace(problem, shifts=(replace(problem.shifts[0], most_visits=4),))
    result = solve(problem, stop=FULL)
    assert [proof.code for proof in result.certificates] == ["too_many_visits"]
    assert len(result.left_out) == 2


def test_a_span_that_is_too_full_is_found():
    one_hour = {"earliest_s": np.full(5, NOON), "latest_s": np.full(5, NOON + HOUR // 2)}
    result = solve(near(5, HOUR // 2, **one_hour), stop=FULL)
    assert "span_too_full" in {proof.code for proof in result.certificates}
    assert len(result.unexplained) == 0


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(2, 6))
def test_a_day_that_can_be_kept_is_never_proved_impossible(seed, count):
    from mulin.kernels.routing.items import items_of
    from mulin.kernels.routing.proofs import certificates

    problem = day(seed, count, windows=0.9, width_s=HOUR // 2)
    if certificates(items_of(problem)):
        assert best_by_trying(problem)[0] > 0


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("window_contradicts", {"earliest_s": np.array([10, 0]), "latest_s": np.array([5, 5])}),
        ("place_out_of_range", {"place": np.array([1, 9])}),
        ("wrong_shape", {"service_s": np.array([1])}),
        ("negative", {"service_s": np.array([1, -1])}),
        ("not_whole_numbers", {"service_s": np.array([1.0, np.nan])}),
        ("wrong_shape", {"allowed": np.ones((2, 3), bool)}),
    ],
)
def test_bad_visits_are_refused(code, change):
    problem = near(2, 600)
    with pytest.raises(BadProblem) as refusal:
        solve(replace(problem, visits=replace(problem.visits, **change)), stop=FULL)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("place_out_of_range", {"start": 7}),
        ("shift_contradicts", {"ends_s": NINE - 1}),
        ("lunch_does_not_fit", {"lunch": Lunch(SIX, SIX + HOUR, HOUR)}),
        ("visit_out_of_range", {"first": 4}),
    ],
)
def test_bad_shifts_are_refused(code, change):
    problem = near(2, 600)
    with pytest.raises(BadProblem) as refusal:
        solve(replace(problem, shifts=(replace(problem.shifts[0], **change),)), stop=FULL)
    assert refusal.value.code == code


def test_a_visit_cannot_be_locked_twice():
    problem = near(2, 600)
    shifts = (replace(problem.shifts[0], first=1), replace(problem.shifts[0], last=1))
    with pytest.raises(BadProblem) as refusal:
        solve(replace(problem, shifts=shifts), stop=FULL)
    assert refusal.value.code == "locked_twice"


def test_nothing_to_do_is_a_plan():
    result = solve(near(0, 60), stop=FULL)
    assert result.walk_s == 0
    assert NOBODY not in result.routes[0].visits


def test_asked_to_stop_at_once_there_is_a_plan():
    problem = day(4, 30)
    result = solve(problem, stop=Stop(asked=lambda: True))
    assert_lawful(problem, result)
    assert result.rounds == 0
