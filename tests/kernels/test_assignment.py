"""Staff to grids: exact beside scipy, lawful, and plain about what cannot be."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array

from mulin.kernels.assignment.costs import permitted, seats, within
from mulin.kernels.assignment.distances import from_sparse, straight_lines
from mulin.kernels.assignment.flow import cheapest
from mulin.kernels.assignment.problem import QUANTUM_M, Params, Problem
from mulin.kernels.assignment.quanta import quanta
from mulin.kernels.assignment.solve import solve
from mulin.kernels.facts import BadProblem
from mulin.kernels.stop import Stop


def on_quanta(distance_m):
    return np.rint(distance_m / QUANTUM_M) * QUANTUM_M


def scipy_total(distance_m, highest):
    repeated = np.repeat(on_quanta(distance_m), highest, axis=1)
    rows, columns = linear_sum_assignment(repeated)
    return repeated[rows, columns].sum()


def every_assignment(staff, grids):
    return np.array(list(itertools.product(range(grids), repeat=staff)), np.int64)


def cheapest_by_trying(problem, params):
    """Least cost over all assignments that keep the rules, or None."""
    distance_m = on_quanta(problem.distance_m)
    staff, grids = distance_m.shape
    best = None
    for grid in every_assignment(staff, grids):
        loads = np.bincount(grid, minlength=grids)
        if (loads > problem.highest).any() or (loads < problem.lowest).any():
            continue
        pairs = set(enumerate(grid.tolist()))
        fixed = set(map(tuple, problem.fixed.tolist()))
        if not fixed <= pairs or pairs & set(map(tuple, problem.forbidden.tolist())):
            continue
        ways = distance_m[np.arange(staff), grid]
        free = [worker for worker in range(staff) if (worker, grid[worker]) not in fixed]
        if params.farthest_m is not None and (ways[free] > params.farthest_m).any():
            continue
        changed = ((problem.present >= 0) & (problem.present != grid)).sum()
        cost = ways.sum() + params.change_m * changed
        best = cost if best is None else min(best, cost)
    return best


@st.composite
def small_problems(draw):
    staff, grids = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    lengths = st.integers(0, 12).map(float)
    distance_m = np.array(draw(st.lists(lengths, min_size=staff * grids, max_size=staff * grids)))
    lowest = np.array(draw(st.lists(st.integers(0, 2), min_size=grids, max_size=grids)), np.int64)
    room = np.array(draw(st.lists(st.integers(0, 3), min_size=grids, max_size=grids)), np.int64)
    pair = st.tuples(st.integers(0, staff - 1), st.integers(0, grids - 1))
    fixed = draw(st.lists(pair, max_size=2, unique_by=lambda chosen: chosen[0]))
    forbidden = [chosen for chosen in draw(st.lists(pair, max_size=4)) if chosen not in fixed]
    present = draw(st.lists(st.integers(-1, grids - 1), min_size=staff, max_size=staff))
    return Problem(
        distance_m.reshape(staff, grids),
        highest=lowest + room,
        lowest=lowest,
        fixed=np.array(fixed, np.int64).reshape(-1, 2),
        forbidden=np.array(forbidden, np.int64).reshape(-1, 2),
        present=np.array(present, np.int64),
    )


weights = st.builds(Params, change_m=st.sampled_from([0.0, 1.0, 5.0]), farthest_m=st.sampled_from([None, 4.0, 8.0]))


@settings(max_examples=150, deadline=None)
@given(small_problems(), weights)
def test_least_cost_or_a_certificate(problem, params):
    result = solve(problem, params=params)
    best = cheapest_by_trying(problem, params)
    if best is None:
        assert result.certificates
    else:
        assert not result.certificates
        assert result.cost_m == best
        assert result.gap_m == 0


def indices(certificate, name):
    found = certificate.facts[name]
    assert isinstance(found, tuple)
    return list(found)


@settings(max_examples=150, deadline=None)
@given(small_problems(), weights)
def test_a_certificate_can_be_checked_by_counting(problem, params):
    allowed = np.ones(problem.distance_m.shape, bool)
    if params.farthest_m is not None:
        allowed = problem.distance_m <= params.farthest_m
    allowed[problem.forbidden[:, 0], problem.forbidden[:, 1]] = False
    for worker, grid in problem.fixed:
        allowed[worker] = np.arange(allowed.shape[1]) == grid
    for certificate in solve(problem, params=params).certificates[:1]:
        workers, grids = (indices(certificate, name) for name in ("workers", "grids"))
        inside = np.isin(np.arange(allowed.shape[1]), grids)
        if certificate.code == "confined":
            assert not allowed[workers][:, ~inside].any()
            assert len(workers) > problem.highest[grids].sum()
        else:
            assert certificate.code == "too_few_reach"
            others = np.setdiff1d(np.arange(allowed.shape[0]), workers)
            assert not allowed[others][:, inside].any()
            assert len(workers) < problem.lowest[grids].sum()


@settings(max_examples=60, deadline=None)
@given(small_problems(), st.randoms())
def test_renumbering_changes_nothing(problem, random):
    staff, grids = problem.distance_m.shape
    rows, columns = random.sample(range(staff), staff), random.sample(range(grids), grids)
    back_rows, back_columns = np.argsort(rows), np.argsort(columns)

    def renumber(pairs):
        return np.column_stack([back_rows[pairs[:, 0]], back_columns[pairs[:, 1]]])

    other = Problem(
        problem.distance_m[rows][:, columns],
        highest=problem.highest[columns],
        lowest=problem.lowest[columns],
        fixed=renumber(problem.fixed),
        forbidden=renumber(problem.forbidden),
    )
    ours, theirs = solve(problem), solve(other)
    assert bool(ours.certificates) == bool(theirs.certificates)
    if not ours.certificates:
        assert ours.cost_m == theirs.cost_m


@pytest.mark.parametrize("seed", range(3))
def test_equals_scipy_on_a_town(seed):
    random = np.random.default_rng(seed)
    distance_m = straight_lines(random.random((400, 2)) * 2000, random.random((25, 2)) * 2000)
    highest = np.full(25, 16)
    result = solve(Problem(distance_m, highest))
    assert result.total_m == scipy_total(distance_m, highest)
    assert result.gap_m == 0
    assert result.greedy.total_m >= result.total_m
    assert result.greedy.unplaced == 0
    assert np.bincount(result.grid, minlength=25).max() <= 16


def test_the_farthest_way_is_the_least_possible_to_the_metre():
    random = np.random.default_rng(7)
    distance_m = straight_lines(random.random((60, 2)) * 2000, random.random((6, 2)) * 2000)
    problem = Problem(distance_m, np.full(6, 10))
    fair = solve(problem, params=Params(minimise_farthest=True))
    assert fair.farthest_m <= solve(problem).farthest_m
    assert fair.gap_m == 0
    assert solve(problem, params=Params(farthest_m=fair.farthest_m - 1)).certificates


def test_nobody_moves_for_less_than_a_change_is_worth():
    distance_m = np.array([[100.0, 40.0], [40.0, 100.0]])
    problem = Problem(distance_m, np.array([1, 1]), present=np.array([0, 1]))
    assert solve(problem, params=Params(change_m=61)).moved.size == 0
    assert solve(problem, params=Params(change_m=59)).moved.tolist() == [0, 1]


def test_a_reserve_keeps_whom_no_grid_needs():
    distance_m = np.array([[10.0], [20.0], [900.0]])
    result = solve(Problem(distance_m, np.array([2])), params=Params(unplaced_m=500))
    assert result.grid.tolist() == [0, 0, -1]
    assert result.cost_m == 530
    assert result.certificates == ()


def test_short_of_seats_leaves_as_few_as_possible_and_says_who_is_confined():
    result = solve(Problem(np.ones((5, 2)), np.array([2, 1])))
    (certificate,) = result.certificates
    assert certificate.code == "confined"
    assert (certificate.facts["staff"], certificate.facts["seats"]) == (5, 3)
    assert (result.grid < 0).sum() == 2


def test_a_worker_without_any_way_is_named():
    distance_m = np.array([[1.0, 2.0], [np.inf, np.inf]])
    result = solve(Problem(distance_m, np.array([1, 1])))
    assert result.grid.tolist() == [0, -1]
    assert result.certificates[0].facts["workers"] == (1,)


def test_a_fixed_pair_may_be_farther_than_the_bound():
    distance_m = np.array([[900.0, 10.0], [10.0, 900.0]])
    result = solve(Problem(distance_m, np.array([2, 2]), fixed=np.array([[0, 0]])), params=Params(farthest_m=50))
    assert result.grid.tolist() == [0, 0]


def test_stopped_at_once_it_is_nearest_first_with_a_bound():
    random = np.random.default_rng(3)
    distance_m = straight_lines(random.random((300, 2)), random.random((10, 2)))
    result = solve(Problem(distance_m, np.full(10, 30)), stop=Stop(rounds=0))
    assert result.certificates[0].code == "interrupted"
    assert result.grid.tolist() == result.greedy.grid.tolist()
    assert 0 < result.bound_m <= result.cost_m


def test_a_sparse_table_leaves_out_impossible_pairs():
    distance_m = from_sparse(coo_array(([5.0, 6.0], ([0, 1], [0, 1])), shape=(2, 2)))
    assert solve(Problem(distance_m, np.array([1, 1]))).grid.tolist() == [0, 1]


TWO = np.array([[1.0, 2.0], [3.0, 4.0]])
ONE_EACH = np.array([1, 1])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("nobody_or_nowhere", Problem(np.zeros((0, 2)), ONE_EACH)),
        ("nobody_or_nowhere", Problem(np.zeros((2, 0)), np.zeros(0, np.int64))),
        ("not_a_number", Problem(np.array([[1.0, np.nan]]), ONE_EACH)),
        ("distance_out_of_range", Problem(-TWO, ONE_EACH)),
        ("distance_out_of_range", Problem(TWO * 1e6, ONE_EACH)),
        ("wrong_shape", Problem(TWO, np.array([1]))),
        ("bounds_contradict", Problem(TWO, ONE_EACH, lowest=np.array([2, 0]))),
        ("bounds_contradict", Problem(TWO, ONE_EACH, lowest=np.array([-1, 0]))),
        ("fixed_twice", Problem(TWO, ONE_EACH, fixed=np.array([[0, 0], [0, 1]]))),
        ("fixed_twice", Problem(TWO, ONE_EACH, fixed=np.array([[0, 0], [0, 0]]))),
        ("fixed_and_forbidden", Problem(TWO, ONE_EACH, fixed=np.array([[0, 0]]), forbidden=np.array([[0, 0]]))),
        ("fixed_without_way", Problem(np.array([[np.inf, 1.0]]), ONE_EACH, fixed=np.array([[0, 0]]))),
        ("pair_out_of_range", Problem(TWO, ONE_EACH, forbidden=np.array([[2, 0]]))),
        ("present_out_of_range", Problem(TWO, ONE_EACH, present=np.array([0, 2]))),
        ("wrong_shape", Problem(TWO, ONE_EACH, present=np.array([0]))),
    ],
)
def test_bad_arrays_are_refused(code, problem):
    with pytest.raises(BadProblem) as refusal:
        solve(problem)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("bad_weight", Params(change_m=-1)),
        ("bad_weight", Params(unplaced_m=float("nan"))),
        ("fairness_with_reserve", Params(unplaced_m=1, minimise_farthest=True)),
    ],
)
def test_bad_weights_are_refused(code, params):
    with pytest.raises(BadProblem) as refusal:
        solve(Problem(TWO, ONE_EACH), params=params)
    assert refusal.value.code == code


def test_positions_that_are_not_numbers_are_refused():
    with pytest.raises(BadProblem) as refusal:
        straight_lines(np.array([[0.0, np.inf]]), np.zeros((1, 2)))
    assert refusal.value.code == "not_a_number"


@settings(max_examples=80, deadline=None)
@given(small_problems(), st.integers(0, 12))
def test_a_shorter_bound_from_known_prices_is_as_cheap_as_from_nothing(problem, farthest):
    distance = permitted(problem)
    bounds = seats(problem, Params())
    before = cheapest(distance, *bounds, None)
    cost = within(distance, problem, quanta(farthest))
    cold = cheapest(cost, *bounds, None, whole=False)
    if before.certificates:
        return
    warm = cheapest(cost, *bounds, None, warm=before, whole=False)
    assert bool(warm.certificates) == bool(cold.certificates)
    if not cold.certificates:
        assert warm.bound_m == cold.bound_m
        assert cost[np.arange(len(cost)), warm.grid].sum() * QUANTUM_M == warm.bound_m
