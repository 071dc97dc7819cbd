"""Towns made by a seed: streets, main roads, a river, communities, buildings with households. For tests and benchmarks.

Blocks of buildings between streets; every `superblock`-th street is a main road; a community is a square of
superblocks; a river runs north to south with one bridge in every `superblock` blocks.
"""

import dataclasses

import numpy as np
from scipy.spatial import Delaunay

from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, MINOR_STREET, SAME_BLOCK, Bounds, Integers, Problem

LOT_M = 30.0
STREET_M = 20.0
LONGEST_EDGE_M = 150.0


def town(
    seed: int,
    *,
    buildings: int,
    block: int = 3,
    superblock: int = 4,
    community: int | None = None,
    river: bool = False,
    mean_households: float = 40.0,
    bounds: Bounds | None = None,
) -> Problem:
    """Make a town of about square shape.

    Parameters
    ----------
    block
        Buildings along one side of a block.
    superblock
        Blocks along one side between main roads.
    community
        Superblocks along one side of a community; None puts the whole town into one.
    mean_households
        Households of a building are geometric about this, and a tenth of the buildings have none.
    """
    draws = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(buildings)))
    lot = np.stack(np.divmod(np.arange(buildings), side), axis=1)
    blocks = lot // block
    xy = lot * LOT_M + blocks * STREET_M + draws.uniform(-8.0, 8.0, (buildings, 2))
    households = draws.geometric(1.0 / mean_households, buildings).clip(0, 250)
    households[draws.random(buildings) < 0.1] = 0
    households[0] = max(households[0], 1)
    edges = _edges(xy)
    return Problem(
        households=households.astype(np.int64),
        xy=xy,
        edges=edges,
        barriers=_barriers(blocks, edges, superblock, river),
        community=_communities(blocks, superblock, community),
        bounds=bounds or Bounds(),
    )


def _edges(xy: np.ndarray) -> Integers:
    if len(xy) < 4:
        return np.array([(one, one + 1) for one in range(len(xy) - 1)], np.int64).reshape(-1, 2)
    corners = Delaunay(xy).simplices
    pairs = np.sort(np.concatenate((corners[:, :2], corners[:, 1:], corners[:, ::2])), axis=1)
    pairs = np.unique(pairs, axis=0).astype(np.int64)
    length = np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1)
    near: Integers = pairs[length <= LONGEST_EDGE_M]
    return near


def _barriers(blocks: np.ndarray, edges: Integers, superblock: int, river: bool) -> Integers:
    one, other = blocks[edges[:, 0]], blocks[edges[:, 1]]
    barriers = np.where((one == other).all(axis=1), SAME_BLOCK, MINOR_STREET)
    barriers[(one // superblock != other // superblock).any(axis=1)] = MAIN_ROAD
    if river:
        bank = int(blocks[:, 0].max() + 1) // 2
        crosses = (one[:, 0] < bank) != (other[:, 0] < bank)
        barriers[crosses & (one[:, 1] % superblock != 0)] = IMPASSABLE
    return barriers.astype(np.int64)


def _communities(blocks: np.ndarray, superblock: int, community: int | None) -> Integers:
    if community is None:
        return np.zeros(len(blocks), np.int64)
    cell = blocks // (superblock * community)
    number: Integers = (cell[:, 0] * (int(cell[:, 1].max()) + 1) + cell[:, 1]).astype(np.int64)
    return number


def renumbered(problem: Problem, order: Integers) -> Problem:
    """The same town with its buildings in another order: the new i-th is the old `order[i]`."""
    new = np.empty(len(order), np.int64)
    new[order] = np.arange(len(order))
    return dataclasses.replace(
        problem,
        households=problem.households[order],
        xy=problem.xy[order],
        community=problem.community[order],
        edges=new[problem.edges],
        piece=None if problem.piece is None else problem.piece[order],
        present=None if problem.present is None else problem.present[order],
        apart=None if problem.apart is None else new[problem.apart],
    )
