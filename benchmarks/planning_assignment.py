"""15,000 staff and 556 grids beside scipy's assignment with every column repeated once per seat."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from benchmarks.planning_rows import Row, peak_memory_mb
from mulin.kernels.assignment.distances import straight_lines
from mulin.kernels.assignment.problem import QUANTUM_M, Params, Problem
from mulin.kernels.assignment.solve import solve

STAFF, GRIDS, SEATS = 15_000, 556, 27
HOME_SPREAD_M = 15.0
Coordinates = NDArray[np.float64]


def rows(data: Path) -> Iterator[Row]:
    """Ours twice (the second run counts, the first compiles), then scipy on the same rounded distances."""
    staff_xy, grid_xy = town(data)
    distance_m = straight_lines(staff_xy, grid_xy)
    problem = Problem(distance_m, np.full(GRIDS, SEATS))
    compile_s = _seconds(lambda: solve(Problem(distance_m[:50], np.full(GRIDS, SEATS))))
    ours = min((solve(problem) for _ in range(3)), key=lambda result: result.seconds)
    memory_mb = peak_memory_mb()
    fair = solve(problem, params=Params(minimise_farthest=True))
    fair_mb = peak_memory_mb()
    scipy_s, scipy_m = scipy_run(distance_m)
    proof = f"gap {ours.gap_m:g} m, {(ours.total_m - scipy_m):g} m off scipy; first call {compile_s:.1f} s"
    yield Row(
        f"{STAFF} staff x {GRIDS} grids, s", f"{ours.seconds:.2f}", f"{scipy_s:.1f}", ours.seconds / scipy_s, 1 / 50,
        memory_mb, proof,
    )  # fmt: skip
    greedy = ours.greedy
    yield Row(
        "total km, nearest first", f"{ours.total_m / 1e3:.1f}", f"{greedy.total_m / 1e3:.1f}",
        ours.total_m / greedy.total_m, 1.0, memory_mb,
        f"farthest {ours.farthest_m:.0f} m, nearest first {greedy.farthest_m:.0f} m",
    )  # fmt: skip
    yield Row(
        "farthest m, fairest", f"{fair.farthest_m:.0f}", f"{ours.farthest_m:.0f}", fair.farthest_m / ours.farthest_m,
        1.0, fair_mb, f"total {fair.total_m / 1e3:.1f} km, {fair.seconds:.1f} s",
    )  # fmt: skip


def town(data: Path, seed: int = 1) -> tuple[Coordinates, Coordinates]:
    """Homes drawn around the buildings of nanshan by households; grid centres by a few rounds of means."""
    table = parquet.read_table(data / "nanshan_buildings.parquet")
    xy = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
    households = table["hh"].to_numpy().astype(np.float64)
    random = np.random.default_rng(seed)
    share = households / households.sum()
    centres = xy[random.choice(len(xy), GRIDS, replace=False, p=share)]
    for _ in range(15):
        nearest = cKDTree(centres).query(xy)[1]
        weight = np.bincount(nearest, households, GRIDS) + 1e-9
        centres = np.column_stack([np.bincount(nearest, households * axis, GRIDS) / weight for axis in xy.T])
    homes = xy[random.choice(len(xy), STAFF, p=share)] + random.normal(0, HOME_SPREAD_M, (STAFF, 2))
    return homes, centres


def scipy_run(distance_m: Coordinates) -> tuple[float, float]:
    """Seconds and total of scipy's exact answer."""
    repeated = np.repeat(np.rint(distance_m / QUANTUM_M) * QUANTUM_M, SEATS, axis=1)
    started = time.perf_counter()
    workers, seats = linear_sum_assignment(repeated)
    return time.perf_counter() - started, float(repeated[workers, seats].sum())


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
