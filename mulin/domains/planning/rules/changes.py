"""Why a building changes its grid: a fact that anybody can count, the heaviest first."""

from enum import StrEnum

import numpy as np

from mulin.domains.planning.rules.judging import bends
from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.partition.measuring import ABOVE, BELOW, BROKEN, CROSSES
from mulin.kernels.partition.problem import Bounds, Integers


class Why(StrEnum):
    WITHOUT = "without"
    BROKEN = "broken"
    ABOVE = "above"
    BELOW = "below"
    CLOSED = "closed"
    NEEDED = "needed"
    BETTER = "better"


def changed(arrays: GroundArrays, grid: Integers) -> Integers:
    """Return the buildings that have another grid in the plan than today."""
    return np.flatnonzero(arrays.present != grid)


def why_changed(arrays: GroundArrays, grid: Integers, bounds: Bounds) -> dict[int, Why]:
    """Return for each changed building the rule its grid of today bends, or what its new grid needs it for."""
    bent: dict[int, set[str]] = {}
    for bend in bends(arrays, arrays.present, bounds):
        bent.setdefault(bend.label, set()).add(bend.rule)
    living = set(np.unique(grid).tolist())
    return {
        index: _why(int(arrays.present[index]), int(grid[index]), bent, living)
        for index in changed(arrays, grid).tolist()
    }


def _why(before: int, after: int, bent: dict[int, set[str]], living: set[int]) -> Why:
    if before == NO_GRID:
        return Why.WITHOUT
    rules = bent.get(before, set())
    if rules & {BROKEN, CROSSES}:
        return Why.BROKEN
    if ABOVE in rules:
        return Why.ABOVE
    if BELOW in rules:
        return Why.BELOW
    if before not in living:
        return Why.CLOSED
    return Why.NEEDED if BELOW in bent.get(after, set()) else Why.BETTER
