"""How much of the life circle everybody has, what is missing where, and what one more facility would change."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mulin.kernels.access.problem import Params, Problem
from mulin.kernels.access.result import Circle, Result
from mulin.kernels.access.scoring import score
from mulin.kernels.access.solve import solve
from mulin.kernels.network.building import build
from mulin.kernels.network.problem import Coordinates, Integers, Streets
from mulin.kernels.network.result import Network, Snapped
from mulin.kernels.network.snapping import snap
from mulin.kernels.siting.problem import Problem as SitingProblem
from mulin.kernels.siting.reach import reach
from mulin.kernels.siting.solve import solve as choose_sites
from mulin.kernels.stop import Stop

Households = NDArray[np.float64]

LIMITS_M = (300.0, 500.0, 1_000.0)
"""5, 10 and 15 minutes of an elderly person or a child, as GB 50180-2018 counts them."""
SPEED_M_PER_S = 1.2
TO_THE_STREET_M = 300.0
LEAST_PIECE = 8
"""Fewer nodes than this, and a path drawn apart from the streets leads nowhere."""
MOST_CANDIDATES = 600
SITING_S = 2.0


@dataclass(frozen=True)
class CircleGround:
    """Buildings, facilities and ways of an area, in m on one plane.

    `kind` is the kind of each facility as an index; `limit` of each kind an index into LIMITS_M; `is_makeshift` says
    that there are no streets and the ways lead from neighbour to neighbour.
    """

    xy: Coordinates
    households: Households
    community: Integers
    communities: int
    grid: Integers
    grids: int
    facilities_xy: Coordinates
    kind: Integers
    limit: Integers
    streets: Streets
    is_makeshift: bool


@dataclass(frozen=True)
class Site:
    """A place where one more facility of a kind would serve households nobody serves now."""

    building: int
    gained: float


class Measured:
    """The life circle of a ground; what is asked once is kept. Questions of two threads wait for each other."""

    def __init__(self, ground: CircleGround) -> None:
        self.ground = ground
        self._lock = threading.Lock()
        self._network: Network = build(ground.streets)
        self._buildings = self._snapped(ground.xy)
        self.result: Result = solve(
            Problem(
                network=self._network,
                buildings=self._buildings,
                facilities=self._snapped(ground.facilities_xy),
                kind=ground.kind,
                kinds=len(ground.limit),
            ),
            stop=Stop(rounds=len(ground.limit) + 1),
            params=Params(SPEED_M_PER_S, tuple(limit / SPEED_M_PER_S / 60.0 for limit in LIMITS_M)),
        )
        self._sites: dict[tuple[int, int], list[Site]] = {}

    def _snapped(self, xy: Coordinates) -> Snapped:
        piece = 1 if self.ground.is_makeshift else LEAST_PIECE
        return snap(self._network, xy, furthest_m=TO_THE_STREET_M, smallest_piece=piece)

    @property
    def stranded(self) -> Integers:
        """Buildings with no street near enough."""
        return self._buildings.stranded

    @cached_property
    def by_grid(self) -> Circle:
        return self._scored(self.ground.grid, self.ground.grids)

    @cached_property
    def by_community(self) -> Circle:
        return self._scored(self.ground.community, self.ground.communities)

    def _scored(self, part: Integers, parts: int) -> Circle:
        ground = self.ground
        weight = np.ones(len(ground.limit))
        return score(self.result.band, ground.limit, weight, ground.households, part, parts)

    def served(self, kind: int) -> NDArray[np.bool_]:
        """Return which buildings reach a facility of the kind within its own limit."""
        reached: NDArray[np.bool_] = self.result.band[kind] <= self.ground.limit[kind]
        return reached

    def unserved_households(self, kind: int) -> float:
        return float(self.ground.households[~self.served(kind)].sum())

    def sites(self, kind: int, count: int) -> list[Site]:
        """Return the best places for `count` more of a kind, next to buildings that stand there, best first."""
        with self._lock:
            if (kind, count) not in self._sites:
                self._sites[kind, count] = self._best(kind, count)
            return self._sites[kind, count]

    def _best(self, kind: int, count: int) -> list[Site]:
        candidates = self._candidates(kind)
        if not len(candidates):
            return []
        starts, serves = self._reach(self._buildings.take(candidates), kind)
        problem = SitingProblem(starts, serves, self.ground.households, count=count, served_already=self.served(kind))
        chosen = choose_sites(problem, stop=Stop(seconds=SITING_S))
        pairs = zip(chosen.chosen.tolist(), chosen.gains.tolist(), strict=True)
        return [Site(int(candidates[index]), gained) for index, gained in pairs if gained > 0]

    def _candidates(self, kind: int) -> Integers:
        """Return buildings near which nobody is served, evenly thinned out: a site serves those around it first."""
        open_ones = np.flatnonzero(~self.served(kind) & np.isfinite(self._buildings.offset_m))
        step = max(1, -(-len(open_ones) // MOST_CANDIDATES))
        return open_ones[::step].astype(np.int64)

    def _reach(self, places: Snapped, kind: int) -> tuple[Integers, Integers]:
        return reach(self._network, places, self._buildings, LIMITS_M[int(self.ground.limit[kind])])

    def gained_at(self, kind: int, xy: Coordinates) -> float | None:
        """Return the households a facility at a point (1, 2) would be the first to serve; None far from any street."""
        place = self._snapped(xy)
        if len(place.stranded):
            return None
        with self._lock:
            _starts, served = self._reach(place, kind)
        fresh = served[~self.served(kind)[served]]
        return float(self.ground.households[fresh].sum())


def worst_kinds(covered: Sequence[float], most: int) -> list[int]:
    """Return the kinds fewest households reach, worst first; what everybody reaches is no gap."""
    order = np.argsort(np.asarray(covered), kind="stable")
    return [int(kind) for kind in order[:most] if covered[int(kind)] < 1.0]
