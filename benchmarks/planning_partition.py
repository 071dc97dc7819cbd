"""Grids beside METIS at the same number of grids: the first plan, at METIS' time, after ten seconds.

Seconds are processor seconds of one thread, for both.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.planning_child import in_child
from benchmarks.planning_clock import ProcessorStop, timed
from benchmarks.planning_data import instance, large
from benchmarks.planning_rivals import metis
from benchmarks.planning_rows import Row
from benchmarks.towns import town
from mulin.kernels.partition import Figures, Params, Problem, figures, solve
from mulin.kernels.stop import Stop

LARGE = "generated"
FIRST, LONG = ("nyc20", LARGE), ("nyc20", "hdb", "nanshan")
FIRST_TARGET, EQUAL_TARGET, SD_TARGET = 1 / 10, 1.0, 0.10
LONG_TARGETS = {"nyc20": 0.95, "hdb": 1.0, "nanshan": 1.0}
LONG_SECONDS = 10.0
EVEN = Params(balance=1_000.0)
TRIES, SEEDS = 5, (1, 2, 3)
COMPILING_ROUNDS = 20  # enough for the search to come by all its functions


@dataclass(frozen=True)
class Ours:
    """One run: figures, grids nothing explains, processor seconds with everything around the search."""

    figures: Figures
    unexplained: int
    certified: int
    seconds: float


@dataclass(frozen=True)
class Rival:
    """METIS at so many grids: the median of three seeds."""

    seconds: float
    cut: float
    faults: str


def rows(data: Path) -> Iterator[Row]:
    """Rows of the first plan, of equal time and of ten seconds."""
    for name in (*FIRST, *(other for other in LONG if other not in FIRST)):
        first, memory_mb = in_child(first_plan, data, name)
        rival = rival_at(data, name, first.figures.grids)
        if name in FIRST:
            yield Row(
                f"{name}: first plan, s", f"{first.seconds:.3f}", f"{rival.seconds:.3f}", first.seconds / rival.seconds,
                FIRST_TARGET, memory_mb, f"{_faults(first)}, METIS {rival.faults}",
            )  # fmt: skip
        ours, memory_mb = in_child(after, data, name, rival.seconds, Params())
        rival = rival_at(data, name, ours.figures.grids)
        yield _cut_row(f"{name}: cut at METIS' time", ours, rival, EQUAL_TARGET, memory_mb)
    for name in LONG:
        ours, memory_mb = in_child(after, data, name, LONG_SECONDS, Params())
        rival = rival_at(data, name, ours.figures.grids)
        yield _cut_row(f"{name}: cut at {LONG_SECONDS:.0f} s", ours, rival, LONG_TARGETS[name], memory_mb)
        even, memory_mb = in_child(after, data, name, LONG_SECONDS, EVEN)
        yield Row(
            f"{name}: balance sd, weighted", f"{even.figures.balance_sd:.3f}", "", even.figures.balance_sd, SD_TARGET,
            memory_mb, f"{_faults(even)}; cut {even.figures.cut:.0f}, without the weight {ours.figures.cut:.0f}",
        )  # fmt: skip


def _cut_row(name: str, ours: Ours, rival: Rival, target: float, memory_mb: float) -> Row:
    ratio = ours.figures.cut / rival.cut if ours.unexplained == 0 else math.inf  # what is not lawful meets no target
    note = f"{_faults(ours)}, {ours.seconds:.2f} s; METIS {rival.faults}, {rival.seconds:.2f} s"
    return Row(name, f"{ours.figures.cut:.0f}", f"{rival.cut:.0f}", ratio, target, memory_mb, note)


def _faults(ours: Ours) -> str:
    grids = ours.figures
    return f"{grids.grids} grids, {grids.broken} broken, {grids.outside} outside ({ours.unexplained} unexplained)"


@functools.cache
def problem_of(data: Path, name: str) -> Problem:
    return large() if name == LARGE else instance(data, name)


def first_plan(data: Path, name: str) -> Ours:
    """The quickest of some runs; the first of all compiles."""
    problem = problem_of(data, name)
    return min((_measured(problem, 0.0, Params()) for _ in range(TRIES)), key=lambda run: run.seconds)


def after(data: Path, name: str, seconds: float, params: Params) -> Ours:
    """One run of so many seconds, certificates and measures included, after one that compiles."""
    solve(town(1, buildings=3_000), stop=Stop(rounds=COMPILING_ROUNDS), params=params)
    return _measured(problem_of(data, name), seconds, params)


def _measured(problem: Problem, seconds: float, params: Params) -> Ours:
    result, took = timed(lambda: solve(problem, stop=ProcessorStop(seconds=seconds), params=params))
    return Ours(result.figures, len(result.unexplained), len(result.certificates), took)


@functools.cache
def rival_at(data: Path, name: str, grids: int) -> Rival:
    problem = problem_of(data, name)
    runs = [metis(problem, grids, seed) for seed in SEEDS]
    known = [figures(problem, grid, Params()) for grid, _ in runs]
    worst = max(known, key=lambda one: one.outside)
    return Rival(
        median(seconds for _, seconds in runs),
        median(one.cut for one in known),
        f"{worst.outside} outside, {max(one.broken for one in known)} broken",
    )
