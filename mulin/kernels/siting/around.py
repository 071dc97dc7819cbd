"""Demand points around one place; compiled loops of `reach`."""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled
from mulin.kernels.network.matrix import Ends, Floats, at_place
from mulin.kernels.network.problem import Integers
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.network.search import NONE, Small, forget, graph_of, make_work, spread


class Around:
    """Searches one network around one place after another; not for two threads at once."""

    def __init__(self, network: Network, demand: Snapped, limit_m: float) -> None:
        self._graph, self._work = graph_of(network), make_work(network, limit_m, 2)
        self._demand, self._limit_m = demand, limit_m
        self._at_node = _grouped(demand.ends.T.ravel(), len(demand), network.chains.junctions)
        self._on_chain = _grouped(demand.chain, len(demand), len(network.chains.ends))
        self._seen = np.zeros(len(demand), bool)

    def rows(self, place: Snapped) -> Integers:
        """The demand points within the limit, ascending."""
        demand, work = self._demand, self._work
        spread(self._graph, work, place.ends[0], place.costs_m[0], self._limit_m)
        touched = work.touched[: int(work.reached[0])]
        through = _within(
            touched, *self._at_node, work.distance, demand.ends, demand.costs_m, self._limit_m, self._seen
        )
        forget(work)
        found: Integers = np.union1d(through, self._along(place)) if place.chain[0] != NONE else np.sort(through)
        return found

    def _along(self, place: Snapped) -> Integers:
        """Those on the same chain, straight along it."""
        starts, members = self._on_chain
        mine = members[starts[place.chain[0]] : starts[place.chain[0] + 1]]
        walk = (
            np.abs(self._demand.position_m[mine] - place.position_m[0])
            + self._demand.offset_m[mine]
            + place.offset_m[0]
        )
        near: Integers = mine[walk <= self._limit_m]
        return near


def _grouped(group: Integers, members: int, groups: int) -> tuple[Integers, Integers]:
    """Members of each group in compressed rows; a group of -1 is none. Members repeat where groups are more."""
    order = np.argsort(group, kind="stable")
    return np.searchsorted(group[order], np.arange(groups + 1)), order % max(members, 1)


@compiled
def _within(
    touched: Small, starts: Ends, members: Ends, distance: Floats, ends: Ends, costs: Floats, limit: float,
    seen: NDArray[np.bool_],
) -> NDArray[np.int64]:  # fmt: skip
    """Demand points at the nodes reached that are within the limit, each once."""
    found, count = np.empty(len(seen), np.int64), 0
    for node in touched:
        for k in range(starts[node], starts[node + 1]):
            who = members[k]
            if not seen[who] and at_place(distance, ends[who], costs[who]) <= limit:
                seen[who] = True
                found[count] = who
                count += 1
    for k in range(count):
        seen[found[k]] = False
    return found[:count].copy()
