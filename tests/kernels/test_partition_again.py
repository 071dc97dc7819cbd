"""The partition drawn again from today's plan: nothing changes without need, and what changes is told."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.towns import renumbered, town
from mulin.kernels.partition import Bounds, Params, solve
from mulin.kernels.stop import Stop
from tests.kernels.partition_towns import broken, districts, outside

SHORT = Stop(rounds=3)


def violation(problem, grid):
    bad = [int(problem.households[list(inside)].sum()) for inside in outside(problem, grid).values()]
    low, high = problem.bounds.lowest, problem.bounds.highest
    return len(bad), sum(max(low - households, households - high) for households in bad)


@settings(max_examples=40, deadline=None)
@given(districts(), st.integers(0, 100))
def test_an_unchanged_town_keeps_every_grid(problem, seed):
    today = solve(problem, stop=SHORT).grid + 70
    again = solve(dataclasses.replace(problem, present=today), stop=SHORT, seed=seed)
    if not outside(problem, today):
        assert np.array_equal(again.grid, today)
        assert (again.moved.size, again.figures.changed) == (0, 0)
    elif again.moved.size:
        assert violation(problem, again.grid) < violation(problem, today)


@settings(max_examples=30, deadline=None)
@given(districts(), st.integers(0, 1000))
def test_after_a_year_of_change_the_plan_is_lawful_and_says_who_moved(problem, seed):
    today = solve(problem, stop=SHORT).grid
    draws = np.random.default_rng(seed)
    grown = draws.random(len(today)) < 0.15
    households = np.where(grown, problem.households * 2 + 10, problem.households)
    present = np.where(draws.random(len(today)) < 0.05, -1, today)
    later = dataclasses.replace(problem, households=households, present=present)
    result = solve(later, stop=SHORT)
    assert broken(later, result.grid) == []
    moved = np.flatnonzero((present >= 0) & (present != result.grid))
    assert np.array_equal(result.moved, moved)
    assert result.figures.changed == households[moved].sum()
    assert result.figures.outside == len(result.certificates) + len(result.unexplained)


@settings(max_examples=15, deadline=None)
@given(districts(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_a_redrawn_plan_does_not_depend_on_how_the_buildings_are_listed(problem, seed, random):
    today = np.random.default_rng(seed).integers(0, 5, len(problem.households))
    problem = dataclasses.replace(problem, present=today, bounds=Bounds(250, 500))
    order = np.array(random.sample(range(len(today)), len(today)), np.int64)
    plan = solve(problem, stop=SHORT, seed=seed).grid
    assert np.array_equal(solve(renumbered(problem, order), stop=SHORT, seed=seed).grid, plan[order])


def test_far_from_a_new_block_nothing_moves():
    problem = town(4, buildings=900, mean_households=40.0)
    today = solve(problem, stop=Stop(rounds=20)).grid
    households = problem.households.copy()
    corner = int(np.argmin(problem.xy.sum(axis=1)))
    households[corner] += 450
    later = dataclasses.replace(problem, households=households, present=today, bounds=Bounds(300, 500))
    result = solve(later, stop=Stop(rounds=20))
    distance_m = np.linalg.norm(problem.xy[result.moved] - problem.xy[corner], axis=1)
    assert result.moved.size
    assert distance_m.max() < 400.0
    assert result.unexplained == ()


def test_the_more_a_change_costs_the_fewer_households_move():
    problem = town(6, buildings=600, mean_households=40.0)
    today = solve(problem, stop=Stop(rounds=10)).grid
    grown = np.where(np.arange(600) % 9 == 0, problem.households + 40, problem.households)
    later = dataclasses.replace(problem, households=grown, present=today)
    free, cheap, dear = (
        solve(later, stop=Stop(rounds=40), params=Params(change=change)).figures.changed for change in (0.0, 0.3, 10.0)
    )
    assert dear <= cheap < free / 3


@pytest.mark.parametrize("number", [0, 17])
def test_grids_that_live_on_keep_their_numbers_and_new_ones_come_after(number):
    problem = town(8, buildings=200, mean_households=40.0)
    today = solve(problem, stop=Stop(rounds=10)).grid * 3 + number
    later = dataclasses.replace(problem, households=problem.households * 2, present=today)
    grid = solve(later, stop=Stop(rounds=10)).grid
    new = np.setdiff1d(grid, today)
    assert new.size
    assert new.tolist() == list(range(today.max() + 1, today.max() + 1 + new.size))


def test_a_grid_in_two_parts_is_mended():
    problem = town(9, buildings=200, mean_households=40.0)
    today = solve(problem, stop=Stop(rounds=10)).grid
    west, east = int(np.argmin(problem.xy[:, 0])), int(np.argmax(problem.xy[:, 0]))
    today[east] = today[west]
    later = dataclasses.replace(problem, present=today)
    result = solve(later, stop=Stop(rounds=10))
    assert broken(later, result.grid) == []
    assert result.moved.tolist() == [east]


def test_an_interrupted_redrawing_is_a_lawful_plan():
    problem = town(10, buildings=300, mean_households=40.0)
    today = solve(problem, stop=Stop(rounds=10)).grid
    later = dataclasses.replace(problem, households=problem.households + 5, present=today)
    result = solve(later, stop=Stop(asked=lambda: True))
    assert broken(later, result.grid) == []
    assert result.rounds == 0
