"""联户组 along the stairs: which neighbouring households form a group."""

from collections.abc import Iterable

from mulin.domains.places.rules import TEN_HOUSEHOLDS


def lawful(size: int) -> bool:
    return TEN_HOUSEHOLDS.least <= size <= TEN_HOUSEHOLDS.most


def sizes_by_entrance(entrances: Iterable[int]) -> list[int]:
    """Group sizes along a row of entrances: groups end where an entrance ends whenever that is lawful.

    `entrances` are the household counts of neighbouring entrances in walking order.

    >>> sizes_by_entrance([12, 11, 8, 12])
    [12, 11, 10, 10]
    """
    sizes: list[int] = []
    waiting = 0
    for count in entrances:
        waiting += count
        groups = TEN_HOUSEHOLDS.split(waiting)
        if all(map(lawful, groups)):
            sizes += groups
            waiting = 0
    if waiting and sizes and not lawful(waiting):
        waiting += sizes.pop()
    return sizes + TEN_HOUSEHOLDS.split(waiting)
