"""Ways in a row become one chain: what is searched are the crossings alone, a third of a street network's nodes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Coordinates, Integers, Metres
from mulin.kernels.network.rows import rows


@dataclass(frozen=True)
class Chains:
    """A network between its junctions: nodes with one, three or more ways, and one node of each lone ring.

    Junctions are numbered along a curve through the plane, so that near ones are near in memory.

    Parameters
    ----------
    junctions
        How many there are.
    chain : (m,) int64
        The chain each way is part of.
    low_m, sign : (m,)
        Where the lower node of each way lies on the chain, and whether the way runs along it (1) or against it (-1).
    ends : (c, 2) int64
        The junctions at the beginning and the end of each chain; the same one for a ring.
    length_m : (c,) float64
        Length of each chain.
    starts, heads, steps_m
        The graph of junctions in compressed rows, as in `Network`.
    """

    junctions: int
    chain: Integers
    low_m: Metres
    sign: Metres
    ends: Integers
    length_m: Metres
    starts: Integers
    heads: NDArray[np.int32]
    steps_m: Metres


def chains(xy: Coordinates, edges: Integers, lengths_m: Metres) -> Chains:
    """Trace the chains of a network's ways; O(n log n + m)."""
    from mulin.kernels.network.tracing import trace

    starts, heads, ways = rows(edges, len(xy))
    is_junction = np.diff(starts) != 2
    chain, low, sign, ends, length = trace(starts, heads, ways, lengths_m, is_junction)
    number = np.full(len(xy), -1, dtype=np.int64)
    junction = np.flatnonzero(is_junction)
    number[junction[_along_a_curve(xy[junction])]] = np.arange(len(junction))
    ends = number[ends]
    apart = np.flatnonzero(ends[:, 0] != ends[:, 1])
    graph_starts, graph_heads, graph_chains = rows(ends[apart], len(junction))
    return Chains(
        len(junction), chain, low, sign, ends, length, graph_starts, graph_heads, length[apart][graph_chains]
    )  # fmt: skip


def _along_a_curve(xy: Coordinates) -> Integers:
    """The order of points along Morton's curve (1966): the bits of both coordinates in turn."""
    if len(xy) == 0:
        return np.empty(0, np.int64)
    width = max(float(np.ptp(xy, axis=0).max()), 1.0)
    cell = ((xy - xy.min(axis=0)) / width * 65_535).astype(np.int64)
    spread = np.zeros(len(xy), np.int64)
    for bit in range(16):
        for axis in range(2):
            spread |= ((cell[:, axis] >> bit) & 1) << (2 * bit + axis)
    return np.argsort(spread, kind="stable")
