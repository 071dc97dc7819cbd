"""Run the shortest paths to the end, say what stands in the way, and read the proof off the prices."""

from dataclasses import dataclass

import numpy as np

from mulin.kernels.assignment import shortest_paths
from mulin.kernels.assignment.problem import QUANTUM_M, Flags, Integers
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs
from mulin.kernels.assignment.shortest_paths import DONE, INTERRUPTED, NOBODY, State
from mulin.kernels.facts import Certificate
from mulin.kernels.stop import Stop

ROUNDS_BETWEEN_QUESTIONS = 64


@dataclass(frozen=True)
class Flow:
    """An assignment of least cost (-1: the certificates say why not) with its dual; `price` in quanta."""

    grid: Integers
    price: Integers
    bound_m: float
    certificates: tuple[Certificate, ...]
    rounds: int
    interrupted: bool


def cheapest(
    cost: Costs, lowest: Integers, highest: Integers, stop: Stop | None, *, warm: Flow | None = None, whole: bool = True
) -> Flow:
    """Assign every row to a column at least cost, columns within their bounds.

    `warm` is the answer for the same rows before some pairs became impossible: only what that breaks is done anew.
    Without `whole` the first certificate ends the search.
    """
    reaches = (cost < IMPOSSIBLE).any(axis=1)
    lost = np.nonzero(~reaches)[0]
    rows = np.nonzero(reaches)[0]
    state = _start(
        cost if not lost.size else cost[rows], lowest.copy(), highest.copy(), warm if not lost.size else None
    )
    certificates = [_without_any_way(worker) for worker in lost.tolist()]
    status, rounds = INTERRUPTED, 0
    while status != DONE and not (stop and stop.is_due(rounds)) and (whole or not certificates):
        status = shortest_paths.settle(state, ROUNDS_BETWEEN_QUESTIONS)
        rounds += ROUNDS_BETWEEN_QUESTIONS
        if status == shortest_paths.STUCK:
            certificates.append(_give_way(state, rows))
    grid = np.full(len(cost), NOBODY, np.int64)
    grid[rows] = state.where
    price = state.potential[-1] - state.potential[:-1]
    bound = shortest_paths.dual(state.cost, state.where, state.lowest, state.highest, price)
    return Flow(grid, price, bound * QUANTUM_M, tuple(certificates), rounds, status != DONE)


def _start(cost: Costs, lowest: Integers, highest: Integers, warm: Flow | None) -> State:
    """Put everyone in the cheapest grid at the prices known so far (0 when nothing is known)."""
    workers, grids = cost.shape
    price = np.zeros(grids, np.int64) if warm is None else warm.price
    wish = np.full(workers, NOBODY, np.int64) if warm is None else warm.grid
    state = State(
        cost=cost,
        where=shortest_paths.choose(cost, price, wish),
        first=np.full(grids, NOBODY, np.int64),
        after=np.full(workers, NOBODY, np.int64),
        before=np.full(workers, NOBODY, np.int64),
        step_cost=np.full((grids, grids), IMPOSSIBLE, np.int32),
        seated=np.zeros(grids, np.int64),
        lowest=lowest,
        highest=highest,
        surplus=np.zeros(grids + 1, np.int64),
        potential=np.append(-price, 0),
        distance=np.empty(grids + 1, np.int64),
        parent=np.empty(grids + 1, np.int64),
        settled=np.zeros(grids + 1, np.bool_),
    )
    shortest_paths.seat_all(state)
    return state


def _without_any_way(worker: int) -> Certificate:
    return Certificate("confined", facts={"workers": (worker,), "grids": (), "staff": 1, "seats": 0})


def _give_way(state: State, rows: Integers) -> Certificate:
    """Say which set of grids is stuck (Hall 1935), then lift what it breaks, so that the rest can be settled."""
    reached = state.settled
    return _lower_needs(state, rows, ~reached[:-1]) if reached[-1] else _unseat(state, rows, reached[:-1])


def _unseat(state: State, rows: Integers, reached: Flags) -> Certificate:
    """Everybody in the grids reached can go nowhere else, and all seats there are taken."""
    grids = np.nonzero(reached)[0]
    members = np.nonzero((state.where >= 0) & reached[state.where])[0]
    for grid in grids[state.surplus[grids] > 0]:
        there = members[state.where[members] == grid]
        farthest_first = there[np.argsort(-state.cost[there, grid], kind="stable")]
        for worker in farthest_first[: state.surplus[grid]]:
            shortest_paths.unseat(state, worker)
    return Certificate(
        "confined",
        facts={
            "workers": tuple(rows[members].tolist()),
            "grids": tuple(grids.tolist()),
            "staff": members.size,
            "seats": int(state.highest[grids].sum()),
        },
    )


def _lower_needs(state: State, rows: Integers, unreached: Flags) -> Certificate:
    """Nobody outside the grids not reached can go there, and those inside are fewer than needed."""
    grids = np.nonzero(unreached)[0]
    needed = int(state.lowest[grids].sum())
    members = np.nonzero((state.where >= 0) & unreached[state.where])[0]
    _lower(state, grids, -int(state.surplus[grids].sum()))
    return Certificate(
        "too_few_reach",
        facts={
            "workers": tuple(rows[members].tolist()),
            "grids": tuple(grids.tolist()),
            "staff": members.size,
            "needed": needed,
        },
    )


def _lower(state: State, grids: Integers, missing: int) -> None:
    """Ask for so many workers less; a grid whose number was exact keeps an exact number."""
    for grid in grids[state.surplus[grids] < 0]:
        less = min(missing, -int(state.surplus[grid]))
        if state.highest[grid] == state.lowest[grid]:
            state.highest[grid] -= less
        state.lowest[grid] -= less
        state.seated[grid] -= less
        state.surplus[grid] += less
        state.surplus[-1] -= less
        missing -= less
