"""A year of change: how many households get a new grid, ours beside METIS run again and relabelled."""

import dataclasses
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.planning_clock import ProcessorStop, timed
from benchmarks.planning_data import instance
from benchmarks.planning_rivals import matched, metis
from benchmarks.planning_rows import Row, peak_memory_mb
from benchmarks.towns import town
from mulin.kernels.partition import Params, Problem, broken_rules, figures, solve
from mulin.kernels.partition.problem import Integers
from mulin.kernels.stop import Stop

TARGET = 1 / 8
SECONDS = 5.0
CHANGED, DEMOLISHED, BUILT = 0.03, 0.005, 0.005
LARGEST_BUILDING = 250


def a_year_later(problem: Problem, present: Integers, seed: int) -> Problem:
    """3 % of the buildings ±30 %, 0.5 % demolished (empty), 0.5 % replaced by a new block of 60–200 households."""
    draws = np.random.default_rng(seed)
    households = problem.households.copy()
    fate = draws.random(len(households))
    grown = fate < CHANGED
    households[grown] = np.round(households[grown] * draws.uniform(0.7, 1.3, int(grown.sum())))
    households[(fate >= CHANGED) & (fate < CHANGED + DEMOLISHED)] = 0
    built = (fate >= CHANGED + DEMOLISHED) & (fate < CHANGED + DEMOLISHED + BUILT)
    households[built] = draws.integers(60, 201, int(built.sum()))
    today = np.where(built, -1, present).astype(np.int64)
    return dataclasses.replace(
        problem, households=np.minimum(households, max(LARGEST_BUILDING, problem.households.max())), present=today
    )


def _compile() -> None:
    """Compile before anything is timed: a plan, and one that starts from it."""
    small = town(1, buildings=3_000)
    today = solve(small, stop=Stop(rounds=2)).grid
    solve(dataclasses.replace(small, households=small.households + 9, present=today), stop=Stop(rounds=2))


def rows(data: Path) -> Iterator[Row]:
    """One row for each instance."""
    params = Params()
    _compile()
    for name in ("nanshan", "hdb", "nyc20"):
        problem = instance(data, name)
        before = solve(problem, stop=ProcessorStop(seconds=SECONDS))
        later = a_year_later(problem, before.grid, 1)
        bad = len(broken_rules(later, before.grid))
        ours, took = timed(partial(solve, later, stop=ProcessorStop(seconds=SECONDS)))
        again, _ = metis(later, ours.figures.grids)
        rival = figures(later, matched(later, again), params)
        total = int(later.households.sum())
        yield Row(
            f"{name}: changed households",
            f"{ours.figures.changed / total:.2%}, {len(ours.unexplained)} bad ({len(ours.certificates)} proved)",
            f"{rival.changed / total:.2%}, {rival.outside + rival.broken} bad",
            ours.figures.changed / rival.changed,
            TARGET,
            peak_memory_mb(),
            f"bad before {bad} of {before.figures.grids}; cut {ours.figures.cut:.0f} beside {rival.cut:.0f}; "
            f"{took:.1f} s",
        )
