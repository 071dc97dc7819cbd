"""Compiled: a plan of routes, kept such that one insertion is judged in O(1).

For each position of each route the plan knows where the worker stands, the earliest time of leaving and the latest time
of arriving that keeps everything after it. Windows and working hours are never broken; what does not fit is left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.compiled import compiled

NONE = -1
FAR = 1 << 60
PLACE, SERVICE, EARLY, LATE, WORTH = range(5)
START, END, BEGINS, ENDS, MOST, FIRST, LAST, LUNCH = range(8)
ITEM, SPOT, LEAVE, LATEST = range(4)

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Town(NamedTuple):
    """`Items` as the search reads them.

    `item` (m, 5) has the columns PLACE … WORTH; `span` (d, 8) the columns START … LUNCH of each shift, LUNCH being the
    item of a lunch anywhere or NONE; items from `visits` on are lunches.
    """

    travel: Whole
    item: Whole
    allowed: Flags
    span: Whole
    visits: int


class Plan(NamedTuple):
    """`routes` (d, 4, m): along each route the ITEM, SPOT, LEAVE and LATEST; `size` (d,); `shift` (m,) of each item."""

    routes: Whole
    size: Whole
    shift: Whole


def empty_plan(shifts: int, items: int) -> Plan:
    return Plan(np.zeros((shifts, 4, items), np.int64), np.zeros(shifts, np.int64), np.full(items, NONE, np.int64))


# Arrays go in one by one: tuples of arrays passed in a loop cost more than the work.


@compiled
def copy_plan(routes: Whole, size: Whole, shift: Whole, to_routes: Whole, to_size: Whole, to_shift: Whole) -> None:
    for d in range(len(size)):
        to_size[d] = size[d]
        for row in range(4):
            for k in range(size[d]):
                to_routes[d, row, k] = routes[d, row, k]
    for i in range(len(shift)):
        to_shift[i] = shift[i]


@compiled
def refresh(travel: Whole, item: Whole, span: Whole, routes: Whole, size: Whole, d: int) -> bool:
    """Recompute the times of a route; false if it cannot be kept."""
    at, now, kept = span[d, START], span[d, BEGINS], True
    for k in range(size[d]):
        who = routes[d, ITEM, k]
        there = at if item[who, PLACE] == NONE else item[who, PLACE]
        begins = max(now + travel[at, there], item[who, EARLY])
        kept = kept and begins <= item[who, LATE]
        at, now = there, begins + item[who, SERVICE]
        routes[d, SPOT, k], routes[d, LEAVE, k] = at, now
    there, limit = span[d, END], span[d, ENDS]
    kept = kept and now + travel[at, there] <= limit
    for k in range(size[d] - 1, -1, -1):
        who, at = routes[d, ITEM, k], routes[d, SPOT, k]
        limit = min(item[who, LATE], limit - travel[at, there] - item[who, SERVICE])
        routes[d, LATEST, k], there = limit, at
    return kept


@compiled
def cost_of(travel: Whole, item: Whole, span: Whole, routes: Whole, size: Whole, shift: Whole) -> int:
    """Walking of all routes, and what the items left out are worth."""
    cost = 0
    for d in range(len(size)):
        at = span[d, START]
        for k in range(size[d]):
            cost += travel[at, routes[d, SPOT, k]]
            at = routes[d, SPOT, k]
        cost += travel[at, span[d, END]]
    for who in range(len(shift)):
        if shift[who] == NONE:
            cost += item[who, WORTH]
    return cost


@compiled
def put(routes: Whole, size: Whole, shift: Whole, who: int, d: int, position: int) -> None:
    """Insert an item before a position; the route's times must be refreshed."""
    for k in range(size[d], position, -1):
        routes[d, ITEM, k] = routes[d, ITEM, k - 1]
    routes[d, ITEM, position] = who
    size[d] += 1
    shift[who] = d


@compiled
def take_out(routes: Whole, size: Whole, shift: Whole, who: int) -> None:
    """Remove an item; the route's times must be refreshed."""
    d, kept = shift[who], 0
    for k in range(size[d]):
        if routes[d, ITEM, k] != who:
            routes[d, ITEM, kept] = routes[d, ITEM, k]
            kept += 1
    size[d] = kept
    shift[who] = NONE


@compiled
def moved_lunch(item: Whole, lunch: int, now: int) -> int:
    """When a lunch begun after `now` is over; FAR where it is too late for it."""
    begins = max(now, item[lunch, EARLY])
    return begins + item[lunch, SERVICE] if begins <= item[lunch, LATE] else FAR
