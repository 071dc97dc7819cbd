"""The best next site again and again, then swaps (Nemhauser, Wolsey & Fisher 1978; Teitz & Bart 1968)."""

import numpy as np

from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.merging import Merged, Numbers
from mulin.kernels.stop import Stop


class Limits:
    """What may still be chosen: a count, a budget, and which candidates are open."""

    def __init__(self, count: int | None, cost: Numbers, budget: float | None, closed: Integers) -> None:
        self.count = len(cost) if count is None else count
        self.cost = cost
        self.budget = np.inf if budget is None else budget
        self.open = np.ones(len(cost), bool)
        self.open[closed] = False

    def only(self, candidates: np.ndarray) -> "Limits":
        """The same with these candidates alone on offer."""
        return Limits(self.count, self.cost, self.budget, np.flatnonzero(~(self.open & candidates)))

    def affordable(self, chosen: Integers) -> np.ndarray:
        """Candidates that may be added to these."""
        left = self.budget - self.cost[chosen].sum()
        may = self.open & (self.cost <= left)
        may[chosen] = False
        allowed: np.ndarray = may & (len(chosen) < self.count)
        return allowed

    def most(self, gains: Numbers) -> float:
        """The most that gains, each counted alone, can add up to."""
        gains = np.where(self.open, gains, 0.0)
        by_count = float(np.sort(gains)[::-1][: self.count].sum())
        order = np.argsort(-gains / np.maximum(self.cost, 1e-12), kind="stable")
        spent = np.cumsum(self.cost[order])
        share = np.clip((self.budget - (spent - self.cost[order])) / np.maximum(self.cost[order], 1e-12), 0.0, 1.0)
        return min(by_count, float((gains[order] * share).sum()))


def choose(merged: Merged, limits: Limits, stop: Stop) -> Integers:
    """A choice that no single swap improves (or the best when stopped)."""
    by_gain = _grow(merged, limits, per_cost=False)
    by_price = _grow(merged, limits, per_cost=True)
    chosen = max(by_gain, by_price, key=merged.gained)
    rounds = 0
    while not stop.is_due(rounds):
        better = _swapped(merged, limits, chosen)
        if better is None:
            break
        chosen, rounds = better, rounds + 1
    return chosen


def _grow(merged: Merged, limits: Limits, per_cost: bool) -> Integers:
    chosen = np.empty(0, np.int64)
    price = np.maximum(limits.cost, 1e-12) if per_cost else np.ones(len(limits.cost))
    while True:
        worth = np.where(limits.affordable(chosen), merged.marginal(chosen) / price, 0.0)
        best = int(np.argmax(worth)) if len(worth) else 0
        if len(worth) == 0 or worth[best] <= 0:
            return chosen
        chosen = np.append(chosen, best)


def _swapped(merged: Merged, limits: Limits, chosen: Integers) -> Integers | None:
    """The choice after the best swap of one site for another; `None` where none gains."""
    best, most = None, merged.gained(chosen) * (1 + 1e-12)
    for at in range(len(chosen)):
        rest = np.delete(chosen, at)
        gains = np.where(limits.affordable(rest), merged.marginal(rest), -1.0)
        other = int(np.argmax(gains))
        total = merged.gained(rest) + gains[other]
        if gains[other] > 0 and total > most:
            best, most = np.append(rest, other), total
    return best
