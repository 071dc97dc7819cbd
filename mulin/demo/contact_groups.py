"""联户组: 10 to 15 adjacent households with one contact."""

from collections.abc import Iterable

SMALLEST, LARGEST = 10, 15


def outside(size: int) -> int:
    """By how many households a group of this size misses what is lawful."""
    return max(0, SMALLEST - size, size - LARGEST)


def group_sizes(households: int) -> list[int]:
    """Sizes, even to within one, whose total distance from 10–15 is least; fewer groups when it is equal.

    >>> group_sizes(24), group_sizes(16), group_sizes(18)
    ([12, 12], [16], [9, 9])
    """
    if households <= 0:
        return []
    most = max(1, -(-households // SMALLEST))
    least = max(1, households // LARGEST)
    return min((_even(households, k) for k in range(least, most + 1)), key=lambda s: (sum(map(outside, s)), len(s)))


def _even(households: int, groups: int) -> list[int]:
    size, rest = divmod(households, groups)
    return [size + 1] * rest + [size] * (groups - rest)


def sizes_by_entrance(entrances: Iterable[int]) -> list[int]:
    """Group sizes along a row of entrances: groups end where an entrance ends whenever that is lawful.

    `entrances` are the household counts of neighbouring entrances in walking order.
    """
    sizes: list[int] = []
    waiting = 0
    for count in entrances:
        waiting += count
        cut = group_sizes(waiting)
        if waiting and not any(map(outside, cut)):
            sizes += cut
            waiting = 0
    if waiting and sizes and outside(waiting):
        waiting += sizes.pop()
    return sizes + group_sizes(waiting)
