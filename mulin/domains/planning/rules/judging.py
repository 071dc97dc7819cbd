"""What a plan is worth and which rules it bends, grid by grid."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.facts import Certificate
from mulin.kernels.partition.measuring import ABOVE, BELOW, BROKEN, CROSSES, broken_rules, figures
from mulin.kernels.partition.problem import Bounds, Integers, Params

BOUND_RULES = (BELOW, ABOVE)
HARDEST_FIRST = (CROSSES, BROKEN, ABOVE, BELOW)
WEIGHTS = ("balance", "compactness", "straddling", "change")


@dataclass(frozen=True)
class Bend:
    """One rule a grid does not keep: too few or many households, in pieces, in two communities.

    `excused` bends need nobody's word: a certificate shows that no plan can do better there.
    """

    rule: str
    label: int
    households: int
    excess: int = 0
    excused: bool = False

    @property
    def is_bound(self) -> bool:
        return self.rule in BOUND_RULES


def params_of(weights: dict[str, float]) -> Params:
    known: dict[str, Any] = {name: float(weights[name]) for name in WEIGHTS if name in weights}
    return replace(Params(), **known)


def figures_of(arrays: GroundArrays, grid: Integers, bounds: Bounds, params: Params) -> dict[str, Any]:
    """Return the kernel's figures of a plan beside today's grids.

    The smallest grid is one of those people live in: a dedicated grid has few households or none.
    """
    present = arrays.present if len(arrays.grid_ids) else None
    measured = whole(grid)
    found = asdict(figures(arrays.problem(bounds, present=present), measured, params))
    dwelling = measured[~np.isin(measured, np.flatnonzero(arrays.dedicated))]
    if len(dwelling):
        households = np.bincount(measured, weights=arrays.households)
        found["smallest"] = int(households[np.unique(dwelling)].min())
    return found


def whole(grid: Integers) -> Integers:
    """Return a plan in which buildings without a grid are one grid each, so that it can be measured."""
    without = grid == NO_GRID
    if not without.any():
        return grid
    filled = grid.copy()
    filled[without] = max(int(grid.max()), NO_GRID) + 1 + np.arange(int(without.sum()))
    return filled


def bends(arrays: GroundArrays, grid: Integers, bounds: Bounds, certificates: Sequence[Certificate] = ()) -> list[Bend]:
    """Return every rule the grids bend, hardest first; dedicated grids have rules of their own."""
    measured = whole(grid)
    broken = broken_rules(arrays.problem(bounds, grid=measured), measured)
    households = {label: int(arrays.households[grid == label].sum()) for label in broken}
    found = [
        Bend(rule, label, households[label], _excess(rule, households[label], bounds))
        for rule in HARDEST_FIRST
        for label, rules in sorted(broken.items())
        if rule in rules and (grid == label).any()
    ]
    return _excused(found, grid, certificates)


def _excess(rule: str, households: int, bounds: Bounds) -> int:
    """Households beyond the bounds."""
    return {ABOVE: households - bounds.highest, BELOW: bounds.lowest - households}.get(rule, 0)


def _excused(found: Sequence[Bend], grid: Integers, certificates: Sequence[Certificate]) -> list[Bend]:
    """Mark one bend of bounds for each certificate: the first that has to do with the buildings it is about."""
    excused: set[int] = set()
    for certificate in certificates:
        labels = set(grid[list(certificate.buildings)].tolist())
        bound = (bend.label for bend in found if bend.is_bound and bend.label in labels - excused)
        if (first := next(bound, None)) is not None:
            excused.add(first)
    return [replace(bend, excused=bend.is_bound and bend.label in excused) for bend in found]
