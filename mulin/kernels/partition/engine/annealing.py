"""Simulated annealing over flips and recombinations, in rounds of a fixed amount of work.

Kirkpatrick, Gelatt & Vecchi, Science 220 (1983). Grids outside their bounds cost more than any cut can save, so a
lawful grid is never given up and the search also repairs.
"""

import math

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import Rules, Town, Whole
from mulin.kernels.partition.engine.costs import install
from mulin.kernels.partition.engine.draws import fraction
from mulin.kernels.partition.engine.flipping import flip
from mulin.kernels.partition.engine.recombining import recombine
from mulin.kernels.partition.engine.regions import remember

FLIP_WORK, ATOM_WORK = 32, 16  # edges read in the time of a flip, and of an atom of a recombination


@in_place
def anneal(
    town: Town, rules: Rules, edges: Whole, temperature: float, work: int,
    share: float, triples: float,
) -> None:  # fmt: skip
    """Do one round of steps at the borders met while going along `edges`; `share` of them are recombinations.

    Going along the edges, rather than drawing them, reads memory in order. `work` counts edges read; a step counts as
    many as it takes time.
    """
    if len(edges) == 0:
        return
    done, cursor = 0, town.state[0].cursor % len(edges)
    while done < work:
        done += 1
        cursor = cursor + 1 if cursor + 1 < len(edges) else 0
        edge = edges[cursor]
        atom, other = town.edges[edge].source, town.edges[edge].neighbour
        one, target = town.atoms[atom].grid, town.atoms[other].grid
        if one == target or town.grids[one].closed or town.grids[target].closed:
            continue
        allowed = -temperature * math.log(1.0 - fraction(town))
        kind = fraction(town)
        if kind >= share:
            flip(town, rules, atom, target, allowed)
            done += FLIP_WORK
        else:
            third = kind < share * triples
            done += ATOM_WORK * recombine(town, rules, one, target, third, allowed)
    town.state[0].cursor = cursor
    keep_best(town)


@in_place
def keep_best(town: Town) -> None:
    """Remember every component that is better than ever."""
    for component in range(len(town.components)):
        if town.components[component].cost < town.components[component].best_cost - 1e-7:
            remember(town, component)


@in_place
def return_to_best(town: Town, rules: Rules) -> None:
    """Make the best division of every component the plan."""
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].best
    install(town, rules)
    for component in range(len(town.components)):
        town.components[component].best_cost = town.components[component].cost
