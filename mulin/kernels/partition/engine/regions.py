"""A step on a region: take some neighbouring grids, divide their atoms anew, judge, and write or leave it."""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import NONE, Rules, Town
from mulin.kernels.partition.engine.costs import METRES, change_cost, cost_of, empty, grid_cost, put
from mulin.kernels.partition.engine.draws import below

SMALL_COMPONENT = 400
ENDLESS = 1e300


@in_place
def gather(town: Town, olds: int) -> int:
    """Mark and list the atoms of the grids in `old`; return how many there are."""
    town.state[0].stamp += 1
    stamp = town.state[0].stamp
    count = 0
    for at in range(olds):
        atom = town.grids[town.parts[at].old].first
        while atom != NONE:
            town.atoms[atom].mark = stamp
            town.atoms[atom].place = NONE
            town.atoms[count].region = atom
            count += 1
            atom = town.atoms[atom].after
    return count


@in_place
def add_neighbour(town: Town, olds: int) -> int:
    """Add an open grid that touches those in `old`, found at random; return the number of grids."""
    for _ in range(12):
        atom = town.grids[town.parts[below(town, olds)].old].first
        for _ in range(below(town, town.grids[town.atoms[atom].grid].size)):
            atom = town.atoms[atom].after
        degree = town.atoms[atom].end - town.atoms[atom].start
        if degree == 0:
            continue
        other = town.atoms[town.edges[town.atoms[atom].start + below(town, degree)].neighbour].grid
        if town.grids[other].closed or _is_listed(town, olds, other):
            continue
        town.parts[olds].old = other
        return olds + 1
    return olds


@in_place
def _is_listed(town: Town, olds: int, grid: int) -> bool:
    listed = False
    for at in range(olds):
        listed |= town.parts[at].old == grid
    return listed


@in_place
def weigh_parts(town: Town, count: int, parts: int) -> None:
    """Sum households and spread of the parts the region was divided into."""
    for part in range(parts):
        town.parts[part].households = 0
        town.parts[part].x = town.parts[part].y = town.parts[part].q = 0.0
        town.parts[part].straddles = 0
    for at in range(count):
        atom = town.atoms[at].region
        part, households = town.atoms[atom].part, town.atoms[atom].households
        x, y = town.atoms[atom].x * METRES, town.atoms[atom].y * METRES
        town.parts[part].households += households
        town.parts[part].x += households * x
        town.parts[part].y += households * y
        town.parts[part].q += households * (x * x + y * y)


@in_place
def keeps_apart(town: Town, count: int) -> bool:
    """Whether no two atoms that must be apart share a part."""
    stamp = town.state[0].stamp
    for at in range(count):
        atom = town.atoms[at].region
        for row in range(town.atoms[atom].apart_start, town.atoms[atom].apart_end):
            other = town.apart[row]
            if town.atoms[other].mark == stamp and town.atoms[other].part == town.atoms[atom].part:
                return False
    return True


@in_place
def _straddling_parts(town: Town, rules: Rules, count: int, parts: int) -> float:
    """Cost of the parts that hang together only across a main road."""
    for part in range(parts):
        town.parts[part].number = 0
    for at in range(count):
        town.parts[town.atoms[town.atoms[at].region].part].number += 1
    found = 0
    for part in range(parts):
        start = 0
        while town.atoms[town.atoms[start].region].part != part:
            start += 1
        size = town.parts[part].number
        town.parts[part].straddles = _straddles_in_region(town, town.atoms[start].region, size)
        found += town.parts[part].straddles
    return rules.straddling * found


@in_place
def _straddles_in_region(town: Town, start: int, size: int) -> int:
    """`straddles` for a part: atoms outside the region keep a part of an earlier step, so the mark is asked too."""
    town.state[0].seen += 1
    seen, stamp = town.state[0].seen, town.state[0].stamp
    town.atoms[0].queue = start
    town.atoms[start].seen = seen
    at, end = 0, 1
    while at < end:
        atom = town.atoms[at].queue
        at += 1
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if town.atoms[other].mark != stamp or town.atoms[other].part != town.atoms[start].part:
                continue
            if town.edges[edge].walkable and town.atoms[other].seen != seen:
                town.atoms[other].seen = seen
                town.atoms[end].queue = other
                end += 1
    return 1 if end < size else 0


@in_place
def name_parts(town: Town, rules: Rules, count: int, parts: int, olds: int) -> None:
    """Give each part a grid number: the one most of its households come from, then unused ones."""
    for part in range(parts):
        town.parts[part].number = NONE
    if rules.change > 0.0:
        _name_by_overlap(town, count, parts, olds)
    used = 0
    spare = town.state[0].spares
    for part in range(parts):
        if town.parts[part].number != NONE:
            continue
        while used < olds and (town.parts[used].old == NONE or _is_taken(town, parts, town.parts[used].old)):
            used += 1
        if used < olds:
            town.parts[part].number = town.parts[used].old
        else:
            spare -= 1
            town.parts[part].number = town.grids[spare].spare


@in_place
def _is_taken(town: Town, parts: int, grid: int) -> bool:
    taken = False
    for part in range(parts):
        taken |= town.parts[part].number == grid
    return taken


@in_place
def _name_by_overlap(town: Town, count: int, parts: int, olds: int) -> None:
    town.overlap[:parts, :olds] = 0
    for at in range(count):
        atom = town.atoms[at].region
        for old in range(olds):
            if town.atoms[atom].home == town.parts[old].old:
                town.overlap[town.atoms[atom].part, old] += max(town.atoms[atom].households, 1)
    for _ in range(min(parts, olds)):
        best, best_part, best_old = 0, NONE, NONE
        for part in range(parts):
            for old in range(olds):
                if town.overlap[part, old] > best:
                    best, best_part, best_old = town.overlap[part, old], part, old
        if best_part == NONE:
            return
        town.parts[best_part].number = town.parts[best_old].old
        town.overlap[best_part, :olds] = 0
        town.overlap[:parts, best_old] = 0


@in_place
def cost_today(town: Town, rules: Rules, olds: int, cut_today: float) -> float:
    """Cost of the region's grids as they stand, without change."""
    cost = cut_today
    for at in range(olds):
        cost += cost_of(town, rules, town.parts[at].old)
    return cost


@in_place
def cost_of_parts(town: Town, rules: Rules, parts: int, cut: float) -> float:
    """Cost of the parts as weighed, without straddling and change."""
    for part in range(parts):
        cut += grid_cost(rules, town.parts[part].households, town.parts[part].x, town.parts[part].y, town.parts[part].q)
    return cut


@in_place
def extras(town: Town, rules: Rules, count: int, parts: int) -> float:
    """What straddling and change add to the parts, less what change costs today; endless if the apart are joined."""
    if len(town.apart) > 0 and not keeps_apart(town, count):
        return ENDLESS
    cost = 0.0
    if rules.change > 0.0:
        for at in range(count):
            atom = town.atoms[at].region
            cost += change_cost(town, rules, atom, town.parts[town.atoms[atom].part].number)
            cost -= change_cost(town, rules, atom, town.atoms[atom].grid)
    return cost


@in_place
def straddling_cost(town: Town, rules: Rules, count: int, parts: int) -> float:
    """Cost of straddling parts; leaves `part_number` to be named afterwards."""
    if rules.straddling > 0.0:
        return _straddling_parts(town, rules, count, parts)
    return 0.0


@in_place
def remember(town: Town, component: int) -> None:
    """Keep the division of a component as its best."""
    town.components[component].best_cost = town.components[component].cost
    for row in range(town.components[component].start, town.components[component].end):
        atom = town.atoms[row].listed
        town.atoms[atom].best = town.atoms[atom].grid


@in_place
def before_change(town: Town, component: int, delta: float) -> None:
    """Remember a small component's best when it is about to be left for something worse."""
    size = town.components[component].end - town.components[component].start
    if (
        delta > 0.0
        and size <= SMALL_COMPONENT
        and town.components[component].cost < town.components[component].best_cost - 1e-7
    ):
        remember(town, component)


@in_place
def write_parts(town: Town, count: int, parts: int, olds: int, delta: float) -> None:
    """Make the parts the plan's grids."""
    component = town.atoms[town.atoms[0].region].component
    before_change(town, component, delta)
    for at in range(olds):
        empty(town, town.parts[at].old)
    for part in range(parts):
        grid = town.parts[part].number
        if town.state[0].spares > 0 and town.grids[town.state[0].spares - 1].spare == grid:
            town.state[0].spares -= 1
    for at in range(count):
        atom = town.atoms[at].region
        put(town, atom, town.parts[town.atoms[atom].part].number)
    for part in range(parts):
        town.grids[town.parts[part].number].straddles = town.parts[part].straddles
    for at in range(olds):
        if town.grids[town.parts[at].old].size == 0:
            town.grids[town.state[0].spares].spare = town.parts[at].old
            town.state[0].spares += 1
    town.components[component].cost += delta
