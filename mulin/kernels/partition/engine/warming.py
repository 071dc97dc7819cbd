"""Where a re-partition starts: today's plan, made contiguous, with what is new beside it."""

from mulin.kernels.compiled import in_place
from mulin.kernels.partition.engine.arrays import NONE, Rules, Town
from mulin.kernels.partition.engine.repairing import is_bad


@in_place
def adopt_present(town: Town, homes: int) -> int:
    """Write today's grids into `grid`; parts that lie apart and buildings without a grid get numbers from `homes` on.

    Of a grid in several parts the one with most households keeps the number; an atom without a home joins the grid it
    shares most weight with.

    Returns
    -------
    int
        The number after the last one used.
    """
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].home
    _place_homeless(town)
    used = homes
    for atom in range(len(town.atoms)):
        town.atoms[atom].part = NONE
    town.state[0].stamp += 1
    for home in range(homes):
        town.grids[home].size = NONE
        town.grids[home].households = NONE
    for atom in range(len(town.atoms)):
        if town.atoms[atom].part == NONE:
            used = _adopt_group(town, atom, homes, used)
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].part
    return used


@in_place
def _place_homeless(town: Town) -> None:
    """Let atoms without a home join a neighbour's grid, nearest to homes first."""
    changed = True
    while changed:
        changed = False
        for atom in range(len(town.atoms)):
            if town.atoms[atom].grid != NONE or town.atoms[atom].sealed:
                continue
            best = 0.0
            chosen = NONE
            for edge in range(town.atoms[atom].start, town.atoms[atom].end):
                grid = town.atoms[town.edges[edge].neighbour].grid
                if grid == NONE or not _welcomes(town, atom, grid):
                    continue
                weight = _weight_towards(town, atom, grid)
                if weight > best:
                    best, chosen = weight, grid
            if chosen != NONE:
                town.atoms[atom].grid = chosen
                changed = True


@in_place
def _weight_towards(town: Town, atom: int, grid: int) -> float:
    weight = 1e-9
    for edge in range(town.atoms[atom].start, town.atoms[atom].end):
        if town.atoms[town.edges[edge].neighbour].grid == grid:
            weight += town.edges[edge].weight
    return weight


@in_place
def _welcomes(town: Town, atom: int, grid: int) -> bool:
    free = True
    for row in range(town.atoms[atom].apart_start, town.atoms[atom].apart_end):
        free = free and town.atoms[town.apart[row]].grid != grid
    return free


@in_place
def _adopt_group(town: Town, seed: int, homes: int, used: int) -> int:
    """Number one contiguous group: the home's own number if it is its largest so far, else a new one."""
    count, households = _walk_group(town, seed)
    home = town.atoms[seed].grid
    number = used
    if home != NONE and households > town.grids[home].households:
        if town.grids[home].households != NONE:
            _rename(town, home, used)
            used += 1
        town.grids[home].households = households
        number = home
    else:
        used += 1
    for at in range(count):
        town.atoms[town.atoms[at].queue].part = number
    return used


@in_place
def part_the_apart(town: Town) -> int:
    """Number the contiguous groups of every grid that have nobody who must be apart; return how many there are."""
    for atom in range(len(town.atoms)):
        town.atoms[atom].part = NONE
    used = 0
    for atom in range(len(town.atoms)):
        if town.atoms[atom].part != NONE:
            continue
        count, _ = _walk_group(town, atom)
        for at in range(count):
            town.atoms[town.atoms[at].queue].part = used
        used += 1
    for atom in range(len(town.atoms)):
        town.atoms[atom].grid = town.atoms[atom].part
    return used


@in_place
def _rename(town: Town, part: int, number: int) -> None:
    for atom in range(len(town.atoms)):
        if town.atoms[atom].part == part:
            town.atoms[atom].part = number


@in_place
def _walk_group(town: Town, seed: int) -> tuple[int, int]:
    """List in `queue` what hangs together with an atom within its grid, leaving out who must be apart from it."""
    town.state[0].seen += 1
    seen = town.state[0].seen
    home = town.atoms[seed].grid
    town.atoms[0].queue = seed
    town.atoms[seed].seen = seen
    at, end, households = 0, 1, 0
    while at < end:
        atom = town.atoms[at].queue
        at += 1
        households += town.atoms[atom].households
        for edge in range(town.atoms[atom].start, town.atoms[atom].end):
            other = town.edges[edge].neighbour
            if town.atoms[other].seen == seen or town.atoms[other].grid != home or town.atoms[other].part != NONE:
                continue
            if home == NONE or _meets_seen(town, other, seen):
                continue
            town.atoms[other].seen = seen
            town.atoms[end].queue = other
            end += 1
    return end, households


@in_place
def _meets_seen(town: Town, atom: int, seen: int) -> bool:
    meets = False
    for row in range(town.atoms[atom].apart_start, town.atoms[atom].apart_end):
        meets = meets or town.atoms[town.apart[row]].seen == seen
    return meets


@in_place
def close_all_but_bad(town: Town, rules: Rules, rings: int) -> int:
    """Open the bad grids and those around them, so many rings wide; close the others. Return how many are open."""
    for grid in range(len(town.grids)):
        is_open = is_bad(town, rules, grid) or (town.grids[grid].size > 0 and not _is_home(town, grid))
        town.grids[grid].closed = 0 if is_open or town.grids[grid].size == 0 else 1
    for _ in range(rings):
        _open_neighbours(town)
    found = 0
    for grid in range(len(town.grids)):
        found += town.grids[grid].size > 0 and town.grids[grid].closed == 0
    return found


@in_place
def _is_home(town: Town, grid: int) -> bool:
    """Whether the grid is as it was: nobody came from elsewhere."""
    atom = town.grids[grid].first
    same = True
    while atom != NONE:
        same = same and town.atoms[atom].home == grid
        atom = town.atoms[atom].after
    return same


@in_place
def _open_neighbours(town: Town) -> None:
    for edge in range(len(town.edges)):
        one = town.atoms[town.edges[edge].source].grid
        other = town.atoms[town.edges[edge].neighbour].grid
        if one != other and town.grids[one].closed == 0 and town.grids[other].closed == 1:
            town.grids[other].closed = 2
    for grid in range(len(town.grids)):
        if town.grids[grid].closed == 2:
            town.grids[grid].closed = 0
