"""What one facility more or less would do, in milliseconds.

A new facility is searched only as far as it is nearer than what is there. Where one closes, the nodes it was nearest to
are forgotten and reached anew from the rim of that area and from the facilities inside it.
"""

from dataclasses import fields

import numpy as np

from mulin.kernels.access.problem import Params, Problem
from mulin.kernels.access.result import Change
from mulin.kernels.access.solve import bands, refuse
from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Integers, Metres
from mulin.kernels.network.result import Snapped


class LiveAccess:
    """The distances of a problem, kept up to date as facilities come and go; not for two threads at once.

    Parameters
    ----------
    problem
        As for `solve`; its facilities are numbered 0 … f-1, added ones follow.

    Attributes
    ----------
    distance_m : (kinds, b) float64
        Distances now, inf beyond the last limit.
    """

    def __init__(self, problem: Problem, params: Params | None = None) -> None:
        from mulin.kernels.access.search import RowsOfChains, Searcher
        from mulin.kernels.network.search import make_work

        self.params = params or Params()
        refuse(problem, self.params)
        self._bound = self.params.limits_m[-1]
        junctions = problem.network.chains.junctions
        shared = make_work(problem.network, self._bound, 2 * len(problem.facilities) + junctions)
        nowhere = np.full((problem.kinds, junctions), np.inf)
        self._works = [shared._replace(distance=row) for row in nowhere]
        self._alone = make_work(problem.network, self._bound, 2)
        on_chain = RowsOfChains(len(problem.network.chains.ends), problem.buildings.chain)
        self._searcher = Searcher(problem.network, problem.buildings, on_chain, self._bound, 1)
        self._facilities, self._kind = problem.facilities, np.array(problem.kind, dtype=np.int64)
        self._open = np.ones(len(self._kind), dtype=bool)
        self.distance_m = np.full((problem.kinds, len(problem.buildings)), np.inf)
        for kind in range(problem.kinds):
            self._spread(kind, *_seeds(self._of(kind)))
            self._searcher.lay(self._works[kind], self._of(kind), self.distance_m[kind])

    @property
    def facilities(self) -> int:
        """How many facilities have a number, closed ones included."""
        return len(self._kind)

    def band(self) -> np.ndarray:
        """As `Result.band`, now."""
        return bands(self.distance_m, self.params)

    def add(self, place: Snapped, kind: int) -> Change:
        """Open one facility of a kind; it gets the next number."""
        if len(place) != 1 or not 0 <= kind < len(self._works):
            raise BadProblem("kind_out_of_range", kind=kind, places=len(place))
        self._facilities = _joined(self._facilities, place)
        self._kind, self._open = np.append(self._kind, kind), np.append(self._open, True)
        self._spread(kind, *_seeds(place))
        return self._changed(kind)

    def remove(self, facility: int) -> Change:
        """Close one facility."""
        if not 0 <= facility < self.facilities or not self._open[facility]:
            raise BadProblem("facility_not_open", facility=facility)
        kind = int(self._kind[facility])
        self._open[facility] = False
        self._reopen(kind, self._facilities.take(np.array([facility])))
        return self._changed(kind)

    def would_add(self, place: Snapped, kind: int) -> Change:
        """What `add` would change; nothing stays."""
        change = self.add(place, kind)
        self.remove(self.facilities - 1)
        self._facilities = self._facilities.take(np.arange(self.facilities - 1))
        self._kind, self._open = self._kind[:-1], self._open[:-1]
        return change

    def _of(self, kind: int) -> Snapped:
        return self._facilities.take(np.flatnonzero(self._open & (self._kind == kind)))

    def _spread(self, kind: int, seeds: Integers, costs: Metres) -> None:
        from mulin.kernels.network.search import spread

        work = self._works[kind]
        spread(self._searcher.graph, work, seeds, costs, self._bound)
        work.reached[0] = 0

    def _reopen(self, kind: int, closed: Snapped) -> None:
        """Forget what the closed facility was nearest to, and reach it from what is left."""
        from mulin.kernels.access.closing import clear, rim
        from mulin.kernels.network.search import forget, spread

        graph, work = self._searcher.graph, self._works[kind]
        spread(graph, self._alone, *_seeds(closed), self._bound)
        cleared = clear(work, self._alone)
        forget(self._alone)
        nodes, costs = rim(graph, work.distance, cleared)
        inside, inside_costs = _seeds(self._of(kind))
        self._spread(kind, np.concatenate([nodes, inside]), np.concatenate([costs, inside_costs]))

    def _changed(self, kind: int) -> Change:
        before = self.distance_m[kind].copy()
        after = self.distance_m[kind]
        self._searcher.lay(self._works[kind], self._of(kind), after)
        rows = np.flatnonzero(before != after)
        return Change(kind, rows, before[rows].astype(np.float32), after[rows].astype(np.float32))


def _seeds(places: Snapped) -> tuple[Integers, Metres]:
    return places.ends.ravel(), places.costs_m.ravel()


def _joined(some: Snapped, more: Snapped) -> Snapped:
    pairs = [(getattr(some, each.name), getattr(more, each.name)) for each in fields(Snapped)]
    return Snapped(*(np.concatenate(pair) for pair in pairs))
