"""Recombination: the atoms of two or three neighbouring grids under a random tree, cut anew where it costs least.

DeFord, Duchin & Solomon, "Recombination: A family of Markov chains for redistricting", HDSR 2021; here every cut of the
tree is priced (O(m · depth) for m edges of the region) and the cheapest lawful one is taken.
"""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import NONE, Rules, Town
from mulin.kernels.partition.engine.costs import BAD_GRID, BAD_HOUSEHOLD, grid_cost
from mulin.kernels.partition.engine.draws import below
from mulin.kernels.partition.engine.regions import (
    ENDLESS,
    add_neighbour,
    cost_of_parts,
    cost_today,
    extras,
    gather,
    name_parts,
    straddling_cost,
    weigh_parts,
    write_parts,
)
from mulin.kernels.partition.engine.trees import spanning_tree, sum_subtrees


@in_place
def _rest_cost(rules: Rules, households: int, parts: int) -> float:
    """Violation of what is left for so many parts."""
    if households < parts * rules.lowest:
        return BAD_GRID + BAD_HOUSEHOLD * (parts * rules.lowest - households)
    if households > parts * rules.highest:
        return BAD_GRID + BAD_HOUSEHOLD * (households - parts * rules.highest)
    return 0.0


@in_place
def _pair_price(town: Town, rules: Rules, root: int, atom: int) -> float:
    low, top = town.atoms[atom], town.atoms[root]
    below_here = grid_cost(rules, low.sum_households, low.sum_x, low.sum_y, low.sum_q)
    above = grid_cost(
        rules,
        top.sum_households - low.sum_households,
        top.sum_x - low.sum_x,
        top.sum_y - low.sum_y,
        top.sum_q - low.sum_q,
    )
    return float(low.sum_cut + below_here + above)


@in_place
def _cheapest_pair_cut(town: Town, rules: Rules, count: int, limit: float) -> int:
    """Atom above which to cut so that both sides are grids; NONE if no cut costs less than the limit."""
    root = town.atoms[0].order
    best, chosen = limit, NONE
    for place in range(1, count):
        atom = town.atoms[place].order
        if town.atoms[atom].sum_cut < best:
            price = _pair_price(town, rules, root, atom)
            if price < best:
                best, chosen = price, atom
    return chosen


@in_place
def _cheapest_carving(town: Town, rules: Rules, count: int, parts: int) -> tuple[int, bool]:
    """Atom above which to cut so that one side is a grid and the other can be `parts - 1`; whether the upper is it."""
    total = town.atoms[town.atoms[0].order].sum_households
    best, chosen, upper = ENDLESS, NONE, False
    for place in range(1, count):
        atom = town.atoms[place].order
        cut, lower = town.atoms[atom].sum_cut, town.atoms[atom].sum_households
        if cut >= best:
            continue
        price = cut + _rest_cost(rules, lower, 1) + _rest_cost(rules, total - lower, parts - 1)
        if price < best:
            best, chosen, upper = price, atom, False
        price = cut + _rest_cost(rules, total - lower, 1) + _rest_cost(rules, lower, parts - 1)
        if price < best:
            best, chosen, upper = price, atom, True
    return chosen, upper


@in_place
def _split(town: Town, count: int, chosen: int, upper: bool, part: int, rest: int) -> None:
    """Label one side of the cut as a part and leave it out of what follows; `depth` says who is below the cut."""
    for place in range(count):
        atom = town.atoms[place].order
        is_below = atom == chosen or (place > 0 and town.atoms[town.atoms[atom].parent].depth == NONE)
        if is_below:
            town.atoms[atom].depth = NONE
        town.atoms[atom].place = NONE
        if is_below != upper:
            town.atoms[atom].part = part
            town.atoms[atom].mark = 0
        else:
            town.atoms[atom].part = rest


@in_place
def _root(town: Town, count: int, stamp: int) -> int:
    """Draw an atom of the region that is not in a part yet."""
    at = below(town, count)
    while town.atoms[town.atoms[at].region].mark != stamp:
        at = (at + 1) % count
    return int(town.atoms[at].region)


@in_place
def carve(town: Town, rules: Rules, count: int, parts: int, olds: int, allowed: float) -> tuple[float, float]:
    """Divide the gathered region into parts, one tree after another.

    Returns
    -------
    tuple of float
        Weight cut between the parts (endless where there is no way that may be taken), and between today's grids.
    """
    stamp = town.state[0].stamp
    cut, cut_today, left = 0.0, 0.0, count
    for part in range(parts - 1):
        reached = spanning_tree(town, _root(town, count, stamp), stamp, True)
        if reached < left:
            return ENDLESS, 0.0
        sum_subtrees(town, reached, rules.compactness > 0.0)
        if part == 0:
            cut_today = town.state[0].cut_today
        if part == parts - 2:
            limit = _limit(town, rules, olds, cut_today, allowed) if parts == 2 else ENDLESS
            chosen, upper = _cheapest_pair_cut(town, rules, reached, limit), False
        else:
            chosen, upper = _cheapest_carving(town, rules, reached, parts - part)
        if chosen == NONE:
            return ENDLESS, 0.0
        cut += town.atoms[chosen].sum_cut
        _split(town, reached, chosen, upper, part, parts - 1)
        left = _left(town, count, stamp) if part < parts - 2 else 0
    return cut, cut_today


@in_place
def _limit(town: Town, rules: Rules, olds: int, cut_today: float, allowed: float) -> float:
    """What two parts may cost together, before change is counted."""
    if rules.change > 0.0:
        return ENDLESS
    return cost_today(town, rules, olds, cut_today) + allowed + rules.straddling * olds + 1e-6


@in_place
def _left(town: Town, count: int, stamp: int) -> int:
    """Atoms of the region that are in no part yet."""
    left = 0
    for at in range(count):
        left += town.atoms[town.atoms[at].region].mark == stamp
    return left


@in_place
def cut_of_old(town: Town, count: int) -> float:
    """Join the region into one part; return the weight between today's grids."""
    stamp = town.state[0].stamp
    cut = 0.0
    for at in range(count):
        atom = town.atoms[at].region
        town.atoms[atom].part = 0
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if other < atom and town.atoms[other].mark == stamp and town.atoms[other].grid != town.atoms[atom].grid:
                cut += town.edges[edge].weight
    return cut


@in_place
def settle(
    town: Town, rules: Rules, count: int, parts: int, olds: int,
    cut: float, cut_today: float, allowed: float,
) -> bool:  # fmt: skip
    """Write the divided region into the plan if it costs at most `allowed` more than today's grids do."""
    weigh_parts(town, count, parts)
    delta = cost_of_parts(town, rules, parts, cut) - cost_today(town, rules, olds, cut_today)
    if rules.change == 0.0 and delta > allowed + rules.straddling * olds:
        return False
    for at in range(count):
        town.atoms[town.atoms[at].region].mark = town.state[0].stamp
    delta += straddling_cost(town, rules, count, parts)
    name_parts(town, rules, count, parts, olds)
    delta += extras(town, rules, count, parts)
    if delta > allowed:
        return False
    write_parts(town, count, parts, olds, delta)
    return True


@in_place
def _parts_wanted(town: Town, rules: Rules, olds: int) -> int:
    """Draw into how many grids the region goes: a number its households allow, near today's."""
    total = 0
    for at in range(olds):
        total += town.grids[town.parts[at].old].households
    fewest = max(olds - 1, (total + rules.highest - 1) // rules.highest)
    most = min(olds + 1, total // rules.lowest)
    if fewest > most:
        return olds
    return fewest + below(town, most - fewest + 1)


@in_place
def recombine(town: Town, rules: Rules, one: int, other: int, third: bool, allowed: float) -> int:
    """Try to divide two neighbouring grids (with a third one) anew; return the atoms looked at."""
    town.parts[0].old, town.parts[1].old = one, other
    olds = add_neighbour(town, 2) if third else 2
    parts = _parts_wanted(town, rules, olds)
    if parts > olds and town.state[0].spares < parts - olds:
        return 1
    count = gather(town, olds)
    if count < parts:
        return count
    if parts == 1:
        cut, cut_today = 0.0, cut_of_old(town, count)
    else:
        cut, cut_today = carve(town, rules, count, parts, olds, allowed)
    if cut < ENDLESS:
        settle(town, rules, count, parts, olds, cut, cut_today, allowed)
    return count * parts
