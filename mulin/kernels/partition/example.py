"""Small towns whose division runs through all compiled functions of the kernel."""

from dataclasses import replace

import numpy as np

from mulin.kernels.partition.coarsening import FEWEST_ATOMS
from mulin.kernels.partition.problem import MINOR_STREET, SAME_BLOCK, Problem
from mulin.kernels.partition.result import Result
from mulin.kernels.partition.searching import MEND_EVERY
from mulin.kernels.partition.solving import solve
from mulin.kernels.stop import Stop

ROUNDS = MEND_EVERY


def run() -> None:
    """Divide a large town anew, a small one as it is today, and one that cannot be divided."""
    _solved(_town(int(FEWEST_ATOMS**0.5) + 2))
    small = _town(12)
    present = _solved(small).grid
    present[:30] = present[-30:]
    present[40:50] = -1
    _solved(replace(small, present=present))
    pieces = np.full(len(small.households), -1, np.int64)
    pieces[:2], pieces[20:22] = 0, 1
    _solved(replace(small, piece=pieces, sealed=np.array([0]), apart=np.array([[5, 6]])))
    _solved(_street([200, 300, 200]))


def _solved(problem: Problem) -> Result:
    return solve(problem, stop=Stop(rounds=ROUNDS))


def _town(side: int) -> Problem:
    """Rows of houses with 35 households each, every one beside the next four."""
    row, column = np.divmod(np.arange(side * side), side)
    right, down = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    edges = np.concatenate([np.column_stack([right, right + 1]), np.column_stack([down, down + side])])
    barriers = np.where(edges[:, 0] % 3 == 0, MINOR_STREET, SAME_BLOCK)
    return Problem(
        households=np.full(side * side, 35, np.int64),
        xy=30.0 * np.column_stack([column, row]),
        edges=edges.astype(np.int64),
        barriers=barriers.astype(np.int64),
        community=np.zeros(side * side, np.int64),
    )


def _street(households: list[int]) -> Problem:
    """Houses in a row: the middle one can join one side only."""
    number = np.arange(len(households))
    return Problem(
        households=np.array(households, np.int64),
        xy=np.column_stack([100.0 * number, 0.0 * number]),
        edges=np.column_stack([number[:-1], number[1:]]),
        barriers=np.zeros(len(number) - 1, np.int64),
        community=np.zeros(len(number), np.int64),
    )
