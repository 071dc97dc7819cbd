"""Whose doors are beside whose, and how many make a group."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Coordinates = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """Households of one contact group: 10–15 in common practice (十联户)."""

    lowest: int = 10
    highest: int = 15


@dataclass(frozen=True)
class Problem:
    """Households behind doors, doors on floors, floors behind entrances, entrances of buildings.

    Parameters
    ----------
    entrance : (n,) int64
        Entrance of each household, 0 … e-1.
    floor : (n,) int64
        Floor of each household; cellars are negative.
    door : (n,) int64
        Order of the doors on a floor.
    building : (e,) int64
        Building of each entrance.
    area : (e,) int64
        Closed area of each entrance (its grid): no group reaches into another. None: each building is one.
    xy : (e, 2) float64
        Position of each entrance in m. Orders the entrances of a building and the buildings of an area; None: they
        stand in the order of their index and no group crosses buildings.
    bounds
        Households of a group.
    present : (n,) int64
        Today's group of each household, -1 for none.
    """

    entrance: Integers
    floor: Integers
    door: Integers
    building: Integers
    area: Integers | None = None
    xy: Coordinates | None = None
    bounds: Bounds = field(default_factory=Bounds)
    present: Integers | None = None


GOALS = CHANGE, BUILDINGS, FLOORS, ENTRANCES, EVENNESS = "change", "buildings", "floors", "entrances", "evenness"


@dataclass(frozen=True)
class Params:
    """Which goal goes before which, after the bounds, which always come first.

    Parameters
    ----------
    goals
        `change`: households that get another group; `buildings`: groups in more than one building; `floors`: floors
        cut in two; `entrances`: groups behind more than one entrance; `evenness`: sizes far from the middle.
    join_entrances
        Whether a group may hold households of neighbouring entrances of one building.
    join_within_m
        Neighbouring buildings of one area may share a group where their entrances are this near; 0: never.
    """

    goals: tuple[str, ...] = (CHANGE, BUILDINGS, ENTRANCES, FLOORS, EVENNESS)
    join_entrances: bool = True
    join_within_m: float = 0.0
