"""Compiled: ruin and recreate under simulated annealing.

Christiaens & Vanden Berghe, Slack induction by string removals, Transportation Science 54 (2020): take out a few
neighbouring visits, put each back where it costs least (now and then overlooking a place), accept what is not much
worse. Beside strings of one route, visits near each other in place and time are taken out, because a day has only one.
A round costs O(removed × visits).
"""

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled
from mulin.kernels.routing.plan import (
    BEGINS,
    EARLY,
    END,
    ENDS,
    FAR,
    FIRST,
    ITEM,
    LAST,
    LATE,
    LATEST,
    LEAVE,
    LUNCH,
    MOST,
    NONE,
    PLACE,
    SERVICE,
    SPOT,
    START,
    WORTH,
    Flags,
    Plan,
    Town,
    Whole,
    copy_plan,
    cost_of,
    moved_lunch,
    put,
    refresh,
    take_out,
)  # fmt: skip

MOST_OUT = 10
SKIPPED = 0.3
OVERLOOKED = 0.01

Dice = NDArray[np.uint64]


@compiled
def draw(dice: Dice) -> float:
    """A number in [0, 1): splitmix64 (Steele, Lea & Flood 2014)."""
    dice[0] += np.uint64(0x9E3779B97F4A7C15)
    z = dice[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@compiled
def _ruin_near(
    dice: Dice, near: Whole, fixed: Flags, routes: Whole, size: Whole, shift: Whole, seed: int, count: int
) -> None:
    """Take out the seed and items near it."""
    if shift[seed] != NONE:
        take_out(routes, size, shift, seed)
        count -= 1
    for i in range(near.shape[1]):
        other = near[seed, i]
        if count <= 0:
            break
        if shift[other] != NONE and not fixed[other] and draw(dice) >= SKIPPED:
            take_out(routes, size, shift, other)
            count -= 1


@compiled
def _ruin_string(dice: Dice, fixed: Flags, routes: Whole, size: Whole, shift: Whole, seed: int, count: int) -> None:
    """Take out a string of the seed's route that contains it."""
    d, at = shift[seed], 0
    while routes[d, ITEM, at] != seed:
        at += 1
    count = min(count, size[d])
    begin = min(max(0, at - int(draw(dice) * count)), size[d] - count)
    for _ in range(count):
        member = routes[d, ITEM, begin]
        if fixed[member]:
            begin += 1
        else:
            take_out(routes, size, shift, member)


@compiled
def _ruin(dice: Dice, near: Whole, fixed: Flags, visits: int, routes: Whole, size: Whole, shift: Whole) -> None:
    """Make room around a random item."""
    seed = int(draw(dice) * len(shift))
    if fixed[seed] or (seed >= visits and shift[seed] == NONE):
        return
    count = 1 + int(draw(dice) * MOST_OUT)
    if shift[seed] == NONE or draw(dice) < 0.5:
        _ruin_near(dice, near, fixed, routes, size, shift, seed, count)
    else:
        _ruin_string(dice, fixed, routes, size, shift, seed, count)


@compiled
def _line_up(
    dice: Dice, travel: Whole, item: Whole, span: Whole, visits: int, fixed: Flags, shift: Whole, out: Whole
) -> int:
    """The items left out, in one of four orders: by lot, narrow windows first, far first, late ends last."""
    key, count = np.empty(len(shift)), 0
    way = int(draw(dice) * 4)
    for who in range(len(shift)):
        if shift[who] != NONE or fixed[who] or item[who, WORTH] == 0:
            continue
        out[count] = who
        if who >= visits:
            key[count] = -FAR
        elif way == 1:
            key[count] = item[who, LATE] - item[who, EARLY]
        elif way == 2:
            key[count] = -travel[span[0, START], item[who, PLACE]]
        elif way == 3:
            key[count] = item[who, LATE]
        else:
            key[count] = draw(dice)
        count += 1
    order = np.argsort(key[:count])
    out[:count] = out[order]
    return count


@compiled
def _scan(
    dice: Dice, travel: Whole, item: Whole, span: Whole, routes: Whole, size: Whole, who: int, d: int
) -> tuple[int, int]:
    """The cheapest position in a route: extra walk (FAR where none fits) and position."""
    least, position, n, lunch = FAR, NONE, size[d], span[d, LUNCH]
    place, service, early, late = item[who, PLACE], item[who, SERVICE], item[who, EARLY], item[who, LATE]
    at, now = span[d, START], span[d, BEGINS]
    for k in range(n + 1):
        if k > 0:
            at, now = routes[d, SPOT, k - 1], routes[d, LEAVE, k - 1]
            if routes[d, ITEM, k - 1] == span[d, LAST]:
                break
        if now > late:
            break
        if k < n and k == 0 and routes[d, ITEM, 0] == span[d, FIRST]:
            continue
        here = at if place == NONE else place
        begins = max(now + travel[at, here], early)
        if begins > late:
            continue
        leaves, after = begins + service, k
        if k < n and routes[d, ITEM, k] == lunch:  # it moves along: eaten wherever the item before it is
            leaves, after = moved_lunch(item, lunch, leaves), k + 1
        there = routes[d, SPOT, after] if after < n else span[d, END]
        limit = routes[d, LATEST, after] if after < n else span[d, ENDS]
        extra = travel[at, here] + travel[here, there] - travel[at, there]
        if extra < least and leaves + travel[here, there] <= limit and draw(dice) >= OVERLOOKED:
            least, position = extra, k
    return least, position


@compiled
def _is_full(routes: Whole, size: Whole, visits: int, d: int, most: int) -> bool:
    """Whether a route has as many visits as it may; lunch is none."""
    if size[d] < most:
        return False
    count = 0
    for k in range(size[d]):
        if routes[d, ITEM, k] < visits:
            count += 1
    return count >= most


@compiled
def _recreate(
    dice: Dice, travel: Whole, item: Whole, allowed: Flags, span: Whole, visits: int, fixed: Flags,
    routes: Whole, size: Whole, shift: Whole, out: Whole,
) -> None:  # fmt: skip
    """Put back what is left out, each item where it costs least, if it is worth the walk."""
    count = _line_up(dice, travel, item, span, visits, fixed, shift, out)
    for i in range(count):
        who = out[i]
        least, where, position = item[who, WORTH], NONE, NONE
        for d in range(len(size)):
            if not allowed[who, d] or (who < visits and _is_full(routes, size, visits, d, span[d, MOST])):
                continue
            extra, k = _scan(dice, travel, item, span, routes, size, who, d)
            if extra < least:
                least, where, position = extra, d, k
        if where != NONE:
            put(routes, size, shift, who, where, position)
            refresh(travel, item, span, routes, size, where)


@compiled
def construct(town: Town, plan: Plan, fixed: Flags, dice: Dice, out: Whole) -> int:
    """Fill a plan that holds at most the locked visits; its cost."""
    travel, item, allowed, span, visits = town
    routes, size, shift = plan
    _recreate(dice, travel, item, allowed, span, visits, fixed, routes, size, shift, out)
    return cost_of(travel, item, span, routes, size, shift)


@compiled
def improve(
    town: Town, current: Plan, trial: Plan, best: Plan, costs: Whole, near: Whole, fixed: Flags, dice: Dice, out: Whole,
    rounds: int, hot: float, cool: float,
) -> None:  # fmt: skip
    """Some rounds, the temperature starting at `hot` and multiplied by `cool` after each.

    `costs` are those of the current and the best plan.
    """
    travel, item, allowed, span, visits = town
    now_routes, now_size, now_shift = current
    routes, size, shift = trial
    best_routes, best_size, best_shift = best
    for _ in range(rounds):
        copy_plan(now_routes, now_size, now_shift, routes, size, shift)
        _ruin(dice, near, fixed, visits, routes, size, shift)
        for d in range(len(size)):
            refresh(travel, item, span, routes, size, d)
        _recreate(dice, travel, item, allowed, span, visits, fixed, routes, size, shift, out)
        cost = cost_of(travel, item, span, routes, size, shift)
        if cost < costs[0] - hot * np.log(1.0 - draw(dice)):
            copy_plan(routes, size, shift, now_routes, now_size, now_shift)
            costs[0] = cost
            if cost < costs[1]:
                copy_plan(routes, size, shift, best_routes, best_size, best_shift)
                costs[1] = cost
        hot *= cool
