"""A division into contact groups with what it costs and where the count allows none."""

from dataclasses import dataclass

from mulin.kernels.facts import Certificate
from mulin.kernels.groups.problem import Integers


@dataclass(frozen=True)
class Figures:
    """What people compare divisions by.

    `outside` counts the groups outside their bounds, `buildings_crossed` and `entrances_crossed` the gaps between
    buildings and between entrances of one building that lie inside a group, `floors_cut` the floors behind one
    entrance cut in two (three groups on a floor: two cuts), `changed` the households that get another group.
    """

    groups: int
    smallest: int
    largest: int
    outside: int
    buildings_crossed: int
    entrances_crossed: int
    floors_cut: int
    changed: int


@dataclass(frozen=True)
class Result:
    """The best division; exact for the order in which doors stand beside each other.

    Parameters
    ----------
    group : (n,) int64
        Group of each household. Where a present division was given, a group of which more than half stays together
        keeps its number and new groups are numbered after the largest present one.
    certificates
        One `counting` for each closed stretch of doors whose count is in no lawful sum (1–9, 16–19 with 10–15), with
        `buildings`, and in the facts `households`, `chosen` (the sizes taken, such as "9+10"), `other` (the next
        best choice), and, where another stretch nearby would make a lawful sum, `join_building`, `join_households`
        and `join_distance_m`.
    moved : (c,) int64
        Households that get another group than today's.
    """

    group: Integers
    figures: Figures
    certificates: tuple[Certificate, ...]
    moved: Integers
    seconds: float
