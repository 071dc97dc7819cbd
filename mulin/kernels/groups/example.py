"""Two blocks of flats: every compiled function of the kernel runs once."""

import numpy as np

from mulin.kernels.groups.problem import Params, Problem
from mulin.kernels.groups.solve import solve

FLATS, ENTRANCES = 96, 8


def run() -> None:
    """Divide them, and divide them anew from the groups there are."""
    flat, entrance = np.arange(FLATS), np.arange(ENTRANCES)
    problem = Problem(
        entrance=flat % ENTRANCES,
        floor=flat // ENTRANCES // 2,
        door=flat // ENTRANCES % 2,
        building=entrance // 4,
        area=np.zeros(ENTRANCES, np.int64),
        xy=np.column_stack([20.0 * entrance, entrance % 2]),
        present=np.where(flat % 5, flat // 12, -1),
    )
    solve(problem, params=Params(join_within_m=50.0))
