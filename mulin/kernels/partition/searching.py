"""The search over one town: a first plan, then rounds of annealing until somebody or the clock says stop."""

from collections.abc import Callable

import numpy as np

from mulin.kernels.partition.atoms import Atoms
from mulin.kernels.partition.engine.annealing import anneal, keep_best, return_to_best
from mulin.kernels.partition.engine.arrays import Real, Town, Whole, unused_grids
from mulin.kernels.partition.engine.costs import BAD_GRID, BAD_HOUSEHOLD, install
from mulin.kernels.partition.engine.dividing import ledger_for
from mulin.kernels.partition.engine.repairing import absorb, count_bad, first_division, mend_some, repair
from mulin.kernels.partition.engine.warming import adopt_present, close_all_but_bad, part_the_apart
from mulin.kernels.partition.numbering import told_apart
from mulin.kernels.partition.problem import Integers
from mulin.kernels.stop import Stop

FIRST_WIDTH = 8
REPAIR_CELLS = 250_000
EXACT_WIDTH = 502  # a state for every number of households up to the standard's 500
REPAIRS = ((32, 8, 2), (EXACT_WIDTH, 24, 8))  # states, tries for a grid, passes: most are mended in a fraction of a ms
MEND_EVERY, MEND_TRIES, MEND_GRIDS = 4, 20, 8  # rounds; some 2 ms at most
WORK = 500_000  # about 3 ms
HEATS, COLD = (8.0, 40.0), 0.3
WARM_HEATS = (2.0, 6.0)  # today's plan is good: only what must change is sought
SHARE = 0.16  # of the steps are recombinations,
TRIPLES, TRIPLES_SMALL = 0.1, 0.4  # of them with a third grid; more where there is time to vary the number of grids
WORK_PER_EDGE = 8_000  # of one cooling
PROBE = 4  # rounds after which the speed of this machine is known
AFAR_HEAT, AFAR_PART, AFAR_WORK_PER_EDGE = 8.0, 0.5, 150
OPEN_END = 400  # rounds of the schedule where only somebody's asking ends the search
RINGS = 2

Seen = Callable[[Town, int], None]


def first_plan(atoms: Atoms) -> Town:
    """Divide every component along one tree and mend what it leaves bad."""
    town, rules = atoms.town, atoms.rules
    ledger = ledger_for(len(town.atoms), FIRST_WIDTH)
    used = first_division(town, rules, ledger, FIRST_WIDTH)
    if len(town.apart):
        used = part_the_apart(town)
    town = _with_room(town, used, rules.lowest)
    install(town, rules)
    _repair(town, atoms)
    keep_best(town)
    return town


def _with_room(town: Town, used: int, lowest: int) -> Town:
    """Give the town as many grid numbers as a search can want."""
    most = int(town.atoms["households"].sum()) // lowest
    return town._replace(grids=unused_grids(max(used, most) + 64))


def _repair(town: Town, atoms: Atoms) -> None:
    absorb(town, atoms.rules)
    for states, tries, passes in REPAIRS:
        width = min(atoms.rules.highest + 2, states)
        ledger = ledger_for(REPAIR_CELLS // width + 1, width)
        if repair(town, atoms.rules, ledger, tries, passes, width) == 0:
            break


def warm_plan(atoms: Atoms) -> tuple[Town, Whole, bool]:
    """Start from today's grids; only those that break a rule, and some around them, may change.

    Returns
    -------
    town
    (n,) int32
        Today's grid of each atom, made contiguous.
    bool
        Whether anything is left to be done.
    """
    town, rules = atoms.town, atoms.rules
    homes = len(atoms.home_numbers)
    town = town._replace(grids=unused_grids(len(town.atoms) + homes))
    used = adopt_present(town, homes)
    town = _with_room(town, used + homes, rules.lowest)
    install(town, rules)
    today = town.atoms["grid"].copy()
    left = True
    if rules.change > 0.0:
        left = close_all_but_bad(town, rules, RINGS) > 0
        if left:
            _repair(town, atoms)
    keep_best(town)
    return town, today, left


def keep_today(town: Town, atoms: Atoms, today: Whole) -> None:
    """Go back to today's grids wherever the search mended nothing: a change must be worth somebody's while."""
    component = town.atoms["component"]
    mended = _violations(town, atoms, town.atoms["grid"]) < _violations(town, atoms, today)
    town.atoms["grid"] = np.where(mended[component], town.atoms["grid"], today)


def _violations(town: Town, atoms: Atoms, grid: Whole) -> Real:
    """Cost of the grids outside their bounds, by component."""
    numbers, first, label = np.unique(grid, return_index=True, return_inverse=True)
    households = np.bincount(label, town.atoms["households"], len(numbers))
    outside = np.maximum(np.maximum(atoms.rules.lowest - households, households - atoms.rules.highest), 0)
    asked = (outside > 0) & (town.atoms["sealed"][first] == 0)
    cost = np.where(asked, BAD_GRID + BAD_HOUSEHOLD * outside, 0.0)
    return np.bincount(town.atoms["component"][first], cost, len(town.components)).astype(np.float64)


def improve(town: Town, atoms: Atoms, stop: Stop, seen: Seen, rounds: int = 0) -> int:
    """Anneal until the stop is due; the plan is then the best of each component. Return the rounds done."""
    if stop.is_due(rounds):
        return rounds
    edges, rules = _open_edges(town), atoms.rules
    heats = WARM_HEATS if rules.change > 0.0 else HEATS
    begun, cycles = rounds, 1.0
    width = min(rules.highest + 2, EXACT_WIDTH)
    ledger = ledger_for(REPAIR_CELLS // width + 1, width)
    while len(edges) and not stop.is_due(rounds):
        if rounds - begun in (0, PROBE):
            cycles = _cycles(stop, rounds, len(edges))
        temperature = _temperature(progress(stop, rounds) * cycles, heats)
        triples = TRIPLES if cycles == 1.0 else TRIPLES_SMALL
        anneal(town, rules, edges, temperature, WORK, SHARE, triples)
        rounds += 1
        if (rounds - begun) % MEND_EVERY == 0:
            mend_some(town, rules, ledger, MEND_TRIES, MEND_GRIDS, width)
        seen(town, rounds)
    _back_to_best(town, atoms)
    return rounds


def _back_to_best(town: Town, atoms: Atoms) -> None:
    best = told_apart(atoms, town.atoms["best"])
    town.atoms["best"] = best
    used = int(best.max(initial=0)) + 1
    return_to_best(town if used <= len(town.grids) else town._replace(grids=unused_grids(used)), atoms.rules)


def _temperature(cycle: float, heats: tuple[float, ...]) -> float:
    """Each cycle cools from a heat to the cold; every other one starts hotter, to leave the number of grids free."""
    start = heats[int(cycle) % len(heats)]
    return float(start * (COLD / start) ** (cycle % 1.0))


def _cycles(stop: Stop, rounds: int, edges: int) -> float:
    """How often the search may cool: often in a small town with much time, once in a large one."""
    done = progress(stop, rounds)
    total = stop.rounds or (rounds / done if done > 0.0 and rounds else 0.0)
    return max(1.0, total * WORK // (edges * WORK_PER_EDGE))


def improve_from_afar(town: Town, atoms: Atoms, stop: Stop, seen: Seen) -> int:
    """Anneal clusters, cooling once, for a part of the time; the plan is then the best. Return the rounds done."""
    edges = _open_edges(town)
    most = max(1, AFAR_WORK_PER_EDGE * len(edges) // WORK)
    rounds, done = 0, 0.0
    while len(edges) and done < 1.0 and not stop.is_due(rounds):
        anneal(town, atoms.rules, edges, AFAR_HEAT * (COLD / AFAR_HEAT) ** done, WORK, SHARE, TRIPLES)
        rounds += 1
        done = max(rounds / most, progress(stop, rounds) / AFAR_PART)
        seen(town, rounds)
    _back_to_best(town, atoms)
    return rounds


def seen_nearer(atoms: Atoms, cluster: Integers, afar: Town) -> Town:
    """Take over the plan of the clusters, and mend what they were too coarse for."""
    town = atoms.town
    town.atoms["grid"] = afar.atoms["grid"][cluster]
    town = town._replace(grids=unused_grids(max(len(afar.grids), int(town.atoms["grid"].max(initial=0)) + 65)))
    install(town, atoms.rules)
    if count_bad(town, atoms.rules):
        _repair(town, atoms)
    keep_best(town)
    return town


def _open_edges(town: Town) -> Whole:
    """Edges of which a step may start: both ends in grids that may change."""
    closed = town.grids["closed"][town.atoms["grid"]] > 0
    open_edges = ~(closed[town.edges["source"]] | closed[town.edges["neighbour"]])
    return np.flatnonzero(open_edges).astype(np.int32)


def progress(stop: Stop, rounds: int) -> float:
    """How far the search is, 0 … 1, by whichever limit is nearer."""
    if stop.seconds is None and stop.rounds is None:
        return rounds / (rounds + OPEN_END)
    by_rounds = rounds / stop.rounds if stop.rounds else 0.0
    by_time = stop.elapsed_s() / stop.seconds if stop.seconds else 0.0
    return min(1.0, max(by_rounds, by_time))
