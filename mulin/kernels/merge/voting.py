"""Move every building to where most departments would have it."""

import numpy as np

from mulin.kernels.merge.comparing import answering, changed_households, shared_households
from mulin.kernels.merge.reading import ReadNet
from mulin.kernels.partition.problem import Integers

MOST_ROUNDS = 10


def voted(nets: tuple[ReadNet, ...], start: Integers, households: Integers) -> Integers:
    """Improve a net by turns: which old grids answer for which new one, then where each building has most votes.

    Both turns are optimal for what the other fixed, so the weighted change of households never grows (iterative voting
    consensus, Nguyen & Caruana 2007). Contiguity and bounds are the partition's to restore. O(n) a round and net, and
    the matching.
    """
    own = start.max(initial=-1) + 1
    grid = np.where(start >= 0, start, own + np.arange(start.size))
    best, least = grid, np.inf
    for _ in range(MOST_ROUNDS):
        answers = [answer(net, grid, households) for net in nets]
        cost = sum(net.weight * _lost(net, found, grid, households) for net, found in zip(nets, answers, strict=True))
        if cost >= least:
            break
        best, least = grid, cost
        grid = _revote(nets, answers, grid)
    return np.where(best < own, best, -1)


def weighted_change(nets: tuple[ReadNet, ...], grid: Integers, households: Integers) -> float:
    """Sum the households whose grid changes over departments, by weight."""
    return float(sum(net.weight * changed_households(net.grid, grid, households) for net in nets))


def answer(net: ReadNet, grid: Integers, households: Integers) -> Integers:
    """Return the new grid that answers for each building's old one, -1 for none."""
    overlap = shared_households(net.grid, grid, households)
    kept = overlap.pairs[answering(overlap)]
    partner = np.full(net.grids + 1, -1, np.int64)
    partner[kept[:, 0]] = kept[:, 1]
    found: Integers = partner[net.grid]
    return found


def _lost(net: ReadNet, found: Integers, grid: Integers, households: Integers) -> int:
    return int(households[(net.grid >= 0) & (found != grid)].sum())


def _revote(nets: tuple[ReadNet, ...], answers: list[Integers], grid: Integers) -> Integers:
    """Give every building to the new grid with most weight; where nobody would have it elsewhere it stays."""
    votes = np.column_stack(answers)
    weights = np.array([net.weight for net in nets])
    best, most = grid.copy(), (votes == grid[:, None]) @ weights
    for column in votes.T:
        support = np.where(column >= 0, (votes == column[:, None]) @ weights, -1.0)
        better = support > most
        best[better], most[better] = column[better], support[better]
    return best
