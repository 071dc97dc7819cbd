"""Colours that neighbours do not share, told apart by colour-blind eyes and on a grey copy."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

PALETTE = ("#fdf3bf", "#cfe6f5", "#f6cfa6", "#b9ddc4", "#e0bcd6", "#aab9dc", "#d9d2c5", "#93c5c8")
"""Pale tints of Okabe and Ito's colours; neighbours in this order differ in lightness, for copies in grey."""


def neighbours(shapes: Sequence[BaseGeometry], *, within: float) -> list[set[int]]:
    """Return for each shape those no farther away than `within`, so that a street between two does not part them."""
    found: list[set[int]] = [set() for _ in shapes]
    if not shapes:
        return found
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=within)
    for one, other in pairs.T.tolist():
        if one != other:
            found[one].add(other)
    return found


def colouring(beside: Sequence[set[int]]) -> list[int]:
    """Return a colour number for each, none shared by neighbours: most bound first, the least used colour free to it.

    Smallest-last order (Matula and Beck, J. ACM 1983): on a plane map six colours are always enough.
    """
    colours = [-1] * len(beside)
    used: list[int] = []
    for one in _smallest_last(beside):
        taken = {colours[other] for other in beside[one]}
        free = [colour for colour in range(len(used)) if colour not in taken]
        if not free:
            free = [len(used)]
            used.append(0)
        colours[one] = min(free, key=lambda colour: (used[colour], colour))
        used[colours[one]] += 1
    return colours


def _smallest_last(beside: Sequence[set[int]]) -> list[int]:
    left = {one: len(others) for one, others in enumerate(beside)}
    order: list[int] = []
    while left:
        lightest = min(left, key=lambda one: (left[one], one))
        order.append(lightest)
        del left[lightest]
        for other in beside[lightest] & left.keys():
            left[other] -= 1
    return order[::-1]


def fills(shapes: Sequence[BaseGeometry], *, within: float) -> list[str]:
    """Return a fill for each shape; where a crowd needs more colours than there are, only those that touch differ."""
    colours = colouring(neighbours(shapes, within=within))
    if max(colours, default=0) >= len(PALETTE):
        colours = colouring(neighbours(shapes, within=0.0))
    return [PALETTE[colour % len(PALETTE)] for colour in colours]
