import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulin.kernels.access.live import LiveAccess
from mulin.kernels.access.problem import Params, Problem
from mulin.kernels.access.scoring import score
from mulin.kernels.access.solve import solve
from mulin.kernels.facts import BadProblem
from mulin.kernels.network.snapping import snap
from mulin.kernels.stop import Stop
from tests.kernels.streets import exact_distances, spots, town

WALK = Params(speed_m_per_s=0.5)  # 150, 300 and 450 m
ALL = Stop(rounds=1000)
seeds = st.integers(0, 10_000)


def circle_of(seed: int, buildings: int = 30, facilities: int = 8, kinds: int = 3) -> Problem:
    network, rng = town(seed), np.random.default_rng(seed)
    return Problem(
        network,
        snap(network, spots(seed, buildings)),
        snap(network, spots(seed + 1, facilities)),
        rng.integers(0, kinds, facilities),
        kinds,
    )


def exact(problem: Problem, bound: float) -> np.ndarray:
    both = [getattr(problem.buildings, name) for name in problem.buildings.__dataclass_fields__]
    more = [getattr(problem.facilities, name) for name in problem.facilities.__dataclass_fields__]
    places = type(problem.buildings)(*(np.concatenate(pair) for pair in zip(both, more, strict=True)))
    b = len(problem.buildings)
    far = exact_distances(problem.network, places)[:b, b:]
    nearest = [far[:, problem.kind == kind].min(axis=1, initial=np.inf) for kind in range(problem.kinds)]
    return np.where(np.array(nearest) <= bound, nearest, np.inf)


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_distances_and_bands_equal_exact_dijkstra(seed):
    problem = circle_of(seed)
    result = solve(problem, stop=ALL, params=WALK)
    wanted = exact(problem, WALK.limits_m[-1])
    np.testing.assert_allclose(result.distance_m, wanted, rtol=1e-6, atol=1e-3)
    np.testing.assert_array_equal(result.within(1), wanted <= WALK.limits_m[1])
    assert result.complete


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_threads_do_not_change_the_answer(seed):
    problem = circle_of(seed)
    one = solve(problem, stop=ALL, params=WALK)
    two = solve(problem, stop=ALL, params=Params(speed_m_per_s=0.5, threads=2))
    np.testing.assert_array_equal(one.distance_m, two.distance_m)


def test_a_kind_without_a_facility_is_out_of_reach_of_everybody():
    problem = circle_of(3, kinds=2)
    problem = Problem(problem.network, problem.buildings, problem.facilities, np.zeros(8, np.int64), 2)
    result = solve(problem, stop=ALL, params=WALK)
    assert np.isinf(result.distance_m[1]).all()
    assert (result.band[1] == 3).all()


def test_stopped_before_the_end_it_says_so():
    result = solve(circle_of(3), stop=Stop(rounds=1), params=WALK)
    assert not result.complete
    assert np.isinf(result.distance_m[1:]).all()
    assert np.isfinite(result.distance_m[0]).any()


@pytest.mark.parametrize(
    ("code", "kind", "minutes"),
    [
        ("kind_out_of_range", [0, 9], (5.0,)),
        ("wrong_shape", [0], (5.0,)),
        ("limits_contradict", [0, 1], (10.0, 5.0)),
        ("limits_contradict", [0, 1], ()),
        ("limits_contradict", [0, 1], (np.nan,)),
    ],
)
def test_bad_circles_are_refused(code, kind, minutes):
    whole = circle_of(1, facilities=2)
    problem = Problem(whole.network, whole.buildings, whole.facilities, np.array(kind), 3)
    with pytest.raises(BadProblem) as refusal:
        solve(problem, stop=ALL, params=Params(minutes=minutes))
    assert refusal.value.code == code


@settings(deadline=None, max_examples=25)
@given(seeds, st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=8))
def test_live_changes_equal_a_search_from_the_beginning(seed, steps):
    problem = circle_of(seed)
    live, sites = LiveAccess(problem, WALK), snap(problem.network, spots(seed + 2, 21))
    kind, still = list(problem.kind), list(range(len(problem.kind)))
    places = [problem.facilities.take(np.array([f])) for f in still]
    for opens, which in steps:
        before = live.distance_m.copy()
        if opens or not still:
            places.append(sites.take(np.array([which])))
            still.append(len(kind))
            kind.append(which % 3)
            change = live.add(places[-1], which % 3)
        else:
            change = live.remove(still.pop(which % len(still)))
        moved = np.flatnonzero(before[change.kind] != live.distance_m[change.kind])
        np.testing.assert_array_equal(change.buildings, moved)
    columns = [[getattr(places[f], name) for f in still] for name in places[0].__dataclass_fields__]
    facilities = (
        type(sites)(*(np.concatenate(column) for column in columns)) if still else sites.take(np.array([], int))
    )
    now = Problem(problem.network, problem.buildings, facilities, np.array([kind[f] for f in still], int), 3)
    np.testing.assert_allclose(live.distance_m, exact(now, WALK.limits_m[-1]), atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_asking_what_a_facility_would_do_leaves_everything_as_it_was(seed):
    problem = circle_of(seed)
    live, site = LiveAccess(problem, WALK), snap(problem.network, spots(seed + 2, 1))
    before = live.distance_m.copy()
    change = live.would_add(site, 1)
    np.testing.assert_allclose(live.distance_m, before, atol=1e-9)
    assert live.facilities == len(problem.kind)
    assert (change.after_m < change.before_m).all()


def test_a_closed_facility_cannot_be_closed_again():
    live = LiveAccess(circle_of(5), WALK)
    live.remove(0)
    with pytest.raises(BadProblem) as refusal:
        live.remove(0)
    assert refusal.value.code == "facility_not_open"


def test_the_score_counts_households_not_buildings():
    band = np.array([[0, 1, 3], [3, 3, 3]], dtype=np.uint8)
    circle = score(band, np.array([1, 2]), np.array([3.0, 1.0]), np.array([10.0, 20.0, 30.0]), np.array([0, 0, 1]), 3)
    np.testing.assert_array_equal(circle.covered, [[1.0, 0.0], [0.0, 0.0], [np.nan, np.nan]])
    np.testing.assert_array_equal(circle.score, [0.75, 0.0, np.nan])
    np.testing.assert_array_equal(circle.overall, [0.5, 0.0])


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("not_a_number", {"households": np.array([1.0, np.nan])}),
        ("negative", {"households": np.array([1.0, -1.0])}),
        ("grid_out_of_range", {"grid": np.array([0, 5])}),
        ("no_weight", {"weight": np.array([0.0])}),
        ("wrong_shape", {"limit": np.array([0, 1])}),
    ],
)
def test_bad_scores_are_refused(code, change):
    whole = {
        "band": np.zeros((1, 2), np.uint8), "limit": np.array([0]), "weight": np.array([1.0]),
        "households": np.array([1.0, 1.0]), "grid": np.array([0, 0]), "grids": 1,
    }  # fmt: skip
    with pytest.raises(BadProblem) as refusal:
        score(**(whole | change))
    assert refusal.value.code == code
