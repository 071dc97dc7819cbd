"""A flip: one atom on the border goes to the grid next door, if its own stays contiguous without it."""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import Rules, Town
from mulin.kernels.partition.engine.costs import METRES, change_cost, cost_of, grid_cost, put, straddles, take
from mulin.kernels.partition.engine.regions import before_change


@in_place
def _without(town: Town, rules: Rules, atom: int, grid: int, sign: int) -> float:
    """Cost of a grid with an atom more (sign 1) or less (-1), straddling apart."""
    size = town.grids[grid].size + sign
    if size == 0:
        return 0.0
    households = sign * town.atoms[atom].households
    x, y = town.atoms[atom].x * METRES, town.atoms[atom].y * METRES
    return grid_cost(
        rules,
        town.grids[grid].households + households,
        town.grids[grid].mx + households * x,
        town.grids[grid].my + households * y,
        town.grids[grid].mq + households * (x * x + y * y),
    )


@in_place
def _cut_change(town: Town, atom: int, target: int) -> float:
    own = town.atoms[atom].grid
    change = 0.0
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        grid = town.atoms[town.edges[edge].neighbour].grid
        if grid == own:
            change += town.edges[edge].weight
        elif grid == target:
            change -= town.edges[edge].weight
    return change


@in_place
def _meets_someone_apart(town: Town, atom: int, target: int) -> bool:
    for row in range(town.atoms[atom].apart_start, town.atoms[atom].apart_end):
        if town.atoms[town.apart[row]].grid == target:
            return True
    return False


@in_place
def stays_whole(town: Town, atom: int) -> bool:
    """Whether an atom's grid is contiguous without it: its neighbours there must reach each other."""
    own = town.atoms[atom].grid
    town.state[0].seen += 2
    wanted, found = town.state[0].seen - 1, town.state[0].seen
    waiting, first = 0, -1
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        other = town.edges[edge].neighbour
        if town.atoms[other].grid == own:
            town.atoms[other].seen = wanted
            waiting += 1
            first = other
    if waiting <= 1:
        return waiting == 1 or town.grids[own].size == 1
    town.atoms[atom].seen = found
    town.atoms[first].seen = found
    town.atoms[0].queue = first
    waiting -= 1
    at, end = 0, 1
    while at < end and waiting > 0:
        here = town.atoms[at].queue
        at += 1
        for edge in range(town.atoms[here].start, town.atoms[here].end):
            other = town.edges[edge].neighbour
            if town.atoms[other].grid == own and town.atoms[other].seen != found:
                waiting -= town.atoms[other].seen == wanted
                town.atoms[other].seen = found
                town.atoms[end].queue = other
                end += 1
    return waiting == 0


@in_place
def _straddling_change(town: Town, rules: Rules, atom: int, target: int) -> tuple[float, int, int]:
    """What the flip changes in straddling; also whether both grids straddle after it."""
    own = town.atoms[atom].grid
    town.atoms[atom].grid = target
    there = straddles(town, atom, town.grids[target].size + 1)
    here = 0
    if town.grids[own].size > 1:
        start = town.grids[own].first if town.grids[own].first != atom else town.atoms[atom].after
        here = straddles(town, start, town.grids[own].size - 1)
    town.atoms[atom].grid = own
    change = here + there - town.grids[own].straddles - town.grids[target].straddles
    return rules.straddling * change, here, there


@in_place
def flip(town: Town, rules: Rules, atom: int, target: int, allowed: float) -> bool:
    """Move an atom to a grid it touches if that costs at most `allowed`; return whether it was moved."""
    own = town.atoms[atom].grid
    delta = _cut_change(town, atom, target)
    delta += change_cost(town, rules, atom, target) - change_cost(town, rules, atom, own)
    delta += _without(town, rules, atom, own, -1) + _without(town, rules, atom, target, 1)
    delta -= cost_of(town, rules, own) + cost_of(town, rules, target)
    delta += rules.straddling * (town.grids[own].straddles + town.grids[target].straddles)
    here, there = town.grids[own].straddles, town.grids[target].straddles
    if delta - rules.straddling * (here + there) > allowed:
        return False
    if not stays_whole(town, atom) or _meets_someone_apart(town, atom, target):
        return False
    if rules.straddling > 0.0:
        change, here, there = _straddling_change(town, rules, atom, target)
        delta += change
        if delta > allowed:
            return False
    component = town.atoms[atom].component
    before_change(town, component, delta)
    take(town, atom)
    put(town, atom, target)
    town.grids[own].straddles, town.grids[target].straddles = here, there
    if town.grids[own].size == 0:
        town.grids[town.state[0].spares].spare = own
        town.state[0].spares += 1
    town.components[component].cost += delta
    return True
