"""The first plan and the repair of what it leaves bad, both by dividing trees."""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import MOST_PARTS, NONE, Rules, Town
from mulin.kernels.partition.engine.costs import violation
from mulin.kernels.partition.engine.dividing import Ledger, divide_tree, read_parts
from mulin.kernels.partition.engine.recombining import cut_of_old, settle
from mulin.kernels.partition.engine.regions import add_neighbour, gather
from mulin.kernels.partition.engine.trees import spanning_tree


@in_place
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
        count = spanning_tree(town, root, stamp, False)
        divide_tree(town, rules, ledger, count, width)
        parts = read_parts(town, ledger, count, width, parts)
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].part
    return parts


@in_place
def is_bad(town: Town, rules: Rules, grid: int) -> bool:
    """Whether a grid in use is outside its bounds and has any to keep."""
    if town.grids[grid].size == 0 or town.atoms[town.grids[grid].first].sealed:
        return False
    return violation(rules, town.grids[grid].households) > 0.0


@in_place
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


@in_place
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
    if count * width > len(ledger.cells) or count < 2:
        return False
    stamp = town.state[0].stamp
    if spanning_tree(town, town.atoms[0].region, stamp, False) < count:
        return False
    divide_tree(town, rules, ledger, count, width)
    parts = read_parts(town, ledger, count, width, 0)
    if parts > MOST_PARTS or town.state[0].spares < parts:
        return False
    cut, cut_today = _cuts(town, count)
    return settle(town, rules, count, parts, olds, cut, cut_today, -1e-6)


@in_place
def _mend(town: Town, rules: Rules, ledger: Ledger, bad: int, tries: int, slowly: int, width: int) -> None:
    """Try to mend a grid while it is bad, each `slowly` tries with one more around it.

    A grid of one building above the bound is left alone.
    """
    attempt = 0
    while attempt < tries and not town.grids[bad].closed and is_bad(town, rules, bad):
        if town.grids[bad].size == 1 and town.grids[bad].households > rules.highest:
            break
        repair_once(town, rules, ledger, bad, 2 + attempt // slowly, width)
        attempt += 1


@in_place
def mend_some(town: Town, rules: Rules, ledger: Ledger, tries: int, most: int, width: int) -> None:
    """Try to mend the next few bad grids, going round: what annealing changed around them may have made it possible."""
    left, grid = most, town.state[0].mended
    for _ in range(len(town.grids)):
        grid = grid + 1 if grid + 1 < len(town.grids) else 0
        if left > 0 and is_bad(town, rules, grid):
            _mend(town, rules, ledger, grid, tries, 1, width)
            town.state[0].mended = grid
            left -= 1


@in_place
def repair(town: Town, rules: Rules, ledger: Ledger, tries: int, passes: int, width: int) -> int:
    """Try to mend every bad grid, with more and more grids around it; return how many are still bad.

    Mending one may move a smaller fault next door, and every try has a tree of its own: several passes are worth it.
    """
    left = count_bad(town, rules)
    for _ in range(passes):
        if left == 0:
            break
        for bad in range(len(town.grids)):
            _mend(town, rules, ledger, bad, tries, 4, width)
        left = count_bad(town, rules)
    return left


@in_place
def count_bad(town: Town, rules: Rules) -> int:
    """Count the grids outside their bounds."""
    found = 0
    for grid in range(len(town.grids)):
        found += is_bad(town, rules, grid)
    return found


@in_place
def absorb(town: Town, rules: Rules) -> None:
    """Join grids that are too small to the neighbour they share most weight with, while both fit into one."""
    joined = True
    while joined:
        joined = False
        for grid in range(len(town.grids)):
            if is_bad(town, rules, grid) and not town.grids[grid].closed:
                joined = _join_best(town, rules, grid) or joined


@in_place
def _join_best(town: Town, rules: Rules, grid: int) -> bool:
    """Join a grid to the neighbour it fits best; a lawful whole is best, then the heaviest border."""
    best, chosen = 0.0, NONE
    atom = town.grids[grid].first
    while atom != NONE:
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.atoms[town.edges[edge].neighbour].grid
            together = town.grids[grid].households + town.grids[other].households
            if other == grid or town.grids[other].closed or together > rules.highest:
                continue
            gain = town.edges[edge].weight + 1e-9
            if together >= rules.lowest:
                gain *= 100.0
            if gain > best:
                best, chosen = gain, other
        atom = town.atoms[atom].after
    if chosen == NONE:
        return False
    town.parts[0].old, town.parts[1].old = grid, chosen
    count = gather(town, 2)
    return settle(town, rules, count, 1, 2, 0.0, cut_of_old(town, count), 0.0)
