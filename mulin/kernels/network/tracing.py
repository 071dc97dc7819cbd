"""Compiled: walk each chain of ways from junction to junction."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled

Whole = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@compiled
def _follow(
    starts: Whole, heads: Small, ways: Whole, lengths: Floats, is_junction: Flags, arc: int, at: int, number: int,
    chain: Whole, low: Floats, sign: Floats,
) -> tuple[int, float]:  # fmt: skip
    """Number the ways of the chain that begins with an arc out of `at`; its other end and its length."""
    position = 0.0
    while True:
        way, there = ways[arc], heads[arc]
        chain[way], sign[way] = number, 1.0 if at < there else -1.0
        low[way] = position if at < there else position + lengths[way]
        position += lengths[way]
        if is_junction[there]:
            return there, position
        at, arc = there, starts[there]
        if ways[arc] == way:
            arc += 1


@compiled
def trace(
    starts: Whole, heads: Small, ways: Whole, lengths: Floats, is_junction: Flags
) -> tuple[Whole, Floats, Floats, Whole, Floats]:
    """The tables of `Chains` by node; a node of each lone ring is made a junction."""
    m, count = len(lengths), 0
    chain, low, sign = np.full(m, -1, np.int64), np.zeros(m), np.zeros(m)
    ends, length = np.empty((m, 2), np.int64), np.empty(m)
    for rings in range(2):
        for node in range(len(starts) - 1):
            if not is_junction[node] and rings == 0:
                continue
            for arc in range(starts[node], starts[node + 1]):
                if chain[ways[arc]] != -1:
                    continue
                is_junction[node] = True
                end, far = _follow(starts, heads, ways, lengths, is_junction, arc, node, count, chain, low, sign)
                ends[count, 0], ends[count, 1], length[count] = node, end, far
                count += 1
    return chain, low, sign, ends[:count].copy(), length[:count].copy()
