"""The nets that are to become one, and the ground they lie on."""

from dataclasses import dataclass, field
from typing import Any

from mulin.kernels.partition.problem import Integers
from mulin.kernels.partition.problem import Params as PartitionParams
from mulin.kernels.partition.problem import Problem as Ground

Outline = Any
"""A shapely Polygon or MultiPolygon in m on the same local plane as the buildings (shapely ships no types)."""


@dataclass(frozen=True)
class Net:
    """The grids of one department.

    Parameters
    ----------
    outlines
        One outline per grid, numbered by their order; None where the department has only lists of buildings. An
        outline may be empty.
    grid : (n,) int64
        Grid of each building, -1 for none; None: found by position in the outlines (the first that holds it).
    weight
        What one household counts that gets another grid of this department.
    """

    outlines: tuple[Outline, ...] | None = None
    grid: Integers | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Problem:
    """Nets over one ground.

    `ground` is the problem of the new net (buildings, neighbours, barriers, communities, bounds, fixed pieces); its
    `present` is not asked.
    """

    ground: Ground
    nets: tuple[Net, ...]


@dataclass(frozen=True)
class Params:
    """How the one net is looked for; `partition` holds the weights of the repair to lawful grids."""

    partition: PartitionParams = field(default_factory=PartitionParams)
