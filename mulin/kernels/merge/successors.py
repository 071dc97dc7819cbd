"""The cross-walk: which new grid answers for which old code, main and partial."""

import numpy as np
import shapely

from mulin.kernels.merge.comparing import Overlap, shared_ground, shared_households
from mulin.kernels.merge.reading import Outlines, ReadNet
from mulin.kernels.merge.result import Successor
from mulin.kernels.partition.problem import Integers
from mulin.kernels.partition.problem import Problem as Ground

SLIVER_SHARE = 0.005
"""A new grid without a building of the old one, and with less of its ground, is a line drawn a little differently."""

Row = tuple[int, int, int, float]
"""New grid, households, buildings, m²."""


def successors(
    nets: tuple[ReadNet, ...], olds: tuple[Outlines, ...], grid: Integers, outlines: Outlines | None, ground: Ground
) -> tuple[Successor, ...]:
    """Return the table for all nets; `olds` are the nets' grounds, empty where there are no outlines."""
    table: list[Successor] = []
    for number, net in enumerate(nets):
        households = shared_households(net.grid, grid, ground.households)
        buildings = shared_households(net.grid, grid, np.ones_like(grid))
        old = olds[number] if olds else None
        area = shared_ground(old, outlines) if old is not None and outlines is not None else None
        rows = _rows(net.grids, households, buildings, area, old)
        for label, found in enumerate(rows):
            table += _shares(number, label, found or [_nearest(old, label, grid, ground)], old)
    return tuple(table)


def _rows(
    grids: int, households: Overlap, buildings: Overlap, area: Overlap | None, old: Outlines | None
) -> list[list[Row]]:
    """Put together by old grid what it shares with new ones."""
    shared: list[dict[int, list[float]]] = [{} for _ in range(grids)]
    for column, overlap in enumerate((households, buildings, area)):
        if overlap is None:
            continue
        for (label, new), amount in zip(overlap.pairs.tolist(), overlap.amount.tolist(), strict=True):
            shared[label].setdefault(new, [0.0, 0.0, 0.0])[column] = amount
    return [
        [
            (new, round(lived), round(built), m2)
            for new, (lived, built, m2) in found.items()
            if built or (old is not None and m2 > SLIVER_SHARE * old[label].area)
        ]
        for label, found in enumerate(shared)
    ]


def _nearest(old: Outlines | None, label: int, grid: Integers, ground: Ground) -> Row:
    """Return the grid of the nearest building; nobody where the old grid has no ground either."""
    if old is None or old[label].is_empty:
        return (-1, 0, 0, 0.0)
    nearest = int(np.argmin(shapely.distance(shapely.points(ground.xy), old[label])))
    return (int(grid[nearest]), 0, 0, 0.0)


def _shares(net: int, label: int, rows: list[Row], old: Outlines | None) -> list[Successor]:
    """Order the successors of one old grid, the main one first."""
    ordered = sorted(rows, key=lambda row: (-row[1], -row[2], -row[3], row[0]))
    households = sum(row[1] for row in rows)
    whole_m2 = float(old[label].area) if old is not None else 0.0
    return [
        Successor(
            net=net,
            old_grid=label,
            new_grid=new,
            households=lived,
            area_m2=m2,
            share_households=lived / households if households else float("nan"),
            share_area=m2 / whole_m2 if whole_m2 else float("nan"),
            is_main=position == 0,
        )
        for position, (new, lived, _built, m2) in enumerate(ordered)
    ]
