"""Blocks become estates, buildings, entrances, dwellings and households."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely import Polygon

from mulin.demo.contact_groups import sizes_by_entrance
from mulin.demo.footprints import Site, farm_sites, hall_sites, slab_sites, tower_sites
from mulin.demo.ground import Ground, to_degrees
from mulin.demo.plane import Random
from mulin.demo.quotas import Character, CommunityQuota
from mulin.demo.records import (
    BlockUse,
    BuildingKind,
    Buildings,
    ContactGroups,
    Dwellings,
    Entrances,
    Households,
)

ROAD_HALF_WIDTH_M = {"main": 14.0, "secondary": 9.0, "minor": 5.5, "lane": 3.5, "track": 3.0}
RIVER_HALF_WIDTH_M, RIVERSIDE_M = 17.0, 20.0
LOWEST_TOWER = 18
VACANT = (0.015, 0.06)
"""Share of dwellings nobody lives in, from–to."""


class NoRoom(Exception):
    """The land between roads and river does not hold the households of a grid."""


@dataclass(frozen=True, slots=True)
class Built:
    """One building before it has a number: where, what, and how its dwellings stack."""

    site: Site
    kind: BuildingKind
    block: int
    floors: int
    per_floor: int

    @property
    def dwellings(self) -> int:
        return 0 if self.kind == "public" else self.floors * self.per_floor * self.site.entrances


@dataclass(slots=True)
class GridBuild:
    """What is built in one grid, in walking order."""

    community: int
    grid: int
    households: int
    blocks: list[int]
    buildings: list[Built] = field(default_factory=list)


def land_of_blocks(ground: Ground) -> list[Polygon]:
    """What is left of each block between the roads and back from the river."""
    strips = [road.line.buffer(ROAD_HALF_WIDTH_M[road.kind], cap_style="flat") for road in ground.roads]
    strips += [ground.river.buffer(RIVER_HALF_WIDTH_M + RIVERSIDE_M)]
    tree = shapely.STRtree(strips)
    result = []
    for block in ground.blocks:
        near = [strips[i] for i in tree.query(block.polygon)]
        land = block.polygon.buffer(-1.0).difference(shapely.union_all(near)).buffer(-2.5).buffer(2.5)
        result.append(max(shapely.get_parts(land).tolist(), key=lambda p: p.area, default=Polygon()))
    return result


def build(random: Random, ground: Ground, lands: list[Polygon], communities: list[CommunityQuota]) -> list[GridBuild]:
    """Fill every grid with at least as many dwellings as it has households."""
    result = []
    for grid in _grids(ground, communities):
        if grid.households:
            quota = communities[grid.community]
            grid.buildings = list(_fill(random, grid, lands, quota.character))
        else:
            halls = [s for b in grid.blocks for s in hall_sites(lands[b].buffer(-6))]
            floors = [int(n) for n in random.integers(3, 7, len(halls))]
            grid.buildings = [Built(s, "public", grid.blocks[0], f, 0) for s, f in zip(halls, floors, strict=True)]
        result.append(grid)
    return result


def _grids(ground: Ground, communities: list[CommunityQuota]) -> Iterator[GridBuild]:
    blocks: dict[tuple[int, int], list[int]] = {}
    for number, block in enumerate(ground.blocks):
        blocks.setdefault((block.community, block.grid), []).append(number)
    for community, quota in enumerate(communities):
        counts = [*quota.households, *[0] * len(quota.dedicated)]
        for grid, households in enumerate(counts):
            yield GridBuild(community, grid, households, blocks[community, grid])


def _fill(random: Random, grid: GridBuild, lands: list[Polygon], character: Character) -> Iterator[Built]:
    """Buildings block by block until there is a dwelling for everyone; towers replace walk-ups where land is short."""
    wanted = int(np.ceil(grid.households * (1 + random.uniform(*VACANT))))
    offers = []
    for style in _styles(random, character):
        offered = _offer(random, grid, lands, style)
        offers.append(offered)
        if _room(offered) >= wanted:
            break
    else:
        offered = _taller(max(offers, key=_room), wanted)
    for building in _spread(offered, wanted):
        if wanted <= 0:
            return
        wanted -= building.dwellings
        yield building


def _spread(offered: list[Built], wanted: int) -> list[Built]:
    """Towers that are too many are thinned out evenly, which leaves lawns between them and no block bare."""
    if any(b.kind != "tower" for b in offered):
        return offered
    low = [replace(b, floors=LOWEST_TOWER, per_floor=2) for b in offered]
    offered = low if _room(low) >= wanted else offered
    needed = wanted / _room(offered) * 1.12
    if needed > 0.85:
        return offered
    kept: list[Built] = []
    for block in dict.fromkeys(b.block for b in offered):
        mine = [b for b in offered if b.block == block]
        count = max(1, int(np.ceil(len(mine) * needed)))
        kept += [mine[i] for i in np.linspace(0, len(mine) - 1, count).round().astype(int)]
    return kept if _room(kept) >= wanted else offered


def _room(offered: list[Built]) -> int:
    return sum(b.dwellings for b in offered)


def _styles(random: Random, character: Character) -> tuple[tuple[BuildingKind, ...], ...]:
    """What to try, in turn: the kind of building of the first block, the second, …"""
    if character == "village":
        return (("farmhouse",), ("walk_up",))
    if character == "new":
        return (("tower",), ("tower", "walk_up"), ("walk_up",))
    if character == "mixed" and random.random() < 0.5:
        return (("tower", "walk_up"), ("tower",))
    return (("walk_up",), ("walk_up", "tower"), ("tower",))


def _offer(random: Random, grid: GridBuild, lands: list[Polygon], style: tuple[BuildingKind, ...]) -> list[Built]:
    offered: list[Built] = []
    for position, block in enumerate(grid.blocks):
        kind = style[position % len(style)]
        offered += _in_block(random, kind, block, lands[block])
    return offered


def _in_block(random: Random, kind: BuildingKind, block: int, land: Polygon) -> list[Built]:
    if kind == "tower":
        floors = int(random.choice((18, 18, 24, 26, 28, 32, 33)))
        per_floor = int(random.choice((2, 3, 4)))
        return [Built(s, kind, block, floors, per_floor) for s in tower_sites(random, land.buffer(-3))]
    if kind == "farmhouse":
        sites = farm_sites(random, land)
        return [Built(s, kind, block, int(f), 1) for s, f in zip(sites, random.integers(2, 4, len(sites)), strict=True)]
    floors = int(random.choice((6, 6, 6, 7)))
    return [Built(s, kind, block, floors, 2) for s in slab_sites(random, land.buffer(-2))]


def _taller(offered: list[Built], wanted: int) -> list[Built]:
    """The same buildings with more floors and flats: the last resort of a small grid. Raises NoRoom."""
    for floors in (24, 30, 33):
        for per_floor in (3, 4, 6):
            taller = [Built(b.site, "tower", b.block, floors, per_floor) for b in offered]
            if _room(taller) >= wanted:
                return taller
    raise NoRoom


def block_uses(random: Random, ground: Ground, lands: list[Polygon], grids: Iterable[GridBuild]) -> list[BlockUse]:
    """What each block turned out to be; ground nobody built on becomes a park, a market street or fields."""
    uses: list[BlockUse] = ["green"] * len(ground.blocks)
    for grid in grids:
        built = {b.block for b in grid.buildings if b.dwellings}
        for block in grid.blocks:
            if not grid.households:
                uses[block] = "public"
            elif ground.blocks[block].village:
                uses[block] = "fields"
            elif block in built:
                uses[block] = "housing"
            elif lands[block].area > 4_000 and random.random() < 0.4:
                uses[block] = "commerce"
    return uses


@dataclass(frozen=True, slots=True)
class Stock:
    """The housing stock of the whole town in columns, in walking order."""

    buildings: Buildings
    entrances: Entrances
    dwellings: Dwellings
    households: Households
    groups: ContactGroups


def stock(random: Random, grids: list[GridBuild], estates: list[int], numbers: list[int], names: list[str]) -> Stock:
    """Columns from what was built; `estates`, `numbers` and `names` are per building in the same order."""
    built = [b for g in grids for b in g.buildings]
    grid_of = np.repeat(np.arange(len(grids)), [len(g.buildings) for g in grids])
    entrances = _entrances(built)
    dwellings = _dwellings(built, entrances)
    grid_of_dwelling = grid_of[entrances.building[dwellings.entrance]]
    lived_in = _occupied(random, grid_of_dwelling, [g.households for g in grids])
    groups, group_of = _contact_groups(grid_of_dwelling[lived_in], dwellings.entrance[lived_in])
    return Stock(
        _buildings(built, grid_of, estates, numbers, names),
        entrances,
        dwellings,
        Households(lived_in, group_of),
        groups,
    )


def _buildings(
    built: list[Built], grid_of: np.ndarray, estates: list[int], numbers: list[int], names: list[str]
) -> Buildings:
    centres = to_degrees(np.array([[b.site.x, b.site.y] for b in built]))
    return Buildings(
        name=names,
        kind=[b.kind for b in built],
        estate=np.array(estates),
        grid=grid_of,
        number=np.array(numbers),
        floors=np.array([b.floors for b in built]),
        entrances=np.array([b.site.entrances for b in built]),
        lon=centres[:, 0],
        lat=centres[:, 1],
        corners=to_degrees(np.array([b.site.corners() for b in built])),
    )


def _entrances(built: list[Built]) -> Entrances:
    counts = np.array([b.site.entrances if b.dwellings else 0 for b in built])
    building = np.repeat(np.arange(len(built)), counts)
    return Entrances(
        building=building,
        number=_counted(counts),
        per_floor=np.array([b.per_floor for b in built])[building],
    )


def _dwellings(built: list[Built], entrances: Entrances) -> Dwellings:
    floors = np.array([b.floors for b in built])[entrances.building]
    counts = floors * entrances.per_floor
    entrance = np.repeat(np.arange(len(entrances)), counts)
    running = _counted(counts) - 1
    per_floor = entrances.per_floor[entrance]
    return Dwellings(entrance=entrance, floor=running // per_floor + 1, door=running % per_floor + 1)


def _counted(counts: np.ndarray) -> np.ndarray:
    """1, 2, … within each of the counted runs: [2, 3] → [1, 2, 1, 2, 3]."""
    ends = np.cumsum(counts)
    running: np.ndarray = np.arange(1, int(counts.sum()) + 1) - np.repeat(ends - counts, counts)
    return running


def _occupied(random: Random, grid_of_dwelling: np.ndarray, households: list[int]) -> np.ndarray:
    """Dwellings somebody lives in, exactly as many in each grid as it has households."""
    lot = random.random(len(grid_of_dwelling))
    order = np.lexsort((lot, grid_of_dwelling))
    rank = _counted(np.bincount(grid_of_dwelling, minlength=len(households)))
    wanted = np.array(households)[grid_of_dwelling[order]]
    return np.sort(order[rank <= wanted])


def _contact_groups(grid_of: np.ndarray, entrance_of: np.ndarray) -> tuple[ContactGroups, np.ndarray]:
    """Households of each grid in walking order, gathered by entrance."""
    starts = np.flatnonzero(np.r_[True, np.diff(entrance_of) != 0])
    per_entrance = np.diff(np.r_[starts, len(entrance_of)])
    grid_of_entrance = grid_of[starts]
    sizes: list[int] = []
    grids: list[int] = []
    for grid in np.unique(grid_of_entrance):
        mine = sizes_by_entrance(per_entrance[grid_of_entrance == grid].tolist())
        sizes += mine
        grids += [int(grid)] * len(mine)
    counts = np.array(sizes)
    groups = ContactGroups(
        grid=np.array(grids),
        number=_counted(np.unique(grids, return_counts=True)[1]),
        first_household=np.cumsum(counts) - counts,
        households=counts,
    )
    return groups, np.repeat(np.arange(len(counts)), counts)
