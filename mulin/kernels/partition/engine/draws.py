"""Pseudo-random numbers with a state of our own, so that a seed means the same on every machine and thread.

xorshift64* (Marsaglia 2003; Vigna 2016): 64 bits of state, never zero.
"""

import numpy as np

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import Town

_MULTIPLIER = np.uint64(0x2545F4914F6CDD1D)
_A, _B, _C, _HIGH, _FRACTION = np.uint64(12), np.uint64(25), np.uint64(27), np.uint64(32), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0


@in_place
def draw(town: Town) -> np.uint64:
    """Return 64 bits."""
    state = town.state[0].draws
    state ^= state >> _A
    state ^= state << _B
    state ^= state >> _C
    town.state[0].draws = state
    return np.uint64(state * _MULTIPLIER)


@in_place
def below(town: Town, limit: int) -> int:
    """Return an integer in 0 … limit-1."""
    return int(np.int64(((draw(town) >> _HIGH) * np.uint64(limit)) >> _HIGH))


@in_place
def fraction(town: Town) -> float:
    """Return a number in [0, 1)."""
    return np.float64(draw(town) >> _FRACTION) * _UNIT
