"""A short walk past all points: where the line of entrances, or of buildings, goes."""

import numpy as np

from mulin.kernels.compiled import compiled
from mulin.kernels.groups.problem import Coordinates, Integers

MOST_PASSES = 20


@compiled
def walk(xy: Coordinates) -> Integers:
    """Return an order of the points: nearest neighbour from the outermost, then 2-opt (Croes 1958). O(n²) a pass."""
    order = _nearest_neighbours(xy)
    for _ in range(MOST_PASSES):
        if not _uncross(xy, order):
            break
    return order


@compiled
def _nearest_neighbours(xy: Coordinates) -> Integers:
    """Go on to the nearest point not visited, from the one farthest from the middle."""
    order = np.arange(xy.shape[0])
    middle = np.array([xy[:, 0].mean(), xy[:, 1].mean()])
    start = 0
    for point in range(order.size):
        if _length(xy[point], middle) > _length(xy[start], middle):
            start = point
    order[0], order[start] = start, 0
    for place in range(1, order.size):
        nearest = place
        for other in range(place + 1, order.size):
            if _length(xy[order[other]], xy[order[place - 1]]) < _length(xy[order[nearest]], xy[order[place - 1]]):
                nearest = other
        order[place], order[nearest] = order[nearest], order[place]
    return order


@compiled
def _uncross(xy: Coordinates, order: Integers) -> bool:
    """Turn round every stretch that makes the walk shorter so; tell whether there was one."""
    shorter = False
    for first in range(order.size - 1):
        for last in range(first + 1, order.size):
            if _gain(xy, order, first, last) > 1e-9:
                order[first : last + 1] = order[first : last + 1][::-1].copy()
                shorter = True
    return shorter


@compiled
def _gain(xy: Coordinates, order: Integers, first: int, last: int) -> float:
    """Return what turning round the places first … last saves."""
    gain = 0.0
    if first > 0:
        before = xy[order[first - 1]]
        gain += _length(before, xy[order[first]]) - _length(before, xy[order[last]])
    if last < order.size - 1:
        after = xy[order[last + 1]]
        gain += _length(xy[order[last]], after) - _length(xy[order[first]], after)
    return gain


@compiled
def _length(start: Coordinates, end: Coordinates) -> float:
    return float(np.hypot(start[0] - end[0], start[1] - end[1]))
