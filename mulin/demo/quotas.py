"""How many grids and households each community gets, before a single line is drawn."""

from dataclasses import dataclass, field
from itertools import cycle
from typing import Literal

import numpy as np

from mulin.demo.divisions import Division
from mulin.demo.plane import Random
from mulin.demo.sizes import Dedicated, Size

Character = Literal["old", "mixed", "new", "village"]
"""What is built there: walk-ups, both, towers, or rows of farmhouses along the road."""

URBAN_CHARACTERS: tuple[Character, ...] = ("old", "new", "mixed", "old", "new")

HOUSEHOLDS_MIN, HOUSEHOLDS_MAX = 300, 500
"""Of one basic grid in a town: 300–500 households are usual (GB/T 34300)."""

LAND_M2 = {"old": 112.0, "mixed": 112.0, "new": 120.0, "village": 2_200.0}
"""Ground per household, streets and small parks included."""

SUBURBAN_LAND_M2 = 420.0
TOWN_SEAT_LAND_M2 = 190.0
DEDICATED_M2 = 52_000.0


@dataclass(slots=True)
class CommunityQuota:
    """One community's share: households of each basic grid and its dedicated grids."""

    division: Division
    character: Character
    households: list[int] = field(default_factory=list)
    dedicated: list[Dedicated] = field(default_factory=list)

    @property
    def land_m2(self) -> float:
        """Ground the community needs, which decides how large it is drawn."""
        return sum(self.grid_weights())

    def grid_weights(self) -> list[float]:
        per_household = LAND_M2[self.character]
        in_a_street = self.division.code[6] == "0"
        if self.character == "village" and in_a_street:
            per_household = SUBURBAN_LAND_M2
        if self.character != "village" and not in_a_street:
            per_household = TOWN_SEAT_LAND_M2
        return [n * per_household for n in self.households] + [DEDICATED_M2] * len(self.dedicated)


def quotas(random: Random, size: Size, communities: list[Division]) -> list[CommunityQuota]:
    """Exact numbers: grids and households add up to those of `size`."""
    characters = _characters(random, communities)
    result = [CommunityQuota(d, character) for d, character in zip(communities, characters, strict=True)]
    wish = np.array([random.uniform(1.5, 3.0) if q.character == "village" else random.uniform(4, 6) for q in result])
    counts = share_out(size.basic_grids, wish)
    households = _households(random, size)
    start = 0
    for quota, count in zip(result, counts, strict=True):
        quota.households = [int(n) for n in households[start : start + count]]
        start += count
    _place_dedicated(random, size, result)
    return result


def share_out(total: int, wish: np.ndarray) -> list[int]:
    """Whole numbers near the wished shares, at least one each, that add up to `total` (largest remainders)."""
    exact = 1 + (total - len(wish)) * wish / wish.sum()
    counts = np.floor(exact).astype(int)
    most_missing = np.argsort(-(exact - counts), kind="stable")
    counts[most_missing[: total - counts.sum()]] += 1
    return [int(n) for n in counts]


def _characters(random: Random, communities: list[Division]) -> list[Character]:
    """Villages and market towns are as they are; of the others a fixed share is old, mixed and new, dealt at random."""
    urban = [i for i, d in enumerate(communities) if not d.is_village and d.code[6] == "0"]
    dealt = dict(zip(random.permutation(urban).tolist(), cycle(URBAN_CHARACTERS), strict=False))
    return [dealt.get(i, "village" if d.is_village else "old") for i, d in enumerate(communities)]


def _households(random: Random, size: Size) -> np.ndarray:
    mean = size.households / size.basic_grids
    spread = min(mean - HOUSEHOLDS_MIN, HOUSEHOLDS_MAX - mean)
    counts = np.rint(mean + random.uniform(-spread, spread, size.basic_grids)).astype(int)
    while (missing := size.households - int(counts.sum())) != 0:
        step = 1 if missing > 0 else -1
        movable = np.flatnonzero((counts + step >= HOUSEHOLDS_MIN) & (counts + step <= HOUSEHOLDS_MAX))
        counts[random.permutation(movable)[: abs(missing)]] += step
    return counts


def _place_dedicated(random: Random, size: Size, communities: list[CommunityQuota]) -> None:
    """A school, a hospital, a market: each in another community of the town proper."""
    urban = [q for q in communities if q.character != "village" and q.division.code[6] == "0"]
    chosen = random.permutation(len(urban))[: len(size.dedicated)]
    for position, dedicated in enumerate(size.dedicated):
        urban[int(chosen[position % len(chosen)])].dedicated.append(dedicated)
