"""Doors and facilities on a few crossroads: every compiled function of the kernel runs once."""

import numpy as np

from mulin.kernels.access.live import LiveAccess
from mulin.kernels.access.problem import Problem
from mulin.kernels.access.solve import solve
from mulin.kernels.network.example import places, streets
from mulin.kernels.stop import Stop


def run() -> None:
    network = streets()
    problem = Problem(network, places(network, 9), places(network, 4), np.array([0, 1, 0, 1]), 2)
    solve(problem, stop=Stop(rounds=2))
    live = LiveAccess(problem)
    live.would_add(places(network, 1), 0)
    live.remove(0)
