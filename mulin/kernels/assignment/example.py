"""A handful of people and grids: every compiled function of the kernel runs once."""

from dataclasses import replace

import numpy as np

from mulin.kernels.assignment.problem import Params, Problem
from mulin.kernels.assignment.solve import solve

STAFF, GRIDS = 8, 3


def run() -> None:
    """Everybody near the first grid, which takes two; then the fairest; then more people than seats."""
    distance = np.add.outer(np.arange(STAFF), 100.0 * np.arange(1, GRIDS + 1)).astype(np.float64)
    seats = np.array([2, 3, 4])
    problem = Problem(
        distance, seats, lowest=np.array([1, 2, 1]), fixed=np.array([[0, 2]]), forbidden=np.array([[1, 0]]),
        present=np.arange(STAFF) % GRIDS,
    )  # fmt: skip
    solve(problem, params=Params(change_m=10.0, unplaced_m=1_000.0))
    solve(problem, params=Params(minimise_farthest=True))
    solve(replace(problem, highest=np.array([2, 2, 2])))
