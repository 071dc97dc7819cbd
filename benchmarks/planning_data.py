"""The instances of the planning benchmark as problems of the partition."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.towns import town
from mulin.kernels.partition.problem import Integers, Problem

LARGE_BUILDINGS = 100_000


def instance(data: Path, name: str) -> Problem:
    """hdb, nanshan or nyc20 as one community: the rivals know none."""
    buildings = pd.read_parquet(data / f"{name}_buildings.parquet")
    edges = pd.read_parquet(data / f"{name}_edges.parquet")
    return Problem(
        households=buildings.hh.to_numpy(np.int64),
        xy=np.ascontiguousarray(buildings[["x", "y"]], np.float64),
        edges=np.ascontiguousarray(edges[["u", "v"]], np.int64),
        barriers=edges.cls.to_numpy(np.int64),
        community=np.zeros(len(buildings), np.int64),
    )


def large() -> Problem:
    """A generated town of 100,000 buildings."""
    return town(1, buildings=LARGE_BUILDINGS, mean_households=25.0)


def ball(problem: Problem, centre: int, size: int) -> Problem:
    """The nearest buildings around one, by steps, as a community of their own."""
    inside = _nearest(problem, centre, size)
    new = np.full(len(problem.households), -1, np.int64)
    new[inside] = np.arange(len(inside))
    edges = new[problem.edges]
    kept = (edges >= 0).all(axis=1)
    return Problem(
        households=problem.households[inside],
        xy=problem.xy[inside],
        edges=edges[kept],
        barriers=problem.barriers[kept],
        community=np.zeros(len(inside), np.int64),
    )


def _nearest(problem: Problem, centre: int, size: int) -> Integers:
    rows = np.concatenate((problem.edges, problem.edges[:, ::-1]))
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    start = np.searchsorted(rows[:, 0], np.arange(len(problem.households) + 1))
    listed, seen = [centre], {centre}
    for building in listed:
        for other in rows[start[building] : start[building + 1], 1].tolist():
            if other not in seen and len(listed) < size:
                seen.add(other)
                listed.append(other)
    return np.array(listed, np.int64)
