"""How far two nets differ: grids that answer to each other, households and ground that do not."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mulin.kernels.merge.reading import Outlines, ReadNet
from mulin.kernels.merge.result import Difference
from mulin.kernels.partition.problem import Integers

Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Overlap:
    """What grids of one net share with grids of another: pairs (p, 2), each once, and an amount of each."""

    pairs: Integers
    amount: Amounts


def shared_households(one: Integers, other: Integers, households: Integers) -> Overlap:
    """Sum the households by pair of labels; buildings without either are left out."""
    both = (one >= 0) & (other >= 0)
    pairs, index = np.unique(np.column_stack([one[both], other[both]]), axis=0, return_inverse=True)
    amount = np.bincount(index.ravel(), households[both], len(pairs)).astype(np.float64)
    return Overlap(pairs.reshape(-1, 2), amount)


def shared_ground(one: Outlines, other: Outlines) -> Overlap:
    """Measure the ground by pair of outlines, in m²."""
    first, second = shapely.STRtree(other).query(one, predicate="intersects")
    area = shapely.area(shapely.intersection(one[first], other[second]))
    real = area > 0
    return Overlap(np.column_stack([first, second])[real].astype(np.int64), area[real])


def answering(overlap: Overlap) -> Integers:
    """Return the rows of `overlap` where grids answer to each other: one to one, most in common.

    A maximum-weight matching, exact, solved separately wherever nets do not hang together through overlaps.
    """
    if not len(overlap.pairs):
        return np.zeros(0, np.int64)
    left, right = overlap.pairs.T
    firsts = int(left.max()) + 1
    nodes = firsts + int(right.max()) + 1
    table = coo_array((np.ones(left.size), (left, right + firsts)), shape=(nodes, nodes))
    component = connected_components(table, directed=False)[1][left]
    order = np.argsort(component, kind="stable")
    cuts = np.nonzero(np.diff(component[order]))[0] + 1
    return np.concatenate([_matched(overlap, rows) for rows in np.split(order, cuts)])


def _matched(overlap: Overlap, rows: Integers) -> Integers:
    """Match within one component; of the pairs chosen, return those that overlap at all."""
    left, right = (np.unique(overlap.pairs[rows, side], return_inverse=True)[1].ravel() for side in (0, 1))
    row_of = np.full((left.max() + 1, right.max() + 1), -1, np.int64)
    row_of[left, right] = rows
    weight = np.where(row_of >= 0, overlap.amount[row_of], 0.0)
    matched = row_of[linear_sum_assignment(weight, maximize=True)]
    return np.sort(matched[matched >= 0])


def changed_households(old: Integers, new: Integers, households: Integers) -> int:
    """Count the households of an old net whose grid is not the one that answers to their old one."""
    overlap = shared_households(old, new, households)
    return round(float(overlap.amount.sum() - overlap.amount[answering(overlap)].sum()))


def differences(nets: tuple[ReadNet, ...], grounds: tuple[Outlines, ...], households: Integers) -> list[Difference]:
    """Compare every two nets; `grounds` is empty where no net has outlines, and areas are then 0."""
    found = []
    for second in range(len(nets)):
        for first in range(second):
            overlap = shared_households(nets[first].grid, nets[second].grid, households)
            kept = answering(overlap)
            differ_m2 = _differ_m2(overlap.pairs[kept], grounds[first], grounds[second]) if grounds else 0.0
            amount = round(float(overlap.amount.sum() - overlap.amount[kept].sum()))
            found.append(Difference(first, second, amount, differ_m2))
    return sorted(found, key=lambda difference: (difference.first, difference.second))


def _differ_m2(kept: Integers, one: Outlines, other: Outlines) -> float:
    """Measure the ground both nets cover where their grids do not answer to each other."""
    shared = shared_ground(one, other)
    partner = np.full(len(one), -1, np.int64)
    partner[kept[:, 0]] = kept[:, 1]
    return float(shared.amount[partner[shared.pairs[:, 0]] != shared.pairs[:, 1]].sum())


def least_cost(weights: list[float], compared: list[Difference]) -> float:
    """Return a bound below which no net's weighted change can be.

    Households that stay in both of two nets stay in grids that answer to each other in these two; so the changes of
    two departments add up to no less than the difference of their nets. The best bound of this kind is a small linear
    programme.
    """
    if not compared:
        return 0.0
    rows = np.zeros((len(compared), len(weights)))
    for row, difference in enumerate(compared):
        rows[row, [difference.first, difference.second]] = -1.0
    found = linprog(weights, A_ub=rows, b_ub=[-difference.households for difference in compared])
    return float(found.fun)
