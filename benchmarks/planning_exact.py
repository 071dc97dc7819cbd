"""Communities of eighty buildings beside CP-SAT: MULIN_EXACT=20x60 is 20 communities and 60 s of CP-SAT for each."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.planning_child import in_child
from benchmarks.planning_clock import ProcessorStop, timed
from benchmarks.planning_data import ball, instance
from benchmarks.planning_rows import Row, peak_memory_mb
from benchmarks.towns import town
from mulin.kernels.partition import Params, Problem, solve
from mulin.kernels.stop import Stop

BUILDINGS = 80
NAMES = ("nanshan", "nyc20", "hdb")
OURS_SECONDS, TARGET = 1.0, 1.02
SPARE_GRIDS = 1


def rows(data: Path) -> Iterator[Row]:
    """One row for each community; a community no plan can keep is left out."""
    count, seconds = (int(part) for part in os.environ.get("MULIN_EXACT", "20x60").split("x"))
    solve(town(1, buildings=BUILDINGS), stop=Stop(rounds=2))
    draws = np.random.default_rng(1)
    problems = {name: instance(data, name) for name in NAMES}
    found = 0
    while found < count:
        name = NAMES[found % len(NAMES)]
        centre = int(draws.integers(len(problems[name].households)))
        row = _row(f"{name}, around {centre}", ball(problems[name], centre, BUILDINGS), float(seconds))
        if row is not None:
            found += 1
            yield row


def _row(name: str, problem: Problem, seconds: float) -> Row | None:
    ours, took = timed(lambda: solve(problem, stop=ProcessorStop(seconds=OURS_SECONDS)))
    if ours.figures.outside or ours.figures.grids == 1:
        return None
    answer, memory_mb = in_child(cp_sat, problem, seconds)
    if answer["cut"] is None:
        return Row(name, f"{ours.figures.cut:.0f}", "none found", 0.0, TARGET, peak_memory_mb(), f"{took:.2f} s")
    proof = "optimal" if answer["optimal"] else f"bound {answer['bound']:.0f}"
    note = f"{ours.figures.grids} grids, {took:.2f} s; CP-SAT {answer['seconds']:.0f} s "
    note += f"({answer['processor_seconds']:.0f} of the processor), {proof}, {memory_mb:.0f} MB"
    ratio = ours.figures.cut / max(answer["cut"], 1.0)
    return Row(name, f"{ours.figures.cut:.0f}", f"{answer['cut']:.0f}", ratio, TARGET, peak_memory_mb(), note)


def cp_sat(problem: Problem, seconds: float) -> dict[str, Any]:
    """The best weighted cut CP-SAT finds and the bound it proves."""
    from ortools.sat.python import cp_model  # only in a process of its own

    model = Model(problem, cp_model.CpModel())
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model.model)
    return {
        "cut": solver.objective_value if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None,
        "bound": solver.best_objective_bound,
        "optimal": status == cp_model.OPTIMAL,
        "seconds": solver.wall_time,
        "processor_seconds": time.process_time(),
    }


class Model:
    """Buildings in slots; each grid a tree that grows from its root by increasing depth."""

    def __init__(self, problem: Problem, model: Any) -> None:
        self.model, self.households = model, problem.households.tolist()
        self.edges = problem.edges.tolist()
        bounds, total = problem.bounds, sum(self.households)
        slots = min(total // bounds.lowest, -(-total // bounds.highest) + SPARE_GRIDS)
        self.used = [model.new_bool_var("") for _ in range(slots)]
        self.inside = [[model.new_bool_var("") for _ in range(slots)] for _ in self.households]
        self.root = [[model.new_bool_var("") for _ in range(slots)] for _ in self.households]
        for row in self.inside:
            model.add_exactly_one(row)
        for slot in range(slots):
            self._slot(slot, bounds.lowest, bounds.highest)
        weights = np.array([*Params().cut, 0.0], np.int64)[problem.barriers].tolist()
        same = [self._same(one, other) for one, other in self.edges]
        self._connect(same)
        model.minimize(sum(weight * (1 - holds) for weight, holds in zip(weights, same, strict=True)))

    def _slot(self, slot: int, lowest: int, highest: int) -> None:
        load = sum(count * row[slot] for count, row in zip(self.households, self.inside, strict=True))
        self.model.add(load >= lowest).only_enforce_if(self.used[slot])
        self.model.add(load <= highest).only_enforce_if(self.used[slot])
        self.model.add(sum(row[slot] for row in self.root) == self.used[slot])
        for inside, root in zip(self.inside, self.root, strict=True):
            self.model.add_implication(inside[slot], self.used[slot])
            self.model.add_implication(root[slot], inside[slot])
        if slot:
            self.model.add_implication(self.used[slot], self.used[slot - 1])

    def _same(self, one: int, other: int) -> Any:
        holds = self.model.new_bool_var("")
        for first, second in zip(self.inside[one], self.inside[other], strict=True):
            self.model.add_bool_or(first.negated(), second.negated(), holds)
            self.model.add_bool_or(holds.negated(), first.negated(), second)
            self.model.add_bool_or(holds.negated(), second.negated(), first)
        return holds

    def _connect(self, same: list[Any]) -> None:
        """Everyone but a root has one parent in its grid, nearer to the root."""
        depth = [self.model.new_int_var(0, len(self.root), "") for _ in self.root]
        parents = [list(row) for row in self.root]
        for (one, other), holds in zip(self.edges, same, strict=True):
            for child, parent in ((one, other), (other, one)):
                is_parent = self.model.new_bool_var("")
                self.model.add_implication(is_parent, holds)
                self.model.add(depth[child] >= depth[parent] + 1).only_enforce_if(is_parent)
                parents[child].append(is_parent)
        for row in parents:
            self.model.add_exactly_one(row)
