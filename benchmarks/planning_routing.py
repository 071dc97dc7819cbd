"""Worker-days of 40 visits on a real walking network beside the best that long runs find, and Solomon's RC208.

60 days unless `MULIN_DAYS` says otherwise (500 for the whole table, about 20 minutes, nearly all of it the rivals').
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.planning_rows import Row, peak_memory_mb
from benchmarks.planning_walks import along_streets, load_network
from mulin.kernels.network.distances import distances_m
from mulin.kernels.network.snapping import snap
from mulin.kernels.routing.problem import UNREACHABLE, Params, Problem, Shift, Visits
from mulin.kernels.routing.solve import solve
from mulin.kernels.stop import Stop

VISITS, SERVICE_S, WINDOW_S, SPEED_M_PER_S = 40, 480, 7_200, 1.2
BEGINS_S, ENDS_S = 30_600, 63_000
FULL = Stop(rounds=10**9)
SAMPLE = 12
RC208_BEST = 7_761


@dataclass(frozen=True)
class Day:
    """What each way of solving gives: visits left out and walking, or nothing where it was not run."""

    ours: tuple[int, int]
    seconds: float
    short: tuple[int, int]
    known: list[tuple[int, int]]

    @property
    def best(self) -> tuple[int, int]:
        return min([self.ours, self.short, *self.known])


def rows(data: Path) -> Iterator[Row]:
    problems, matrix_s = make_days(data, int(os.environ.get("MULIN_DAYS", "60")))
    solve(problems[0], stop=FULL)
    days = [_measure(problem, long=number < SAMPLE) for number, problem in enumerate(problems)]
    memory, name = peak_memory_mb(), f"routing {len(days)} days × {VISITS}"
    kept = [day for day in days if day.best[0] == 0]
    ours = float(np.mean([day.ours[1] / day.best[1] - 1 for day in kept if day.ours[0] == 0]))
    short = float(np.mean([day.short[1] / day.best[1] - 1 for day in kept if day.short[0] == 0]))
    found, found_short = (sum(pair[0] == 0 for pair in column) for column in _columns(days))
    note = f"all visits kept on {found} days, PyVRP {found_short}, anybody {len(kept)}; best of 5 × rounds, PyVRP 2 s"
    yield Row(f"{name}: gap to the best known", f"{100 * ours:.2f} %", "0 %", ours, 0.003, memory, note)
    worse = max(ours, 1e-9) / max(short, 1e-9)
    yield Row(f"{name}: gap beside PyVRP 0.1 s", f"{100 * ours:.2f} %", f"{100 * short:.2f} %", worse, 1.0, memory)
    seconds = float(np.mean([day.seconds for day in days]))
    note = f"slowest {max(day.seconds for day in days):.2f} s; matrices {1000 * matrix_s / len(days):.0f} ms a day"
    yield Row(f"{name}: CPU s a day", f"{seconds:.3f} s", "0.15 s", seconds / 0.15, 1.0, memory, note)
    yield _solomon(data)
    yield _week(problems)


def _columns(days: list[Day]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    return [day.ours for day in days], [day.short for day in days]


def make_days(data: Path, count: int) -> tuple[list[Problem], float]:
    """Days in patches of streets, and the seconds their matrices took."""
    network, rng = load_network(data), np.random.default_rng(5)
    homes = along_streets(network, 40_000, 6)
    snapped, problems, seconds = snap(network, homes), [], 0.0
    distances_m(network, snapped.take(np.arange(2)))
    for _ in range(count):
        apart = np.hypot(*(homes - homes[rng.integers(len(homes))]).T)
        picked = rng.choice(np.argsort(apart)[: rng.integers(120, 450)], VISITS + 1, replace=False)
        begun = time.perf_counter()
        metres = distances_m(network, snapped.take(picked))
        seconds += time.perf_counter() - begun
        problems.append(_day(metres, rng))
    return problems, seconds


def _day(metres: NDArray[np.float64], rng: np.random.Generator) -> Problem:
    travel = np.where(np.isfinite(metres), np.round(metres / SPEED_M_PER_S), UNREACHABLE).astype(np.int64)
    early, late = np.full(VISITS, BEGINS_S), np.full(VISITS, ENDS_S)
    window = rng.random(VISITS) < 0.4
    early[window] = rng.integers(BEGINS_S, ENDS_S - WINDOW_S, int(window.sum()))
    late[window] = early[window] + WINDOW_S
    visits = Visits(np.arange(1, VISITS + 1), np.full(VISITS, SERVICE_S), early, late)
    return Problem(travel, visits, (Shift(0, 0, BEGINS_S, ENDS_S),))


def _measure(problem: Problem, *, long: bool) -> Day:
    begun = time.process_time()
    ours = _value(solve(problem, stop=FULL, seed=1))
    seconds = time.process_time() - begun
    only, begun = Params(solver="pyvrp", own_rounds=0, pyvrp_rounds=10**6), time.process_time()
    tenth = Stop(asked=lambda: time.process_time() - begun > 0.1)
    short = _value(solve(problem, stop=tenth, seed=1, params=only))
    own = Params(own_rounds=100_000, pyvrp_rounds=600)
    known = [_value(solve(problem, stop=FULL, seed=2, params=own))]
    if long:
        known.append(_value(solve(problem, stop=Stop(seconds=2.0), seed=3, params=only)))
    return Day(ours, seconds, short, known)


def _value(result: object) -> tuple[int, int]:
    from mulin.kernels.routing.result import Result

    assert isinstance(result, Result)
    return len(result.left_out), result.walk_s


def _solomon(data: Path) -> Row:
    """RC208 with one decimal, as the best known value is counted: shifts are its vehicles."""
    lines = (data / "RC208.vrp").read_text().split("\n")
    xy, windows = (_section(lines, name)[:, 1:] for name in ("NODE_COORD_SECTION", "TIME_WINDOW_SECTION"))
    travel = np.floor(10 * np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))).astype(np.int64)
    early, late = (10 * windows[1:]).astype(np.int64).T
    customers = len(xy) - 1
    visits = Visits(np.arange(1, customers + 1), np.full(customers, 100), early.copy(), late.copy())
    problem = Problem(travel, visits, (Shift(0, 0, 0, int(10 * windows[0, 1])),) * 25)
    result = solve(problem, stop=Stop(seconds=20), seed=1, params=Params(own_rounds=300_000, pyvrp_rounds=10**6))
    gap, best = result.walk_s / RC208_BEST - 1, f"{RC208_BEST / 10:.1f}"
    note = f"{sum(len(route.visits) > 0 for route in result.routes)} routes, {len(result.left_out)} left out, 20 s"
    return Row("RC208: over the best known", f"{result.walk_s / 10:.1f}", best, gap, 0.003, peak_memory_mb(), note)


def _section(lines: list[str], name: str) -> NDArray[np.float64]:
    begin = next(number for number, line in enumerate(lines) if line.startswith(name)) + 1
    table = []
    for line in lines[begin:]:
        if not line.strip() or not line.strip()[0].isdigit():
            break
        table.append([float(word) for word in line.split()])
    return np.array(table)


def _week(problems: list[Problem]) -> Row:
    """Five days' visits of one patch spread over a week, some due early, beside ten times the search."""
    one = problems[0]
    rng, count = np.random.default_rng(1), 3 * VISITS
    visits = Visits(
        rng.integers(1, VISITS + 1, count),
        np.full(count, SERVICE_S),
        allowed=np.arange(5) < rng.integers(1, 6, count)[:, None],
    )
    week = Problem(one.travel_s, visits, one.shifts * 5)
    begun = time.perf_counter()
    result = solve(week, stop=FULL, seed=1)
    seconds = time.perf_counter() - begun
    best = solve(week, stop=FULL, seed=2, params=Params(own_rounds=5_000 * count, pyvrp_rounds=30 * count))
    gap = result.walk_s / min(best.walk_s, result.walk_s) - 1
    note = f"{count} visits with due dates on 5 days in {seconds:.1f} s, {len(result.left_out)} left out"
    ours, theirs = f"{result.walk_s:,} s", f"{best.walk_s:,} s"
    return Row("a week: over ten times the search", ours, theirs, gap, 0.02, peak_memory_mb(), note)
