"""Pieces of a network that no way joins."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers


def components(starts: Integers, heads: NDArray[np.int32]) -> Integers:
    """The connected piece of each node: 0 has the most nodes, equal ones in the order of their lowest node."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    nodes = len(starts) - 1
    graph = csr_array((np.ones(len(heads), dtype=np.int8), heads, starts), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    _, lowest, size = np.unique(label, return_index=True, return_counts=True)
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((lowest, -size))] = np.arange(len(size))
    ranked: Integers = rank[label]
    return ranked
