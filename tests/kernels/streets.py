"""Small generated towns on foot, for the tests of network, access, siting and routing."""

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from mulin.kernels.network.building import build
from mulin.kernels.network.problem import Streets
from mulin.kernels.network.result import Network, Snapped


def town(seed: int, side: int = 6, missing: float = 0.2) -> Network:
    """A crooked street grid of side × side crossings, some streets missing, some doubled by longer ones."""
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(side * side), side)
    xy = 100.0 * np.column_stack([column, row]) + rng.uniform(-30, 30, (side * side, 2))
    right = np.flatnonzero(column < side - 1)
    down = np.flatnonzero(row < side - 1)
    edges = np.concatenate([np.column_stack([right, right + 1]), np.column_stack([down, down + side])])
    edges = edges[rng.random(len(edges)) >= missing]
    edges = np.concatenate([edges, edges[: len(edges) // 4, ::-1]])
    straight = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return build(Streets(xy, edges, straight * rng.uniform(1.0, 1.5, len(edges))))


def spots(seed: int, count: int, side: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-60, 100 * side, (count, 2))


towns = st.integers(0, 10_000).map(town)


def exact_distances(network: Network, places: Snapped) -> np.ndarray:
    """All pairs by SciPy's Dijkstra on the network cut at every place: shares no code with the kernels."""
    cut = {way: sorted(np.flatnonzero(places.edge == way), key=lambda p: places.along_m[p]) for way in set(places.edge)}
    n, arcs = network.nodes, []
    for way, (pair, length) in enumerate(zip(network.edges, network.lengths_m, strict=True)):
        feet = cut.get(way, [])
        stops = [(pair[0], 0.0), *((n + p, places.along_m[p]) for p in feet), (pair[1], length)]
        arcs += [(a, b, along_b - along_a) for (a, along_a), (b, along_b) in zip(stops, stops[1:], strict=False)]
    arcs += [(n + p, n + len(places) + p, places.offset_m[p]) for p in range(len(places)) if places.edge[p] >= 0]
    size = n + 2 * len(places)
    tails, heads, lengths = np.array(arcs).T
    least = 1e-9  # an explicit zero in a sparse matrix is no way at all
    graph = coo_array((np.maximum(lengths, least), (tails.astype(int), heads.astype(int))), shape=(size, size))
    reached = dijkstra(graph.tocsr(), directed=False, indices=np.arange(n + len(places), size))[:, n + len(places) :]
    np.fill_diagonal(reached, 0.0)
    return reached
