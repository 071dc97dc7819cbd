"""One call of `solve`, from the arrays to the result."""

from functools import partial

import numpy as np

from mulin.kernels.partition.atoms import Atoms, atoms_of
from mulin.kernels.partition.certifying import Excuses, certify
from mulin.kernels.partition.coarsening import coarsened
from mulin.kernels.partition.engine.arrays import Town
from mulin.kernels.partition.measuring import ABOVE, BELOW, broken_rules, changed_buildings, figures
from mulin.kernels.partition.numbering import numbered
from mulin.kernels.partition.problem import Integers, Params, Problem
from mulin.kernels.partition.result import Progress, Result, Watcher
from mulin.kernels.partition.searching import first_plan, improve, improve_from_afar, keep_today, seen_nearer, warm_plan
from mulin.kernels.stop import Stop

WATCH_SECONDS = 0.25


class Run:
    """Holds what the search and the watcher share."""

    def __init__(self, problem: Problem, params: Params, seed: int, stop: Stop, watch: Watcher | None) -> None:
        self.problem, self.params, self.seed, self.stop, self.watch = problem, params, seed, stop, watch
        self.atoms = atoms_of(problem, params, seed)
        self.shown_at = -np.inf

    def result(self) -> Result:
        """Search, then measure and certify."""
        if self.atoms.home_numbers.size:
            town, rounds = self._warm()
        else:
            town, rounds = self._cold()
        grid = numbered(self.problem, self.atoms, town.atoms["grid"])
        self.show(self.atoms, town, rounds, last=True)
        return self._result(grid, rounds)

    def _cold(self) -> tuple[Town, int]:
        """Divide the town seen from afar if it is large, else the town itself, and improve it."""
        afar = coarsened(self.atoms, self.seed)
        if afar is None:
            town, rounds = first_plan(self.atoms), 0
            self.show(self.atoms, town, 0)
        else:
            clusters, cluster = afar
            town = first_plan(clusters)
            self.show(clusters, town, 0)
            rounds = improve_from_afar(town, clusters, self.stop, partial(self.show, clusters))
            town = seen_nearer(self.atoms, cluster, town)
        return town, improve(town, self.atoms, self.stop, partial(self.show, self.atoms), rounds)

    def _warm(self) -> tuple[Town, int]:
        town, today, left = warm_plan(self.atoms)
        self.show(self.atoms, town, 0)
        rounds = improve(town, self.atoms, self.stop, partial(self.show, self.atoms)) if left else 0
        if self.atoms.rules.change > 0.0:
            keep_today(town, self.atoms, today)
        return town, rounds

    def _result(self, grid: Integers, rounds: int) -> Result:
        known = figures(self.problem, grid, self.params)
        excuses = certify(self.problem, self.atoms, grid, self._outside(grid)) if known.outside else Excuses()
        return Result(
            grid=grid,
            figures=known,
            certificates=tuple(excuses.certificates),
            unexplained=tuple(excuses.unexplained),
            moved=changed_buildings(self.problem, grid),
            rounds=rounds,
            seconds=self._seconds(),
        )

    def _outside(self, grid: Integers) -> Integers:
        bent = broken_rules(self.problem, grid)
        return np.array([g for g, codes in bent.items() if BELOW in codes or ABOVE in codes], np.int64)

    def _seconds(self) -> float:
        return self.stop.elapsed_s()

    def show(self, atoms: Atoms, town: Town, rounds: int, last: bool = False) -> None:
        """Tell the watcher, not too often, of the best plan so far."""
        if self.watch is None or (not last and self._seconds() - self.shown_at < WATCH_SECONDS):
            return
        self.shown_at = self._seconds()
        best = town.atoms["grid" if last else "best"]
        grid = numbered(self.problem, atoms, best)
        self.watch(Progress(self.shown_at, rounds, grid, figures(self.problem, grid, self.params)))
