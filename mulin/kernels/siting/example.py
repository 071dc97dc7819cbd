"""Whom a few candidates reach: every compiled function of the kernel runs once."""

from mulin.kernels.network.example import places, streets
from mulin.kernels.siting.reach import reach


def run() -> None:
    network = streets()
    reach(network, places(network, 3), places(network, 9), 200.0)
