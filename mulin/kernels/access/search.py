"""One kind's search, and its distances laid on the buildings."""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.network.matrix import Ends, Floats
from mulin.kernels.network.problem import Integers, Metres
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.network.search import NONE, Work, forget, graph_of, make_work, spread


class Searcher:
    """Searches one network for the same buildings again and again; not for two threads at once."""

    def __init__(self, network: Network, buildings: Snapped, bound_m: float, seeds: int) -> None:
        self.graph = graph_of(network)
        self.buildings = buildings
        self.bound_m = bound_m
        self.on_way = RowsOfWays(len(network.edges), buildings.edge)
        self._work = make_work(network, bound_m, 2 * seeds)

    def search(self, facilities: Snapped, row: Metres) -> None:
        """Write the distance of each building from the nearest of the facilities; inf beyond the bound."""
        spread(self.graph, self._work, facilities.ends.ravel(), facilities.costs_m.ravel(), self.bound_m)
        self.lay(self._work, facilities, row)
        forget(self._work)

    def lay(self, work: Work, facilities: Snapped, row: Metres) -> None:
        """Node distances onto buildings, and walks along one way that pass no node."""
        buildings = self.buildings
        through_ends(work.distance, buildings.ends, buildings.costs_m, self.bound_m, row)
        for facility in np.flatnonzero(facilities.edge >= 0):
            rows = self.on_way.rows(int(facilities.edge[facility]))
            along = np.abs(buildings.along_m[rows] - facilities.along_m[facility])
            straight = buildings.offset_m[rows] + facilities.offset_m[facility] + along
            row[rows] = np.minimum(row[rows], np.where(straight <= self.bound_m, straight, np.inf))


class RowsOfWays:
    """Which places are joined to a way."""

    def __init__(self, ways: int, edge: Integers) -> None:
        self._order = np.argsort(edge, kind="stable")
        self._starts = np.searchsorted(edge[self._order], np.arange(ways + 1))

    def rows(self, way: int) -> Integers:
        return self._order[self._starts[way] : self._starts[way + 1]]


@compiled
def through_ends(distance: Floats, ends: Ends, costs: Floats, bound: float, row: Floats) -> None:
    """Distance of each place through the nearer of its two ends."""
    for place in range(len(ends)):
        least = np.inf
        for side in range(2):
            node = ends[place, side]
            if node != NONE:
                least = min(least, distance[node] + costs[place, side])
        row[place] = least if least <= bound else np.inf
