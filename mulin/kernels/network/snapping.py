"""Places joined to the nearest way."""

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Coordinates, Integers, Metres
from mulin.kernels.network.result import Network, Snapped


def snap(network: Network, xy: Coordinates, *, furthest_m: float = 500.0, smallest_piece: int = 1) -> Snapped:
    """Join each place to the nearest way, at the nearest point of it.

    Parameters
    ----------
    xy : (p, 2) float64
        The places, in m on the network's plane.
    furthest_m
        A place further than this from any way is stranded.
    smallest_piece
        Only ways of pieces with at least so many nodes: a lone footpath drawn apart from the streets strands people.

    Raises
    ------
    BadProblem
        `wrong_shape`, `not_a_number`.
    """
    xy = np.asarray(xy, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise BadProblem("wrong_shape", xy=xy.shape)
    strange = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(strange):
        raise BadProblem("not_a_number", what="xy", rows=strange)
    edge = _nearest_way(network, xy, furthest_m, smallest_piece)
    return _joined(network, xy, edge)


def _nearest_way(network: Network, xy: Coordinates, furthest_m: float, smallest_piece: int) -> Integers:
    """The nearest way of each place, the lowest of equally near ones; -1 for none."""
    from shapely import points

    edge = np.full(len(xy), -1, dtype=np.int64)
    ways, tree = network.ways(smallest_piece)
    if len(ways) and len(xy):
        place, way = tree.query_nearest(points(xy), max_distance=furthest_m)
        order = np.lexsort((-way, place))
        edge[place[order]] = ways[way[order]]
    return edge


def _joined(network: Network, xy: Coordinates, edge: Integers) -> Snapped:
    known = np.flatnonzero(edge >= 0)
    nodes = network.edges[edge[known]]
    share, aside = _foot(network.xy[nodes[:, 0]], network.xy[nodes[:, 1]], xy[known])
    along, offset = np.zeros(len(xy)), np.full(len(xy), np.inf)
    along[known], offset[known] = share * network.lengths_m[edge[known]], aside
    return Snapped(edge, along, offset, *_on_chains(network, edge, along, offset))


def _on_chains(
    network: Network, edge: Integers, along: Metres, offset: Metres
) -> tuple[Integers, Metres, Integers, Metres]:
    """Chain, position on it, its junctions and the distances to them, for places on ways."""
    chains, known = network.chains, np.flatnonzero(edge >= 0)
    chain, position = np.full(len(edge), -1, dtype=np.int64), np.zeros(len(edge))
    ends, costs = np.full((len(edge), 2), -1, dtype=np.int64), np.full((len(edge), 2), np.inf)
    way = edge[known]
    chain[known] = chains.chain[way]
    position[known] = chains.low_m[way] + chains.sign[way] * along[known]
    ends[known] = chains.ends[chain[known]]
    costs[known, 0] = offset[known] + position[known]
    costs[known, 1] = offset[known] + chains.length_m[chain[known]] - position[known]
    return chain, position, ends, costs


def _foot(low: Coordinates, high: Coordinates, place: Coordinates) -> tuple[Metres, Metres]:
    """Where the nearest point of each way lies (0 at its low end, 1 at its high end), and how far it is."""
    way = high - low
    square = np.einsum("ij,ij->i", way, way)
    share = np.einsum("ij,ij->i", place - low, way) / np.where(square > 0, square, 1.0)
    share = np.clip(share, 0.0, 1.0)
    return share, np.hypot(*(place - low - share[:, None] * way).T)
