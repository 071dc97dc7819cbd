"""CP-SAT on one community, in a process of its own: `python -m benchmarks.planning_exact IN.npz SECONDS`.

Prints the best weighted cut found and the bound proved, as JSON.
"""

import json
import sys

import numpy as np
from ortools.sat.python import cp_model

SLOTS_SPARE = 1


def main(path: str, seconds: float) -> None:
    arrays = np.load(path)
    model, cut = _model(arrays["households"], arrays["edges"], arrays["weights"], *arrays["bounds"].tolist())
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    sys.stdout.write(
        json.dumps(
            {
                "cut": solver.objective_value if found else None,
                "bound": solver.best_objective_bound,
                "optimal": status == cp_model.OPTIMAL,
                "seconds": solver.wall_time,
            }
        )
    )


def _model(households: np.ndarray, edges: np.ndarray, weights: np.ndarray, lowest: int, highest: int) -> tuple:
    """Buildings in slots; each grid a tree that grows from its root by increasing depth."""
    model = cp_model.CpModel()
    buildings, total = len(households), int(households.sum())
    slots = min(total // lowest, -(-total // highest) + SLOTS_SPARE)
    inside = [[model.new_bool_var("") for _ in range(slots)] for _ in range(buildings)]
    used = [model.new_bool_var("") for _ in range(slots)]
    root = [[model.new_bool_var("") for _ in range(slots)] for _ in range(buildings)]
    for building in range(buildings):
        model.add_exactly_one(inside[building])
    for slot in range(slots):
        load = sum(int(households[b]) * inside[b][slot] for b in range(buildings))
        model.add(load >= lowest).only_enforce_if(used[slot])
        model.add(load <= highest).only_enforce_if(used[slot])
        model.add(sum(root[b][slot] for b in range(buildings)) == used[slot])
        for building in range(buildings):
            model.add_implication(inside[building][slot], used[slot])
            model.add_implication(root[building][slot], inside[building][slot])
        if slot:
            model.add_implication(used[slot], used[slot - 1])
    same = [_same(model, inside[one], inside[other]) for one, other in edges.tolist()]
    _connected(model, edges.tolist(), same, root)
    cut = sum(int(weight) * (1 - holds) for weight, holds in zip(weights, same, strict=True))
    model.minimize(cut)
    return model, cut


def _same(model: cp_model.CpModel, one: list, other: list) -> cp_model.IntVar:
    holds = model.new_bool_var("")
    for first, second in zip(one, other, strict=True):
        model.add_bool_or(first.negated(), second.negated(), holds)
        model.add_bool_or(holds.negated(), first.negated(), second)
        model.add_bool_or(holds.negated(), second.negated(), first)
    return holds


def _connected(model: cp_model.CpModel, edges: list, same: list, root: list) -> None:
    """Everyone but a root has one parent in its grid, nearer to the root."""
    depth = [model.new_int_var(0, len(root), "") for _ in root]
    parents: list[list] = [list(row) for row in root]
    for (one, other), holds in zip(edges, same, strict=True):
        for child, parent in ((one, other), (other, one)):
            is_parent = model.new_bool_var("")
            model.add_implication(is_parent, holds)
            model.add(depth[child] >= depth[parent] + 1).only_enforce_if(is_parent)
            parents[child].append(is_parent)
    for row in parents:
        model.add_exactly_one(row)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
