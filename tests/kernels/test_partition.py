"""The partition: every rule at every moment, the best plan of a small town, the same plan for the same seed."""

import dataclasses
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.towns import renumbered, town
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition import Bounds, Params, Progress, broken_rules, figures, solve, split_by_entrances
from mulin.kernels.stop import Stop
from tests.kernels.partition_towns import (
    broken,
    can_be_lawful,
    districts,
    hamlets,
    islands,
    least_cut,
    members,
    outside,
    with_wishes,
)

SHORT = Stop(rounds=3)
WEIGHTS = st.sampled_from(
    [
        Params(),
        Params(balance=300.0),
        Params(compactness=0.1),
        Params(straddling=60.0),
        Params(cut=(3.0, 2.0, 0.0), balance=100.0, compactness=0.05, straddling=20.0),
    ]
)


@settings(max_examples=60, deadline=None)
@given(districts(), WEIGHTS, st.integers(0, 100))
def test_every_building_has_one_grid_that_keeps_every_rule_or_is_explained(problem, params, seed):
    result = solve(problem, stop=SHORT, seed=seed, params=params)
    assert broken(problem, result.grid) == []
    bad = outside(problem, result.grid)
    assert result.figures.outside == len(bad) == len(result.certificates) + len(result.unexplained)
    explained = {b for certificate in result.certificates for b in certificate.buildings}
    assert all(number in result.unexplained or inside & explained for number, inside in bad.items())


@settings(max_examples=120, deadline=None)
@given(hamlets())
def test_in_a_hamlet_no_lawful_plan_is_missed_and_none_is_cheaper(problem):
    result = solve(problem, stop=Stop(rounds=4))
    for island in islands(problem):
        bad = [inside for inside in outside(problem, result.grid).values() if inside <= island]
        assert bool(bad) != can_be_lawful(problem, island)
    best = least_cut(problem)
    assert best is None or result.figures.cut == best


@settings(max_examples=120, deadline=None)
@given(hamlets(), st.integers(0, 4), st.integers(0, 4))
def test_fixed_pieces_and_forbidden_pairs_are_kept(problem, pieces, apart):
    problem = with_wishes(problem, pieces, apart)
    result = solve(problem, stop=SHORT)
    assert broken(problem, result.grid) == []
    assert bool(result.figures.outside) or can_be_lawful(problem, range(len(problem.households)))


@settings(max_examples=20, deadline=None)
@given(districts(), st.integers(0, 100))
def test_a_sealed_grid_is_left_alone_and_nobody_joins_it(problem, seed):
    before = solve(problem, stop=SHORT).grid
    locked = np.random.default_rng(seed).choice(np.unique(before), 1)
    piece = np.where(np.isin(before, locked), before, -1)
    later = dataclasses.replace(problem, piece=piece, sealed=locked, apart=None, bounds=Bounds(200, 420))
    after = solve(later, stop=SHORT)
    assert broken(later, after.grid) == []
    (whole,) = np.unique(after.grid[before == locked[0]])
    assert members(after.grid)[int(whole)] == members(before)[int(locked[0])]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rounds", [5, 40])
def test_communities_that_are_best_at_different_moments_share_no_grid(seed, rounds):
    problem = town(seed, buildings=400, block=2, superblock=1, community=2, bounds=Bounds(150, 450))
    shown: list[Progress] = []
    result = solve(problem, stop=Stop(rounds=rounds), seed=seed, watch=shown.append)
    assert len(np.unique(problem.community)) == 25
    assert [broken(problem, state.grid) for state in shown] == [[]] * len(shown)
    assert broken(problem, result.grid) == []


@settings(max_examples=25, deadline=None)
@given(districts(), WEIGHTS, st.integers(0, 100), st.randoms(use_true_random=False))
def test_the_plan_depends_on_the_seed_and_not_on_how_the_buildings_are_listed(problem, params, seed, random):
    order = np.array(random.sample(range(len(problem.households)), len(problem.households)), np.int64)
    shuffled = renumbered(problem, order)
    rows = np.array(random.sample(range(len(problem.edges)), len(problem.edges)), np.int64)
    turned = dataclasses.replace(shuffled, edges=shuffled.edges[rows][:, ::-1], barriers=shuffled.barriers[rows])
    plan = solve(problem, stop=SHORT, seed=seed, params=params)
    assert np.array_equal(solve(problem, stop=SHORT, seed=seed, params=params).grid, plan.grid)
    assert np.array_equal(solve(turned, stop=SHORT, seed=seed, params=params).grid, plan.grid[order])


@pytest.mark.parametrize("rounds", [0, 5])
def test_a_town_large_enough_to_be_seen_from_afar_first_keeps_the_rules_too(rounds):
    problem = with_wishes(town(12, buildings=2_500, community=2, river=True, mean_households=25.0), 40, 40)
    order = np.random.default_rng(1).permutation(len(problem.households))
    result = solve(problem, stop=Stop(rounds=rounds))
    assert broken(problem, result.grid) == []
    assert result.rounds == rounds
    assert len(outside(problem, result.grid)) == len(result.certificates) + len(result.unexplained)
    again = solve(renumbered(problem, order), stop=Stop(rounds=rounds))
    assert np.array_equal(again.grid, result.grid[order])


def test_another_seed_gives_another_plan_of_a_town_with_many():
    problem = town(3, buildings=300)
    assert len({solve(problem, stop=SHORT, seed=seed).grid.tobytes() for seed in range(3)}) == 3


def test_grids_are_numbered_from_west_to_east():
    problem = town(5, buildings=400)
    grid = solve(problem, stop=SHORT).grid
    west = [problem.xy[grid == number, 0].min() for number in range(grid.max() + 1)]
    assert west == sorted(west)


@settings(max_examples=15, deadline=None)
@given(districts(), st.integers(0, 12))
def test_an_interrupt_at_any_moment_leaves_the_last_plan(problem, calls):
    asked = itertools.count()
    seen: list[Progress] = []
    result = solve(problem, stop=Stop(asked=lambda: next(asked) >= calls), watch=seen.append)
    assert result.rounds <= calls
    assert all(broken(problem, progress.grid) == [] for progress in seen)
    assert np.array_equal(seen[-1].grid, result.grid)
    assert seen[-1].figures == result.figures


def test_every_state_shown_is_better_than_the_one_before(monkeypatch):
    monkeypatch.setattr("mulin.kernels.partition.run.WATCH_SECONDS", 0.0)
    seen: list[Progress] = []
    solve(town(7, buildings=500), stop=Stop(rounds=20), watch=seen.append)
    states = [(progress.figures.outside, progress.figures.cut) for progress in seen]
    assert len(states) == 22
    assert states == sorted(states, reverse=True)
    assert states[-1] < states[0]


@settings(max_examples=40, deadline=None)
@given(districts(), st.integers(1, 12), st.integers(0, 100))
def test_any_division_can_be_judged(problem, grids, seed):
    grid = np.random.default_rng(seed).integers(0, grids, len(problem.households))
    bent = broken_rules(problem, grid)
    bad = outside(problem, grid)
    assert {number for number, codes in bent.items() if {"below_bounds", "above_bounds"} & set(codes)} == set(bad)
    assert (not bent) == (not bad and not broken(problem, grid))
    assert figures(problem, grid, Params()).grids == len(members(grid))


def test_weights_have_their_effect():
    problem = town(11, buildings=600, superblock=2, mean_households=25.0)

    def total(figure, params):
        runs = [solve(problem, stop=Stop(rounds=40), seed=seed, params=params) for seed in (1, 2, 3)]
        return sum(getattr(run.figures, figure) for run in runs)

    assert total("balance_sd", Params(balance=300.0)) < total("balance_sd", Params())
    assert total("straddling", Params(straddling=60.0)) < total("straddling", Params())
    assert total("distance_m", Params(compactness=0.2)) < total("distance_m", Params())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=10), st.integers(1, 60))
def test_a_building_is_cut_along_its_entrances_into_the_fewest_and_most_even_parts(entrances, highest):
    parts = split_by_entrances(entrances, highest)
    if max(entrances) > highest or parts is None:
        assert parts is None
        assert max(entrances) > highest
        return
    assert [entrance for part in parts for entrance in part] == list(range(len(entrances)))
    totals = [sum(entrances[at] for at in part) for part in parts]
    fits = {
        (len(cuts) + 1, max(sum(entrances[a:b]) for a, b in itertools.pairwise((0, *cuts, len(entrances)))))
        for count in range(len(entrances))
        for cuts in itertools.combinations(range(1, len(entrances)), count)
    }
    assert (len(parts), max(totals)) == min(fit for fit in fits if fit[1] <= highest)


@pytest.mark.parametrize(("entrances", "highest"), [([], 10), ([5], 0), ([-1, 3], 10)])
def test_entrances_that_mean_nothing_are_refused(entrances, highest):
    with pytest.raises(BadProblem):
        split_by_entrances(entrances, highest)


def test_importing_the_kernel_compiles_nothing():
    code = "import sys, mulin.kernels.partition; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
