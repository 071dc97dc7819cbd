"""Demand points that the same candidates serve are one: 100,000 buildings become some thousand groups."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.network.problem import Integers
from mulin.kernels.siting.problem import Problem

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Merged:
    """A problem with its demand merged, ready for asking what a choice gains; O(candidates × groups) at most.

    Parameters
    ----------
    serves : sparse (c, g) float64
        1 where a candidate serves a group.
    weight : (g,) float64
        Demand of each group that is not served yet.
    """

    serves: Any
    weight: Numbers

    @classmethod
    def of(cls, problem: Problem) -> "Merged":
        """Merge a problem that has been checked."""
        serves = _matrix(problem)
        weight = np.array(problem.demand, dtype=np.float64)
        if problem.served_already is not None:
            weight[problem.served_already] = 0.0
        if problem.fixed is not None and len(problem.fixed):
            weight[serves[problem.fixed].sum(axis=0) > 0] = 0.0
        return cls._merge(serves, weight)

    def only(self, candidates: Integers) -> "Merged":
        """The same demand for these candidates alone, merged further."""
        return self._merge(self.serves[candidates], self.weight)

    @classmethod
    def _merge(cls, serves: Any, weight: Numbers) -> "Merged":
        columns = serves.tocsc()
        kept = np.flatnonzero((weight > 0) & (np.diff(columns.indptr) > 0))
        first, group = _same_candidates(columns[:, kept])
        total = np.bincount(group, weights=weight[kept], minlength=len(first)).astype(np.float64)
        return cls(columns[:, kept[first]].tocsr(), total)

    def gained(self, chosen: Integers) -> float:
        """Demand newly served by these candidates together."""
        return float(self.weight[self._served(chosen)].sum())

    def marginal(self, chosen: Integers) -> Numbers:
        """Demand each candidate would add to these."""
        gains: Numbers = self.serves @ np.where(self._served(chosen), 0.0, self.weight)
        return gains

    def in_order(self, chosen: Integers) -> tuple[Integers, Numbers]:
        """The same candidates, the greatest addition first, and what each adds."""
        left = [int(candidate) for candidate in chosen]
        order: list[int] = []
        gains: list[float] = []
        while left:
            marginal = self.marginal(np.array(order, np.int64))[left]
            best = int(np.argmax(marginal))
            gains.append(marginal[best])
            order.append(left.pop(best))
        return np.array(order, np.int64), np.array(gains, np.float64)

    def _served(self, chosen: Integers) -> NDArray[np.bool_]:
        served: NDArray[np.bool_] = self.serves[chosen].sum(axis=0) > 0
        return served


def _matrix(problem: Problem) -> Any:
    from scipy.sparse import csr_array

    shape = (len(problem.starts) - 1, len(problem.demand))
    serves = csr_array((np.ones(len(problem.serves)), problem.serves, problem.starts), shape=shape)
    serves.sum_duplicates()
    serves.data[:] = 1.0  # SciPy adds up what is named twice
    return serves


def _same_candidates(columns: Any) -> tuple[Integers, Integers]:
    """The first column of each group, and the group of each column.

    Columns are told apart by two sums of random 64-bit numbers: two different ones agree once in 2¹²⁸.
    """
    if columns.shape[1] == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    random = np.random.default_rng(0).integers(0, 2**64, (2, columns.shape[0]), dtype=np.uint64, endpoint=False)
    marks = [np.add.reduceat(row[columns.indices], columns.indptr[:-1]) for row in random]
    pairs = np.rec.fromarrays(marks)
    _, first, group = np.unique(pairs, return_index=True, return_inverse=True)
    return first, group
