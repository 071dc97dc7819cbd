"""The compiled dynamic programme: where to cut the line of doors.

The best division of the first `end` doors is the best of the first `start` plus one group of the doors between; costs
are compared goal by goal. A group never has more than max(highest, 2 lowest - 1) doors, because cutting `lowest` off a
longer one deviates less. O(n · longest · goals) time, O(n · goals) memory.
"""

from typing import NamedTuple

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.groups.order import CLOSED, NEXT_BUILDING, NEXT_ENTRANCE, SAME_FLOOR
from mulin.kernels.groups.problem import Integers

DEVIATION, CHANGE, BUILDINGS, FLOORS, ENTRANCES, EVENNESS = 0, 1, 2, 3, 4, 5
COSTS = 6
KNOWN, KEPT = 0, 1


class Line(NamedTuple):
    """Doors in order: `gap` before each, `present` group of each (-1: none) and the `size` of every present group."""

    gap: Integers
    present: Integers
    size: Integers
    lowest: int
    highest: int


@compiled
def divide(line: Line, order: Integers) -> Integers:
    """Return where groups start; `order` says which cost counts before which."""
    doors = line.gap.size
    best = np.zeros((doors + 1, COSTS), np.int64)
    start_of = np.zeros(doors + 1, np.int64)
    together = np.zeros(line.size.size, np.int64)
    for end in range(1, doors + 1):
        _best_last_group(line, order, end, best, start_of, together)
    return _starts(start_of)


@compiled
def _best_last_group(
    line: Line, order: Integers, end: int, best: Integers, start_of: Integers, together: Integers
) -> None:
    """Try every start of a group that ends here, growing it door by door."""
    cost, candidate, tally = np.zeros(COSTS, np.int64), np.empty(COSTS, np.int64), np.zeros(2, np.int64)
    start_of[end] = -1
    start = end
    while start > 0 and (start == end or line.gap[start] != CLOSED) and end - start < _longest(line):
        if start < end:
            cost[BUILDINGS] += line.gap[start] == NEXT_BUILDING
            cost[ENTRANCES] += line.gap[start] == NEXT_ENTRANCE
        start -= 1
        _count(line, start, together, tally)
        _measure(line, start, end - start, tally, cost)
        for goal in range(COSTS):
            candidate[goal] = best[start, goal] + cost[order[goal]]
        if start_of[end] < 0 or _is_less(candidate, best[end]):
            best[end] = candidate
            start_of[end] = start
    for place in range(start, end):
        if line.present[place] >= 0:
            together[line.present[place]] = 0


@compiled
def _count(line: Line, place: int, together: Integers, tally: Integers) -> None:
    """Tally who has a present group, and how many of them keep it: the largest majority of one that is together."""
    group = line.present[place]
    if group >= 0:
        tally[KNOWN] += 1
        together[group] += 1
        if 2 * together[group] > line.size[group]:
            tally[KEPT] = max(tally[KEPT], together[group])


@compiled
def _longest(line: Line) -> int:
    return max(line.highest, 2 * line.lowest - 1)


@compiled
def _measure(line: Line, start: int, doors: int, tally: Integers, cost: Integers) -> None:
    """Write what the size of a group, its changes and the cut before it cost."""
    cost[CHANGE] = tally[KNOWN] - tally[KEPT]
    cost[DEVIATION] = max(0, line.lowest - doors) + max(0, doors - line.highest)
    cost[FLOORS] = line.gap[start] == SAME_FLOOR
    cost[EVENNESS] = (2 * doors - line.lowest - line.highest) ** 2


@compiled
def _is_less(one: Integers, other: Integers) -> bool:
    """Compare goal by goal."""
    for goal in range(COSTS):
        if one[goal] != other[goal]:
            return bool(one[goal] < other[goal])
    return False


@compiled
def _starts(start_of: Integers) -> Integers:
    """Follow the best starts back from the end."""
    starts = np.empty(start_of.size, np.int64)
    count = 0
    end = start_of.size - 1
    while end > 0:
        end = start_of[end]
        starts[count] = end
        count += 1
    return starts[:count][::-1].copy()
