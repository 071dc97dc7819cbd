"""What a plan is worth and which rules it bends, grid by grid."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.facts import Certificate
from mulin.kernels.partition.problem import IMPASSABLE, Bounds, Integers, Params

BELOW, ABOVE, APART, MIXED = "below", "above", "apart", "mixed"
BOUND_RULES = (BELOW, ABOVE)
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
    return replace(Params(), **{name: float(weights[name]) for name in WEIGHTS if name in weights})


def figures_of(arrays: GroundArrays, grid: Integers, bounds: Bounds, params: Params) -> dict[str, Any]:
    """Return the kernel's figures of a plan beside today's grids; an empty dict where there is no plan."""
    from mulin.kernels.partition.figures import figures  # compiled code, which few processes need

    present = arrays.present if len(arrays.grid_ids) else None
    return asdict(figures(arrays.problem(bounds, present=present), whole(grid), params))


def whole(grid: Integers) -> Integers:
    """Return a plan in which buildings without a grid are one grid each, so that it can be measured."""
    without = grid == NO_GRID
    if not without.any():
        return grid
    filled = grid.copy()
    filled[without] = max(int(grid.max()), NO_GRID) + 1 + np.arange(int(without.sum()))
    return filled


def bends(arrays: GroundArrays, grid: Integers, bounds: Bounds, certificates: Sequence[Certificate] = ()) -> list[Bend]:
    """Return every rule the grids bend, hardest first; dedicated grids have rules of their own. O(n + edges)."""
    labels, place = np.unique(grid, return_inverse=True)
    place = place.ravel()
    households = np.bincount(place, weights=arrays.households).astype(np.int64)
    asked = np.array([label >= 0 and not _is_dedicated(arrays, label) for label in labels.tolist()], dtype=np.bool_)
    rules = (
        (MIXED, _mixed(place, arrays.community, len(labels))),
        (APART, _pieces(arrays, grid, place, len(labels)) > 1),
        (ABOVE, households > bounds.highest),
        (BELOW, households < bounds.lowest),
    )
    excess = np.maximum(households - bounds.highest, 0) + np.maximum(bounds.lowest - households, 0)
    found = [
        Bend(rule, int(labels[at]), int(households[at]), int(excess[at]) if rule in BOUND_RULES else 0)
        for rule, broken in rules
        for at in np.flatnonzero(broken & asked).tolist()
    ]
    return _excused(found, grid, certificates)


def _is_dedicated(arrays: GroundArrays, label: int) -> bool:
    return label < len(arrays.dedicated) and bool(arrays.dedicated[label])


def _mixed(place: Integers, community: Integers, count: int) -> Any:
    lowest, highest = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(lowest, place, community)
    np.maximum.at(highest, place, community)
    return lowest != highest


def _pieces(arrays: GroundArrays, grid: Integers, place: Integers, count: int) -> Integers:
    """Return in how many pieces each grid lies."""
    edges = arrays.edges[arrays.barriers < IMPASSABLE]
    inside = edges[grid[edges[:, 0]] == grid[edges[:, 1]]]
    size = len(grid)
    graph = coo_array((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(size, size))
    _count, piece = connected_components(graph, directed=False)
    of_piece = np.unique(np.column_stack([place, piece]), axis=0)
    return np.bincount(of_piece[:, 0], minlength=count)


def _excused(found: Sequence[Bend], grid: Integers, certificates: Sequence[Certificate]) -> list[Bend]:
    """Mark the bends of bounds that lie wholly within the buildings a certificate is about."""
    grounds = [frozenset(certificate.buildings) for certificate in certificates]
    return [
        replace(bend, excused=bend.is_bound and _lies_in(grounds, np.flatnonzero(grid == bend.label).tolist()))
        for bend in found
    ]


def _lies_in(grounds: Sequence[Collection[int]], buildings: Sequence[int]) -> bool:
    return any(all(building in ground for building in buildings) for ground in grounds)
