"""The maximal cover with its covering conditions priced instead of kept (Galvão & ReVelle 1996).

A group of demand may be counted although no site of its own is chosen, at a price of its own; whatever the prices,
that gives a bound. Prices are moved along the subgradient. Where the bound meets the best choice met on the
way, that choice is proved best; else the candidates that no better choice can contain are closed before the integer
programme.
O(rounds × names in `serves`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.greedy import Limits
from mulin.kernels.siting.merging import Merged, Numbers
from mulin.kernels.stop import Stop

ROUNDS, PATIENCE = 800, 15
SAME = 1e-9


@dataclass
class Relaxed:
    """The best choice met, what it gains, the bound, and the candidates a better choice may contain."""

    chosen: Integers
    gained: float
    bound: float
    open: NDArray[np.bool_]

    @property
    def optimal(self) -> bool:
        return self.bound <= self.gained * (1 + SAME)


def relax(merged: Merged, limits: Limits, chosen: Integers, stop: Stop) -> Relaxed:
    """Bound every choice by count alone (budgets are left to the integer programme), beginning with a good one."""
    best = Relaxed(chosen, merged.gained(chosen), np.inf, limits.open.copy())
    price, least, pace, idle = 0.5 * merged.weight, 0.5 * merged.weight, 1.0, 0
    count = min(limits.count, int(limits.open.sum()))
    rounds = 0
    while rounds < ROUNDS and not best.optimal and pace > 1e-4 and not stop.is_due(0):
        rounds += 1
        bound, served, value = _priced(merged, limits, count, price, best)
        idle = 0 if bound < best.bound * (1 - 1e-4) else idle + 1
        if bound < best.bound:
            best.bound, least = bound, price
        if idle > PATIENCE:
            price, pace, idle = least, pace / 2, 0
            continue
        slope = served - 1.0
        slope[((price <= 0) & (slope > 0)) | ((price >= merged.weight) & (slope < 0))] = 0.0
        steep = float(np.square(slope).sum())  # a dot product wakes the threads of BLAS, for nothing
        if steep == 0.0:  # the choice keeps what was priced: it is worth the bound
            best.bound = min(best.bound, value)
            break
        price = np.clip(price - pace * (bound - best.gained) / steep * slope, 0.0, merged.weight)
    return best


def _priced(merged: Merged, limits: Limits, count: int, price: Numbers, best: Relaxed) -> tuple[float, Numbers, float]:
    """The bound at these prices, how often its choice serves each group, and what that choice gains.

    Keeps the choice where it is better than the best one, and closes candidates that cannot be in a better one.
    """
    worth = np.where(limits.open, merged.serves @ price, -np.inf)
    order = np.argsort(-worth, kind="stable")
    choice = order[:count]
    bound = float((merged.weight - price).sum() + worth[choice].sum())
    served: Numbers = merged.serves[choice].sum(axis=0)
    value = float(merged.weight[served > 0].sum())
    if value > best.gained:
        best.chosen, best.gained = choice, value
    if count:
        cannot = bound - worth[choice[-1]] + worth <= best.gained * (1 + SAME)
        cannot[choice] = False
        best.open &= ~cannot
    return bound, served, value
