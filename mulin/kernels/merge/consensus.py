"""Where the nets agree: overlay cells joined as long as most of the weight says they belong together."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from mulin.kernels.merge.reading import ReadNet, parts
from mulin.kernels.partition.problem import IMPASSABLE, Integers
from mulin.kernels.partition.problem import Problem as Ground

EMPTY_HOUSE = 1e-3
"""What a building without households counts, so that it goes with its cell."""


@dataclass
class Cluster:
    """Cells joined so far: their size, by net what lies in which old grid, and the clusters beside them."""

    size: float
    shares: list[dict[int, float]]
    beside: set[int] = field(default_factory=set)


def cells(nets: tuple[ReadNet, ...]) -> Integers:
    """Number the overlay: buildings with the same number lie in the same grid of every net."""
    labels = np.column_stack([net.grid for net in nets])
    numbers: Integers = np.unique(labels, axis=0, return_inverse=True)[1].ravel().astype(np.int64)
    return numbers


def consensus(nets: tuple[ReadNet, ...], ground: Ground) -> Integers:
    """Join neighbouring cells, those that agree most first, while more weight is for it than against it.

    Two households agree in a net by its weight where they share a grid, and disagree by it where they do not. Average
    agreement between clusters decides (greedy additive contraction, Keuper et al. 2015, with averages). O(c log c) for
    c cells, times the neighbours of a cluster.
    """
    _, at_home = np.unique(np.column_stack([cells(nets), ground.community]), axis=0, return_inverse=True)
    cell = parts(at_home.ravel(), ground)
    clusters = _clusters(nets, ground, cell)
    weights = [net.weight for net in nets]
    queue = [
        (-_agreement(clusters[one], clusters[other], weights), one, other)
        for one, cluster in clusters.items()
        for other in cluster.beside
        if one < other
    ]
    heapq.heapify(queue)
    joined: dict[int, int] = {}
    while queue and queue[0][0] < 0:
        _, one, other = heapq.heappop(queue)
        if one in clusters and other in clusters:
            new = cell.size + len(joined)
            joined[one] = joined[other] = new
            _join(clusters, one, other, new)
            for near in clusters[new].beside:
                heapq.heappush(queue, (-_agreement(clusters[new], clusters[near], weights), near, new))
    return _followed(cell, joined)


def _clusters(nets: tuple[ReadNet, ...], ground: Ground, cell: Integers) -> dict[int, Cluster]:
    """Make a cluster of every cell."""
    weight = ground.households + EMPTY_HOUSE
    clusters = {
        number: Cluster(size, [{} for _ in nets]) for number, size in enumerate(np.bincount(cell, weight).tolist())
    }
    _, first = np.unique(cell, return_index=True)
    for number, cluster in clusters.items():
        for net, share in zip(nets, cluster.shares, strict=True):
            label = int(net.grid[first[number]])
            if label >= 0:
                share[label] = cluster.size
    near = ground.edges[ground.barriers != IMPASSABLE]
    near = near[ground.community[near[:, 0]] == ground.community[near[:, 1]]]
    for one, other in np.unique(cell[near], axis=0).tolist():
        if one != other:
            clusters[one].beside.add(other)
            clusters[other].beside.add(one)
    return clusters


def _agreement(one: Cluster, other: Cluster, weights: list[float]) -> float:
    """Return the average agreement between a household of one and a household of the other."""
    total = 0.0
    for weight, here, there in zip(weights, one.shares, other.shares, strict=True):
        together = sum(size * there.get(label, 0.0) for label, size in here.items())
        total += weight * (2 * together - sum(here.values()) * sum(there.values()))
    return total / (one.size * other.size)


def _join(clusters: dict[int, Cluster], one: int, other: int, new: int) -> None:
    """Replace two clusters by their union."""
    first, second = clusters.pop(one), clusters.pop(other)
    shares = []
    for here, there in zip(first.shares, second.shares, strict=True):
        shares.append({label: here.get(label, 0.0) + there.get(label, 0.0) for label in here | there})
    union = Cluster(first.size + second.size, shares, (first.beside | second.beside) - {one, other})
    clusters[new] = union
    for near in union.beside:
        clusters[near].beside -= {one, other}
        clusters[near].beside.add(new)


def _followed(cell: Integers, joined: dict[int, int]) -> Integers:
    """Number the last cluster of every building from 0."""
    last = {number: number for number in np.unique(cell).tolist()}
    for number in last:
        while last[number] in joined:
            last[number] = joined[last[number]]
    found = np.array([last[number] for number in cell.tolist()], np.int64)
    numbers: Integers = np.unique(found, return_inverse=True)[1].ravel().astype(np.int64)
    return numbers
