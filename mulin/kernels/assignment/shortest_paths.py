"""Successive shortest paths on the graph of grids: the compiled heart of the assignment.

A grid is a node; an arc leads from grid j to grid k at the cost of the member of j that moves there most cheaply. A
last node, the pool, stands for the seats: a grid sends to it as many workers as it seats, within its bounds. Everyone
starts in the nearest grid, which is optimal without bounds; every round takes one worker too many along a shortest path
to where one is wanted, and keeps the prices such that nobody gains by moving (Ahuja, Magnanti & Orlin, Network Flows,
1993, section 9.7). A round costs O(v g + l m g) for v grids visited, l grids on the path and m members of each.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.assignment.problem import Integers
from mulin.kernels.assignment.quanta import IMPOSSIBLE, Costs
from mulin.kernels.compiled import compiled

DONE, INTERRUPTED, STUCK = 0, 1, 2
NOBODY = -1
FAR = 2**62


class State(NamedTuple):
    """Everything a round reads and writes; g grids, the pool is node g.

    `cost` (s, g); `where` (s,); members of a grid as a doubly linked list `first` (g,), `after`, `before` (s,);
    `step_cost` (g, g): of the cheapest mover from grid to grid; `seated` (g,): workers sent to the pool,
    between `lowest` and `highest`; `surplus` (g+1,): workers too many (> 0) or too few (< 0); `potential` (g+1,).
    The rest is room for one search: `distance`, `parent` and `settled` (g+1,).
    """

    cost: Costs
    where: Integers
    first: Integers
    after: Integers
    before: Integers
    step_cost: Costs
    seated: Integers
    lowest: Integers
    highest: Integers
    surplus: Integers
    potential: Integers
    distance: Integers
    parent: Integers
    settled: NDArray[np.bool_]


@compiled
def choose(cost: Costs, price: Integers, wish: Integers) -> Integers:
    """Return the cheapest grid of every worker at these prices: the wish where it can be, else the first of equals.

    A wish is a grid that is cheapest already (-1: none); only so are the prices right for what is chosen.
    """
    where = wish.copy()
    for worker in range(wish.size):
        if wish[worker] == NOBODY or cost[worker, wish[worker]] >= IMPOSSIBLE:
            where[worker] = _cheapest(cost[worker], price)
    return where


@compiled
def _cheapest(costs: Costs, price: Integers) -> int:
    """Return the first grid of least cost and price that can be reached, or 0."""
    best, cheapest = FAR, 0
    for grid in range(costs.size):
        if costs[grid] < IMPOSSIBLE and costs[grid] + price[grid] < best:
            best = costs[grid] + price[grid]
            cheapest = grid
    return cheapest


@compiled
def seat_all(state: State) -> None:
    """Put everyone in the grid of `where` and derive members, steps and surplus.

    A grid with a price has all its seats taken, one with a negative price no more than it must: what is missing or too
    much is the surplus.
    """
    for worker in range(state.where.size):
        _join(state, worker, state.where[worker])
        state.surplus[state.where[worker]] += 1
    for grid in range(state.first.size):
        load = state.surplus[grid]
        state.seated[grid] = min(max(load, state.lowest[grid]), state.highest[grid])
        price = state.potential[-1] - state.potential[grid]
        if price > 0:
            state.seated[grid] = state.highest[grid]
        elif price < 0:
            state.seated[grid] = state.lowest[grid]
        state.surplus[grid] = load - state.seated[grid]
    state.surplus[-1] = state.seated.sum() - state.where.size


@compiled
def settle(state: State, rounds: int) -> int:
    """Do at most so many rounds; tell whether all is settled, there is more to do, or no path is left.

    After `STUCK`, `settled` holds the nodes that the stuck surplus reaches.
    """
    pool = state.first.size
    source = 0
    for _ in range(rounds):
        while source <= pool and state.surplus[source] <= 0:
            source += 1
        if source > pool:
            return DONE
        sink = _search(state, source)
        if sink == NOBODY:
            return STUCK
        _push(state, source, sink)
    return INTERRUPTED


@compiled
def _search(state: State, source: int) -> int:
    """Dijkstra from a surplus to the nearest lack on reduced costs; lower the potentials of what it settled."""
    pool = state.first.size
    state.distance[:] = FAR
    state.settled[:] = False
    state.distance[source] = 0
    state.parent[source] = NOBODY
    while True:
        node = _closest(state)
        if node == NOBODY:
            return NOBODY
        state.settled[node] = True
        if state.surplus[node] < 0:
            break
        if node == pool:
            _relax_pool(state)
        else:
            _relax_grid(state, node)
    length = state.distance[node]
    for other in range(pool + 1):
        if state.settled[other]:
            state.potential[other] += state.distance[other] - length
    return node


@compiled
def _closest(state: State) -> int:
    """Return the unsettled node of least distance, of equals the pool, so that fewer grids are visited."""
    best, closest = FAR, NOBODY
    for node in range(state.distance.size):
        if not state.settled[node] and state.distance[node] < best:
            best = state.distance[node]
            closest = node
    pool = state.distance.size - 1
    return pool if closest != NOBODY and not state.settled[pool] and state.distance[pool] == best else closest


@compiled
def _relax_grid(state: State, grid: int) -> None:
    """Offer every other grid, and the pool, the way through this grid."""
    pool = state.first.size
    here = state.distance[grid] + state.potential[grid]
    steps = state.step_cost[grid]
    for other in range(pool):
        length = here + steps[other] - state.potential[other]
        if length < state.distance[other] and steps[other] < IMPOSSIBLE // 2:
            state.distance[other] = length
            state.parent[other] = grid
    if state.seated[grid] < state.highest[grid]:
        length = here - state.potential[pool]
        if length < state.distance[pool]:
            state.distance[pool] = length
            state.parent[pool] = grid


@compiled
def _relax_pool(state: State) -> None:
    """Offer the way back from the pool to every grid that seats more than its fewest."""
    pool = state.first.size
    here = state.distance[pool] + state.potential[pool]
    for grid in range(pool):
        length = here - state.potential[grid]
        if state.seated[grid] > state.lowest[grid] and length < state.distance[grid]:
            state.distance[grid] = length
            state.parent[grid] = pool


@compiled
def _push(state: State, source: int, sink: int) -> None:
    """Move one worker along every arc of the path found, from its end to its start."""
    pool = state.first.size
    node = sink
    while node != source:
        previous = state.parent[node]
        if node == pool:
            state.seated[previous] += 1
        elif previous == pool:
            state.seated[node] -= 1
        else:
            mover = _mover(state, previous, node)
            _leave(state, mover)
            _join(state, mover, node)
        node = previous
    state.surplus[source] -= 1
    state.surplus[sink] += 1


@compiled
def _mover(state: State, grid: int, target: int) -> np.int64:
    """Return the member that attains the cost of the step."""
    member: np.int64 = state.first[grid]
    while state.cost[member, target] - state.cost[member, grid] != state.step_cost[grid, target]:
        member = state.after[member]
    return member


@compiled
def _join(state: State, worker: int | np.int64, grid: int) -> None:
    """Make the worker a member of the grid, and its mover to wherever nobody moves more cheaply."""
    head = state.first[grid]
    state.after[worker] = head
    state.before[worker] = NOBODY
    if head != NOBODY:
        state.before[head] = worker
    state.first[grid] = worker
    state.where[worker] = grid
    costs, steps = state.cost[worker], state.step_cost[grid]
    here = costs[grid]
    for other in range(steps.size):
        steps[other] = min(steps[other], costs[other] - here)


@compiled
def _leave(state: State, worker: int | np.int64) -> None:
    """Take the worker out of its grid and find the next cheapest mover wherever it was the cheapest."""
    grid = state.where[worker]
    before, after = state.before[worker], state.after[worker]
    if before == NOBODY:
        state.first[grid] = after
    else:
        state.after[before] = after
    if after != NOBODY:
        state.before[after] = before
    steps = state.step_cost[grid]
    vacant = np.nonzero(state.cost[worker] - state.cost[worker, grid] == steps)[0]
    steps[vacant] = IMPOSSIBLE
    member = state.first[grid]
    while member != NOBODY:
        costs = state.cost[member]
        for other in vacant:
            steps[other] = min(steps[other], costs[other] - costs[grid])
        member = state.after[member]


@compiled
def unseat(state: State, worker: int) -> None:
    """Leave the worker without a grid."""
    grid = state.where[worker]
    _leave(state, worker)
    state.where[worker] = NOBODY
    state.surplus[grid] -= 1
    state.surplus[-1] += 1


@compiled
def dual(cost: Costs, where: Integers, lowest: Integers, highest: Integers, price: Integers) -> int:
    """Return the value of the dual at these prices: no assignment of those placed costs less, whatever the prices."""
    value = 0
    for worker in range(where.size):
        if where[worker] != NOBODY:
            value += (cost[worker] + price).min()
    for grid in range(price.size):
        value -= price[grid] * (highest[grid] if price[grid] > 0 else lowest[grid])
    return value
