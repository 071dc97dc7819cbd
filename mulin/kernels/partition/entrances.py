"""A building too large for a grid, cut along its entrances into pieces that fit."""

from mulin.kernels.facts import BadProblem


def split_by_entrances(entrance_households: list[int], highest: int) -> list[list[int]] | None:
    """Group consecutive entrances (单元) into the fewest, most even parts of at most `highest` households.

    Parameters
    ----------
    entrance_households
        Households of each entrance in the order they stand along the building.
    highest
        Upper bound of a part; half the grid's bound leaves the search room.

    Returns
    -------
    list of list of int or None
        Indices of the entrances of each part; None if one entrance alone is above the bound.
        O(e · parts · log H) for e entrances and H households.
    """
    if highest <= 0 or not entrance_households or min(entrance_households) < 0:
        raise BadProblem("bad_entrances", highest=highest, entrances=len(entrance_households))
    if max(entrance_households) > highest:
        return None
    parts = len(_filled(entrance_households, highest))
    low, high = max(entrance_households), highest
    while low < high:
        middle = (low + high) // 2
        if len(_filled(entrance_households, middle)) <= parts:
            high = middle
        else:
            low = middle + 1
    return _filled(entrance_households, low)


def _filled(entrance_households: list[int], highest: int) -> list[list[int]]:
    """Fill part after part up to the bound: the fewest parts there can be."""
    parts: list[list[int]] = [[]]
    total = 0
    for entrance, households in enumerate(entrance_households):
        if parts[-1] and total + households > highest:
            parts.append([])
            total = 0
        parts[-1].append(entrance)
        total += households
    return parts
