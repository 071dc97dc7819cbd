"""A few crossroads on which every compiled function of the kernel runs once."""

import numpy as np

from mulin.kernels.network.building import build
from mulin.kernels.network.distances import distances_m
from mulin.kernels.network.problem import Streets
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.network.snapping import snap

SIDE = 4


def run() -> None:
    network = streets()
    distances_m(network, places(network, 5))


def streets() -> Network:
    """Crossings 100 m apart, and a path that leads nowhere."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    right, down = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    edges = np.concatenate([np.column_stack([right, right + 1]), np.column_stack([down, down + SIDE])])
    xy = np.concatenate([100.0 * np.column_stack([column, row]), [[-50.0, -50.0]]])
    return build(Streets(xy, np.concatenate([edges, [[0, SIDE * SIDE]]]).astype(np.int64)))


def places(network: Network, count: int) -> Snapped:
    """Doors along the first streets."""
    along = np.linspace(10.0, 290.0, count)
    return snap(network, np.column_stack([along, along[::-1] / 3]))
