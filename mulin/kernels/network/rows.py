"""Pairs of nodes into compressed rows."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers


def rows(pairs: Integers, nodes: int) -> tuple[Integers, NDArray[np.int32], Integers]:
    """Row starts, the other node of each entry, and the pair each entry comes from; every pair is entered twice."""
    tails = np.concatenate([pairs[:, 0], pairs[:, 1]])
    heads = np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.argsort(tails, kind="stable")
    starts = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tails, minlength=nodes), out=starts[1:])
    return starts, heads[order].astype(np.int32), order % max(len(pairs), 1)
