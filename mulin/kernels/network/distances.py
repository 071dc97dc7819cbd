"""Walking distances between places: one bounded search per place."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.result import Network, Snapped

DETOUR = 1.3


def distances_m(network: Network, places: Snapped, furthest_m: float = np.inf) -> NDArray[np.float64]:
    """Shortest walk between each pair of places.

    Searches go a little further than the straight line at first, and twice as far again for as long as a place is
    missing that the network joins.

    Parameters
    ----------
    places
        The p places, snapped to the network.
    furthest_m
        Walks longer than this need not be found.

    Returns
    -------
    (p, p) float64
        Distances in m, symmetric, 0 on the diagonal; inf where there is no way (or none within `furthest_m`).
    """
    from mulin.kernels.network import matrix, search

    found = np.full((len(places), len(places)), np.inf)
    matrix.along_one_chain(places.chain, places.position_m, places.offset_m, found)
    missing = _joined(network, places)
    graph, reach = search.graph_of(network), min(furthest_m, _first_reach(network, places))
    while missing.any():
        work = search.make_work(network, reach, 2)
        rows = np.flatnonzero(missing.any(axis=1))
        matrix.fill_rows(graph, work, places.ends, places.costs_m, rows, reach, found)
        if reach >= furthest_m:
            break
        missing &= found > reach
        reach = min(2 * reach, furthest_m)
    found[found > furthest_m] = np.inf
    np.fill_diagonal(found, 0.0)
    both: NDArray[np.float64] = np.minimum(found, found.T)
    return both


def _joined(network: Network, places: Snapped) -> NDArray[np.bool_]:
    """Pairs of different places on one piece of the network."""
    piece, known = -1 - np.arange(len(places)), np.flatnonzero(places.edge >= 0)
    piece[known] = network.component[network.edges[places.edge[known], 0]]
    joined: NDArray[np.bool_] = piece[:, None] == piece
    np.fill_diagonal(joined, False)
    return joined


def _first_reach(network: Network, places: Snapped) -> float:
    known = network.edges[places.edge[places.edge >= 0], 0]
    if len(known) == 0:
        return 1.0
    width = np.ptp(network.xy[known], axis=0)
    return float(DETOUR * np.hypot(*width) + 2 * np.median(places.costs_m[places.edge >= 0]) + 1.0)
