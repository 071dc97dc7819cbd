"""Streets into a network: bad input refused, duplicates and loops dropped."""

import numpy as np

from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Integers, Metres, Streets
from mulin.kernels.network.result import Network
from mulin.kernels.network.rows import rows


def build(streets: Streets) -> Network:
    """The network of these streets; O(m log m).

    Raises
    ------
    BadProblem
        `wrong_shape`, `not_a_number` (a position or a length), `negative_length`, `edge_out_of_range`.
    """
    xy = np.ascontiguousarray(streets.xy, dtype=np.float64)
    edges = np.asarray(streets.edges, dtype=np.int64)
    _refuse_bad_places(xy, edges)
    lengths = _lengths(streets, xy, edges)
    edges, lengths = _shortest_of_each_pair(edges, lengths, len(xy))
    starts, heads, ways = rows(edges, len(xy))
    return Network(xy, edges, lengths, starts, heads, lengths[ways])


def _refuse_bad_places(xy: Metres, edges: Integers) -> None:
    if xy.ndim != 2 or xy.shape[1] != 2 or edges.ndim != 2 or edges.shape[1] != 2:
        raise BadProblem("wrong_shape", xy=xy.shape, edges=edges.shape)
    strange = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(strange):
        raise BadProblem("not_a_number", what="xy", rows=strange)
    dangling = np.flatnonzero(((edges < 0) | (edges >= len(xy))).any(axis=1))
    if len(dangling):
        raise BadProblem("edge_out_of_range", rows=dangling, nodes=len(xy))


def _lengths(streets: Streets, xy: Metres, edges: Integers) -> Metres:
    if streets.lengths_m is None:
        straight: Metres = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
        return straight
    lengths = np.asarray(streets.lengths_m, dtype=np.float64)
    if lengths.shape != (len(edges),):
        raise BadProblem("wrong_shape", lengths_m=lengths.shape, edges=edges.shape)
    strange = np.flatnonzero(~np.isfinite(lengths))
    if len(strange):
        raise BadProblem("not_a_number", what="lengths_m", rows=strange)
    negative = np.flatnonzero(lengths < 0)
    if len(negative):
        raise BadProblem("negative_length", rows=negative)
    return lengths


def _shortest_of_each_pair(edges: Integers, lengths: Metres, nodes: int) -> tuple[Integers, Metres]:
    low, high = edges.min(axis=1, initial=nodes), edges.max(axis=1, initial=-1)
    order = np.lexsort((lengths, high, low))
    order = order[low[order] != high[order]]
    pairs = low[order] * nodes + high[order]
    kept = order[np.diff(pairs, prepend=-1) != 0]
    return np.column_stack([low[kept], high[kept]]), lengths[kept]
