"""The first plan and the repair of what it leaves bad, both by dividing trees."""

from mulin.kernels.compiled import compiled
from mulin.kernels.partition.engine.arrays import MOST_PARTS, NONE, Rules, Town
from mulin.kernels.partition.engine.costs import violation
from mulin.kernels.partition.engine.dividing import Ledger, divide_tree, read_parts
from mulin.kernels.partition.engine.recombining import settle
from mulin.kernels.partition.engine.regions import add_neighbour, gather
from mulin.kernels.partition.engine.trees import spanning_tree


@compiled
def first_division(town: Town, rules: Rules, ledger: Ledger, width: int) -> int:
    """Divide every component along one tree into `grid` of the atoms; return the number of grids."""
    town.state[0].stamp += 1
    stamp = town.state[0].stamp
    for atom in range(len(town.atoms)):
        town.atoms[atom].mark = stamp
        town.atoms[atom].place = NONE
    parts = 0
    for component in range(len(town.components)):
        root = town.atoms[town.components[component].start].listed
        count = spanning_tree(town, root, stamp)
        divide_tree(town, rules, ledger, count, width)
        parts = read_parts(town, ledger, count, width, parts)
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].part
    return parts


@compiled
def is_bad(town: Town, rules: Rules, grid: int) -> bool:
    """Whether a grid in use is outside its bounds and has any to keep."""
    if town.grids[grid].size == 0 or town.atoms[town.grids[grid].first].sealed:
        return False
    return violation(rules, town.grids[grid].households) > 0.0


@compiled
def _cuts(town: Town, count: int) -> tuple[float, float]:
    """Weight cut between the parts and between today's grids of the region."""
    stamp = town.state[0].stamp
    cut, cut_today = 0.0, 0.0
    for at in range(count):
        atom = town.atoms[at].region
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if other > atom or town.atoms[other].mark != stamp:
                continue
            if town.atoms[other].part != town.atoms[atom].part:
                cut += town.edges[edge].weight
            if town.atoms[other].grid != town.atoms[atom].grid:
                cut_today += town.edges[edge].weight
    return cut, cut_today


@compiled
def repair_once(town: Town, rules: Rules, ledger: Ledger, bad: int, grids: int, width: int) -> bool:
    """Divide a bad grid and some around it along a random tree; return whether that was cheaper and is written."""
    town.parts[0].old = bad
    olds = 1
    while olds < grids:
        more = add_neighbour(town, olds)
        if more == olds:
            break
        olds = more
    count = gather(town, olds)
    if count * width > len(ledger.cost) or count < 2:
        return False
    stamp = town.state[0].stamp
    if spanning_tree(town, town.atoms[0].region, stamp) < count:
        return False
    divide_tree(town, rules, ledger, count, width)
    parts = read_parts(town, ledger, count, width, 0)
    if parts > MOST_PARTS or town.state[0].spares < parts:
        return False
    cut, cut_today = _cuts(town, count)
    return settle(town, rules, count, parts, olds, cut, cut_today, -1e-6)


@compiled
def repair(town: Town, rules: Rules, ledger: Ledger, tries: int, width: int) -> int:
    """Try to mend every bad grid, with more and more grids around it; return how many are still bad."""
    left = 0
    for bad in range(len(town.grids)):
        attempt = 0
        while attempt < tries and not town.grids[bad].closed and is_bad(town, rules, bad):
            repair_once(town, rules, ledger, bad, 2 + attempt // 4, width)
            attempt += 1
        left += is_bad(town, rules, bad)
    return left
