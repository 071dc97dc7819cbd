"""The demo town, grown from a seed: the same size and seed give the same town, byte for byte."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely import Polygon

from mulin.demo.divisions import Division, divisions_of
from mulin.demo.estates import Addresses, settle
from mulin.demo.everyday import EVERYDAY, everyday_facilities
from mulin.demo.ground import Ground, lay_out
from mulin.demo.housing import GridBuild, NoRoom, block_uses, build, land_of_blocks, stock
from mulin.demo.layers import facilities, map_base, name_roads, ring_of
from mulin.demo.naming import Namer
from mulin.demo.organisations import organisations
from mulin.demo.plane import Random
from mulin.demo.posts import Posts, gaps
from mulin.demo.quotas import CommunityQuota, quotas
from mulin.demo.records import BlockUse, Ring, Town, TownArea, TownBlock, TownGrid
from mulin.demo.sizes import SIZES, Size, SizeName

Step = Callable[[str], None]
MOST_ATTEMPTS = 20


def build_town(size: SizeName, seed: int, step: Step = lambda _name: None) -> Town:
    """Grow the town; `step` is told what begins.

    >>> build_town("street", seed=1).households.dwelling.size
    12000
    """
    wanted = SIZES[size]
    divisions = divisions_of(wanted)
    step("ground")
    random, communities, ground, lands, built = _ground_with_room(wanted, seed, divisions)
    step("buildings")
    namer = Namer(random)
    roads = name_roads(namer, ground.roads)
    uses = block_uses(random, ground, lands, built)
    named = Addresses(roads, [road.line for road in ground.roads])
    settled = settle(random, namer, built, communities, named)
    housing = stock(random, built, settled.estate_of, settled.number_of, settled.name_of)
    step("people")
    areas = _areas(divisions, ground)
    first_community = len(areas) - len(communities)
    grids = _grids(built, communities, ground)
    bodies = organisations(areas, settled.estates)
    uncovered = gaps(random, housing, grids)
    posts = Posts(random, wanted, areas, grids, bodies, housing, uncovered)
    posts.fill()
    return Town(
        size=size,
        seed=seed,
        areas=areas,
        first_community=first_community,
        grids=grids,
        blocks=_blocks(ground, lands, uses, built),
        estates=settled.estates,
        buildings=housing.buildings,
        entrances=housing.entrances,
        dwellings=housing.dwellings,
        households=housing.households,
        groups=housing.groups,
        facilities=[
            *facilities(random, ground, communities, lands, uses),
            *everyday_facilities(np.random.default_rng([seed, EVERYDAY]), ground, communities, lands),
        ],
        organisations=bodies,
        persons=posts.people(seed),
        tenures=posts.tenures,
        leaves=posts.leaves,
        gaps=uncovered,
        map_base=map_base(ground, roads, lands, uses),
    )


def _ground_with_room(
    size: Size, seed: int, divisions: Sequence[Division]
) -> tuple[Random, list[CommunityQuota], Ground, list[Polygon], list[GridBuild]]:
    """Ground and buildings; a plan whose river or roads squeeze a grid too much is thrown away and drawn anew."""
    for attempt in range(MOST_ATTEMPTS):
        random = np.random.default_rng([seed, size.households, attempt])
        communities = quotas(random, size, [d for d in divisions if d.level == "community"])
        ground = lay_out(random, communities)
        lands = land_of_blocks(ground)
        try:
            return random, communities, ground, lands, build(random, ground, lands, communities)
        except NoRoom:
            continue
    raise NoRoom


def _union(ground: Ground, members: Sequence[int]) -> Ring:
    shape = shapely.coverage_union_all([ground.blocks[m].polygon for m in members])
    assert isinstance(shape, Polygon), "blocks of one place must touch"
    return ring_of(shape)


def _areas(divisions: Sequence[Division], ground: Ground) -> list[TownArea]:
    """The tree with outlines made of blocks: communities first, then whatever lies above them."""
    communities = [d for d in divisions if d.level == "community"]
    blocks_of: dict[str, list[int]] = {}
    for number, block in enumerate(ground.blocks):
        community = communities[block.community]
        for code in (community.code, community.parent, _county(divisions).code):
            blocks_of.setdefault(code, []).append(number)
    return [
        TownArea(d.code, d.short_name, d.name, d.level, d.parent, _outline(ground, blocks_of.get(d.code)))
        for d in divisions
    ]


def _county(divisions: Sequence[Division]) -> Division:
    return next(d for d in divisions if d.level == "county")


def _outline(ground: Ground, members: Sequence[int] | None) -> Ring | None:
    return _union(ground, members) if members else None


def _grids(built: Sequence[GridBuild], communities: Sequence[CommunityQuota], ground: Ground) -> list[TownGrid]:
    grids = []
    for grid in built:
        quota = communities[grid.community]
        basic = grid.grid < len(quota.households)
        name = f"{quota.division.short_name}第{grid.grid + 1}网格"
        if not basic:
            name = f"{quota.dedicated[grid.grid - len(quota.households)].name}专属网格"
        grids.append(
            TownGrid(
                code=f"{quota.division.code}{grid.grid + 1:03d}",
                name=name,
                kind="basic" if basic else "dedicated",
                community=grid.community,
                outline=_union(ground, grid.blocks),
                households=grid.households,
                use="housing" if basic else quota.dedicated[grid.grid - len(quota.households)].use,
            )
        )
    return grids


def _blocks(
    ground: Ground, lands: Sequence[Polygon], uses: Sequence[BlockUse], built: Sequence[GridBuild]
) -> list[TownBlock]:
    grid_of = {block: number for number, grid in enumerate(built) for block in grid.blocks}
    return [
        TownBlock(grid_of[number], uses[number], ring_of(block.polygon), ring_of(lands[number]))
        for number, block in enumerate(ground.blocks)
    ]
