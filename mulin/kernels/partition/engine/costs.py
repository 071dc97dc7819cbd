"""What one grid costs, and the plan as lists with sums. The cut is counted where edges are scanned."""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import NONE, Rules, Town

BAD_GRID = 100_000.0  # above every cut a region can save: a grid within bounds is never given up
BAD_HOUSEHOLD = 50.0
METRES = 0.01


@in_place
def violation(rules: Rules, households: int) -> float:
    """Cost of households outside the bounds; 0 within them."""
    if households < rules.lowest:
        return BAD_GRID + BAD_HOUSEHOLD * (rules.lowest - households)
    if households > rules.highest:
        return BAD_GRID + BAD_HOUSEHOLD * (households - rules.highest)
    return 0.0


@in_place
def grid_cost(rules: Rules, households: int, mx: float, my: float, mq: float) -> float:
    """Violation, imbalance and spread of one grid; straddling and cut are added elsewhere."""
    cost = violation(rules, households)
    if rules.balance > 0.0:
        target = 0.5 * (rules.lowest + rules.highest)
        off = (households - target) / target
        cost += rules.balance * off * off
    if rules.compactness > 0.0 and households > 0:
        cost += rules.compactness * (mq - (mx * mx + my * my) / households)
    return cost


@in_place
def cost_of(town: Town, rules: Rules, grid: int) -> float:
    """Cost of a grid of the plan without its cut."""
    if town.grids[grid].size == 0:
        return 0.0
    own = grid_cost(rules, town.grids[grid].households, town.grids[grid].mx, town.grids[grid].my, town.grids[grid].mq)
    return float(own + rules.straddling * town.grids[grid].straddles)


@in_place
def change_cost(town: Town, rules: Rules, atom: int, grid: int) -> float:
    """Cost of an atom in a grid that is not its home; an empty building counts as one household."""
    if town.atoms[atom].home == NONE or town.atoms[atom].home == grid:
        return 0.0
    return float(rules.change * max(town.atoms[atom].households, 1))


@in_place
def put(town: Town, atom: int, grid: int) -> None:
    """Write an atom into a grid."""
    first = town.grids[grid].first
    town.atoms[atom].after, town.atoms[atom].before = first, NONE
    if first != NONE:
        town.atoms[first].before = atom
    town.grids[grid].first = atom
    town.atoms[atom].grid = grid
    _count(town, atom, grid, 1)


@in_place
def take(town: Town, atom: int) -> None:
    """Take an atom out of its grid."""
    grid, before, after = town.atoms[atom].grid, town.atoms[atom].before, town.atoms[atom].after
    if before == NONE:
        town.grids[grid].first = after
    else:
        town.atoms[before].after = after
    if after != NONE:
        town.atoms[after].before = before
    town.atoms[atom].grid = NONE
    _count(town, atom, grid, -1)


@in_place
def _count(town: Town, atom: int, grid: int, sign: int) -> None:
    households = sign * town.atoms[atom].households
    x, y = town.atoms[atom].x * METRES, town.atoms[atom].y * METRES
    town.grids[grid].size += sign
    town.grids[grid].households += households
    town.grids[grid].mx += households * x
    town.grids[grid].my += households * y
    town.grids[grid].mq += households * (x * x + y * y)


@in_place
def empty(town: Town, grid: int) -> None:
    """Forget a grid's sums before its atoms are written anew (also ends the drift of the real sums)."""
    town.grids[grid].first = NONE
    town.grids[grid].size = 0
    town.grids[grid].households = 0
    town.grids[grid].mx = town.grids[grid].my = town.grids[grid].mq = 0.0
    town.grids[grid].straddles = 0


@in_place
def straddles(town: Town, start: int, size: int) -> int:
    """1 where the atoms in the grid of `start` hang together only across a main road."""
    town.state[0].seen += 1
    stamp = town.state[0].seen
    town.atoms[0].queue = start
    town.atoms[start].seen = stamp
    at, end = 0, 1
    while at < end:
        atom = town.atoms[at].queue
        at += 1
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if town.atoms[other].seen == stamp or town.atoms[other].grid != town.atoms[start].grid:
                continue
            if town.edges[edge].walkable:
                town.atoms[other].seen = stamp
                town.atoms[end].queue = other
                end += 1
    return 1 if end < size else 0


@in_place
def install(town: Town, rules: Rules) -> None:
    """Write lists, sums and costs of the division that stands in `grid` of the atoms. O(n + e)."""
    for grid in range(len(town.grids)):
        empty(town, grid)
    for atom in range(len(town.atoms) - 1, -1, -1):
        put(town, atom, town.atoms[atom].grid)
    town.state[0].spares = 0
    for grid in range(len(town.grids) - 1, -1, -1):
        if town.grids[grid].size == 0:
            town.grids[town.state[0].spares].spare = grid
            town.state[0].spares += 1
        elif rules.straddling > 0.0:
            town.grids[grid].straddles = straddles(town, town.grids[grid].first, town.grids[grid].size)
    tally(town, rules)


@in_place
def tally(town: Town, rules: Rules) -> None:
    """Count the cost of every component afresh."""
    for component in range(len(town.components)):
        town.components[component].cost = 0.0
    for grid in range(len(town.grids)):
        if town.grids[grid].size > 0 and not town.atoms[town.grids[grid].first].sealed:
            town.components[town.atoms[town.grids[grid].first].component].cost += cost_of(town, rules, grid)
    for atom in range(len(town.atoms)):
        cost = change_cost(town, rules, atom, town.atoms[atom].grid)
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if other > atom and town.atoms[other].grid != town.atoms[atom].grid:
                cost += town.edges[edge].weight
        town.components[town.atoms[atom].component].cost += cost
