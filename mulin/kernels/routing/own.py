"""Our own search: the plan by ruin and recreate."""

import numpy as np

from mulin.kernels.routing.items import Items, locked
from mulin.kernels.routing.plan import ITEM, NONE, Plan, Town, copy_plan, cost_of, empty_plan, put, refresh, take_out
from mulin.kernels.routing.problem import NOBODY
from mulin.kernels.routing.search import construct, improve
from mulin.kernels.stop import Stop

CHUNK = 200
NEIGHBOURS = 40
COOLING = 10.0
HEAT = 5.0
WINDOW_WEIGHT = 0.2

Orders = list[list[int]]


def town_of(items: Items) -> Town:
    v, d = items.visits, len(items.start)
    lunches = v + np.arange(d)
    anywhere = items.allowed[lunches, np.arange(d)] & (items.place[v:] == NONE)
    item = np.column_stack([items.place, items.service, items.early, items.late, items.worth])
    shift = [items.start, items.end, items.begins, items.ends, items.most, items.first, items.last]
    span = np.column_stack([*shift, np.where(anywhere, lunches, NOBODY)])
    return Town(items.travel, np.ascontiguousarray(item), items.allowed, np.ascontiguousarray(span), v)


def search(items: Items, *, stop: Stop, seed: int, rounds: int) -> tuple[Orders, int]:
    """The best orders of items found, one for each shift, and the rounds done."""
    town, m = town_of(items), len(items.place)
    current, trial, best = (empty_plan(len(items.start), m) for _ in range(3))
    fixed, dice, out = np.zeros(m, bool), np.array([seed], np.uint64), np.empty(m, np.int64)
    fixed[locked(items)] = True
    lay_locked(items, town, current)
    costs = np.full(2, construct(town, current, fixed, dice, out))
    copy_plan(*current, *best)
    near, hot = _near(items), _temperature(items)
    cool = (1.0 / COOLING) ** (1.0 / max(rounds, 1))
    done = 0
    while done < rounds and not stop.is_due(done):
        step = min(CHUNK, rounds - done)
        improve(town, current, trial, best, costs, near, fixed, dice, out, step, hot * cool**done, cool)
        done += step
    return orders_of(best), done


def orders_of(plan: Plan) -> Orders:
    return [plan.routes[d, ITEM, :size].tolist() for d, size in enumerate(plan.size)]


def cost_of_orders(items: Items, orders: Orders) -> int | None:
    """What `search` minimises, for given orders; `None` where they break a rule."""
    town = town_of(items)
    plan = empty_plan(len(orders), len(items.place))
    for d, order in enumerate(orders):
        plan.routes[d, ITEM, : len(order)], plan.size[d] = order, len(order)
        plan.shift[order] = d
        visits = sum(item < items.visits for item in order)
        kept = refresh(town.travel, town.item, town.span, plan.routes, plan.size, d)
        if not kept or not items.allowed[order, d].all() or visits > items.most[d]:
            return None
    return int(cost_of(town.travel, town.item, town.span, *plan))


def lay_locked(items: Items, town: Town, plan: Plan) -> None:
    """Locked visits first of all; one that cannot be kept even so stays out."""
    for d in range(len(items.start)):
        for who in (items.first[d], items.last[d]):
            if who == NOBODY:
                continue
            put(*plan, who, d, plan.size[d])
            if not refresh(town.travel, town.item, town.span, plan.routes, plan.size, d):
                take_out(*plan, who)
                refresh(town.travel, town.item, town.span, plan.routes, plan.size, d)


def _near(items: Items) -> np.ndarray:
    """For each item the others by walk and by distance between windows; a lunch anywhere is near by its window."""
    at = np.maximum(items.place, 0)
    walk = items.travel[np.ix_(at, at)].astype(np.float64)
    nowhere = items.place < 0
    walk[nowhere], walk[:, nowhere] = 0.0, 0.0
    middle = (items.early + items.late) / 2
    apart = walk + walk.T + WINDOW_WEIGHT * np.abs(middle[:, None] - middle)
    np.fill_diagonal(apart, np.inf)
    none = ~items.allowed.any(axis=1)
    apart[:, none] = np.inf
    return np.argsort(apart, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(at) - 1)]


def _temperature(items: Items) -> float:
    """Some usual walks to the nearest neighbour, in s."""
    visits = items.place[: items.visits]
    if len(visits) < 2:
        return 1.0
    walk = items.travel[np.ix_(visits, visits)].astype(np.float64)
    np.fill_diagonal(walk, np.inf)
    return float(max(1.0, HEAT * np.median(walk.min(axis=1))))
