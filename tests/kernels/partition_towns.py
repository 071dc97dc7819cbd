"""Towns for the tests of the partition, and a judge and a search that share no code with the kernel."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from benchmarks.towns import town
from mulin.kernels.partition import Bounds, Problem
from mulin.kernels.partition.problem import IMPASSABLE


@st.composite
def districts(draw, most=120):
    """Towns with streets, main roads, perhaps a river, several communities, fixed pieces and forbidden pairs."""
    problem = town(
        draw(st.integers(0, 10_000)),
        buildings=draw(st.integers(1, most)),
        block=draw(st.integers(1, 3)),
        superblock=draw(st.integers(1, 4)),
        community=draw(st.sampled_from([None, 1, 2])),
        river=draw(st.booleans()),
        mean_households=draw(st.sampled_from([20.0, 40.0, 80.0])),
    )
    return with_wishes(problem, draw(st.integers(0, 8)), draw(st.integers(0, 8)))


def with_wishes(problem, pieces, apart):
    """Keep the first so many passable pairs of neighbours together, and the next ones apart."""
    one, other = problem.edges.T
    joined = problem.edges[(problem.barriers != IMPASSABLE) & (problem.community[one] == problem.community[other])]
    piece = np.full(len(problem.households), -1, np.int64)
    for number, pair in enumerate(joined[:pieces].tolist()):
        if (piece[pair] == -1).all() and problem.households[pair].sum() <= problem.bounds.highest:
            piece[pair] = number
    pairs = joined[pieces : pieces + apart]
    pairs = pairs[(piece[pairs] == -1).any(axis=1)]
    return dataclasses.replace(problem, piece=piece, apart=pairs if len(pairs) else None)


@st.composite
def hamlets(draw, most=9):
    """Up to nine buildings between which any connection, or none, may be; small bounds."""
    count = draw(st.integers(1, most))
    pairs = [(one, other) for one in range(count) for other in range(one + 1, count)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    lowest = draw(st.integers(2, 6))
    return Problem(
        households=np.array([1, *draw(st.lists(st.integers(0, 6), min_size=count - 1, max_size=count - 1))], np.int64),
        xy=np.column_stack([np.arange(count) * 10.0, np.arange(count) % 3 * 10.0]),
        edges=np.array(chosen, np.int64).reshape(-1, 2),
        barriers=np.array([draw(st.integers(0, 3)) for _ in chosen], np.int64),
        community=np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), np.int64),
        bounds=Bounds(lowest, lowest + draw(st.integers(0, 4))),
    )


def neighbours(problem):
    """For each building, those it can share a grid with at once."""
    beside: list[set[int]] = [set() for _ in problem.households]
    for (one, other), barrier in zip(problem.edges.tolist(), problem.barriers.tolist(), strict=True):
        if barrier != IMPASSABLE and problem.community[one] == problem.community[other]:
            beside[one].add(other)
            beside[other].add(one)
    return beside


def reached(beside, start, inside):
    seen, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()] & inside - seen:
            seen.add(other)
            waiting.append(other)
    return seen


def islands(problem):
    """What hangs together, as sets of buildings."""
    beside, left = neighbours(problem), set(range(len(problem.households)))
    while left:
        island = reached(beside, min(left), left)
        left -= island
        yield island


def members(grid):
    return {int(number): set(np.flatnonzero(grid == number).tolist()) for number in np.unique(grid)}


def broken(problem, grid):
    """Say which rules that no plan may ever bend are bent, in words."""
    assert grid.shape == problem.households.shape
    beside, faults = neighbours(problem), []
    sealed = set() if problem.sealed is None else set(problem.sealed.tolist())
    for number, inside in members(grid).items():
        pieces = set() if problem.piece is None else {int(problem.piece[b]) for b in inside}
        if len({int(problem.community[b]) for b in inside}) > 1:
            faults.append(f"grid {number} lies in two communities")
        if not pieces & sealed and reached(beside, min(inside), inside) != inside:
            faults.append(f"grid {number} is not contiguous")
        if pieces & sealed and len(pieces) > 1:
            faults.append(f"somebody joined the sealed grid {number}")
    pieces = set() if problem.piece is None else set(problem.piece.tolist()) - {-1}
    pairs = [] if problem.apart is None else problem.apart.tolist()
    faults += [f"piece {at} is parted" for at in pieces if len(np.unique(grid[problem.piece == at])) > 1]
    faults += [f"{one} and {other} share a grid" for one, other in pairs if grid[one] == grid[other]]
    return faults


def outside(problem, grid):
    """Grids outside their bounds, with their buildings; sealed grids have none."""
    low, high = problem.bounds.lowest, problem.bounds.highest
    sealed = [] if problem.sealed is None else problem.sealed.tolist()
    return {
        number: inside
        for number, inside in members(grid).items()
        if not low <= problem.households[list(inside)].sum() <= high
        and not (problem.piece is not None and problem.piece[min(inside)] in sealed)
    }


def connected_sets(beside, start, allowed) -> Iterator[frozenset[int]]:
    """Every connected set within `allowed` that contains `start`, once."""

    def grow(inside, border, refused):
        yield frozenset(inside)
        refused = set(refused)
        for other in sorted(border):
            yield from grow(inside | {other}, (border | beside[other] & allowed) - inside - {other} - refused, refused)
            refused.add(other)
            border = border - {other}

    yield from grow({start}, beside[start] & allowed, {start})


def lawful_sets(problem, start, allowed):
    """Every set with `start` that could be a grid."""
    low, high = problem.bounds.lowest, problem.bounds.highest
    for inside in connected_sets(neighbours(problem), start, allowed):
        if low <= problem.households[list(inside)].sum() <= high and not broken_wishes(problem, inside):
            yield inside


def broken_wishes(problem, inside):
    if problem.piece is not None:
        for number in {int(problem.piece[b]) for b in inside} - {-1}:
            if not set(np.flatnonzero(problem.piece == number).tolist()) <= inside:
                return True
    return problem.apart is not None and any(one in inside and other in inside for one, other in problem.apart.tolist())


def coverings(problem, wanted, left) -> Iterator[list[frozenset[int]]]:
    """Every way to put all of `wanted` into lawful grids of buildings in `left`."""
    if not wanted:
        yield []
        return
    for inside in lawful_sets(problem, min(wanted), left):
        for rest in coverings(problem, wanted - inside, left - inside):
            yield [inside, *rest]


def can_be_lawful(problem, buildings) -> bool:
    """Whether lawful grids exist that hold all these buildings, by trying everything."""
    return next(coverings(problem, set(buildings), set(range(len(problem.households)))), None) is not None


def least_cut(problem, weights=(10.0, 5.0, 1.0)):
    """The smallest weighted cut of any lawful plan, or None."""
    everyone = set(range(len(problem.households)))
    costs = (cut_of(problem, plan, weights) for plan in coverings(problem, everyone, everyone))
    return min(costs, default=None)


def cut_of(problem, plan, weights):
    grid = {building: at for at, inside in enumerate(plan) for building in inside}
    return sum(
        (*weights, 0.0)[barrier]
        for (one, other), barrier in zip(problem.edges.tolist(), problem.barriers.tolist(), strict=True)
        if grid[one] != grid[other]
    )
