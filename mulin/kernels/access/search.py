"""One kind's search, and its distances laid on the buildings."""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.network.matrix import Ends, Floats
from mulin.kernels.network.problem import Integers, Metres
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.network.search import NONE, Work, forget, graph_of, make_work, spread


class Searcher:
    """Searches one network for the same buildings again and again; not for two threads at once."""

    def __init__(
        self, network: Network, buildings: Snapped, on_chain: "RowsOfChains", bound_m: float, seeds: int
    ) -> None:
        self.graph = graph_of(network)
        self.buildings = buildings
        self.bound_m = bound_m
        self._on_chain = on_chain
        self._work = make_work(network, bound_m, 2 * seeds)

    def search(self, facilities: Snapped, row: Metres) -> None:
        """Write the distance of each building from the nearest of the facilities; inf beyond the bound."""
        spread(self.graph, self._work, facilities.ends.ravel(), facilities.costs_m.ravel(), self.bound_m)
        self.lay(self._work, facilities, row)
        forget(self._work)

    def lay(self, work: Work, facilities: Snapped, row: Metres) -> None:
        """Node distances onto buildings, and walks along one chain that pass no junction."""
        buildings = self.buildings
        through_ends(work.distance, buildings.ends, buildings.costs_m, self.bound_m, row)
        for facility in np.flatnonzero(facilities.chain >= 0):
            rows = self._on_chain.rows(int(facilities.chain[facility]))
            along = np.abs(buildings.position_m[rows] - facilities.position_m[facility])
            straight = buildings.offset_m[rows] + facilities.offset_m[facility] + along
            row[rows] = np.minimum(row[rows], np.where(straight <= self.bound_m, straight, np.inf))


class RowsOfChains:
    """Which places are on a chain; of all chains, or of those asked for alone."""

    def __init__(self, chains: int, chain: Integers, asked: Integers | None = None) -> None:
        rows = np.arange(len(chain))
        if asked is not None:
            is_asked = np.zeros(chains + 1, bool)  # the last for places without one
            is_asked[asked] = True
            rows = np.flatnonzero(is_asked[chain])
        self._rows = rows[np.argsort(chain[rows], kind="stable")]
        self._chain = chain[self._rows]

    def rows(self, chain: int) -> Integers:
        low, high = np.searchsorted(self._chain, (chain, chain + 1))
        return self._rows[low:high]


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
