"""The map below the town: named roads, river, parks and facilities."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from shapely import Polygon

from mulin.demo.ground import Ground, Road, to_degrees
from mulin.demo.housing import RIVER_HALF_WIDTH_M, RIVERSIDE_M
from mulin.demo.naming import Namer
from mulin.demo.plane import Random
from mulin.demo.quotas import CommunityQuota
from mulin.demo.records import BlockUse, MapBase, MapLine, MapPatch, Ring, TownFacility

RIVER = "湘江河"


def ring_of(polygon: Polygon) -> Ring:
    return to_degrees(np.array(polygon.exterior.coords))


def name_roads(namer: Namer, roads: Sequence[Road]) -> list[MapLine]:
    """A name for every road; the ring road comes first among the main ones."""
    given: dict[str, Callable[[], str]] = {
        "main": namer.main_road,
        "secondary": namer.secondary_road,
        "minor": namer.street,
        "lane": namer.lane,
        "track": lambda: "",
    }
    return [MapLine(r.kind, given[r.kind](), to_degrees(np.array(r.line.coords))) for r in roads]


def map_base(ground: Ground, roads: list[MapLine], lands: Sequence[Polygon], uses: Sequence[BlockUse]) -> MapBase:
    """Roads, water and green as plain outlines."""
    county = shapely.coverage_union_all([b.polygon for b in ground.blocks])
    water = _patches("river", RIVER, ground.river.buffer(RIVER_HALF_WIDTH_M).intersection(county))
    banks = ground.river.buffer(RIVER_HALF_WIDTH_M + RIVERSIDE_M - 3).intersection(ground.core)
    green = _patches("riverside", "湘江河滨河绿道", banks.difference(ground.river.buffer(RIVER_HALF_WIDTH_M)))
    for land, use in zip(lands, uses, strict=True):
        if use == "green" and not land.is_empty:
            green += _patches("park", "", land)
    return MapBase(roads, water, green)


def _patches(kind: str, name: str, shape: shapely.Geometry) -> list[MapPatch]:
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, Polygon) and p.area > 50]
    return [MapPatch(kind, name, ring_of(p)) for p in parts]


def facilities(
    random: Random,
    ground: Ground,
    communities: Sequence[CommunityQuota],
    lands: Sequence[Polygon],
    uses: Sequence[BlockUse],
) -> list[TownFacility]:
    """What a community has: a service centre, then a park, a market and a fire point where there is room."""
    found: list[TownFacility] = []
    for index, quota in enumerate(communities):
        place = quota.division.short_name
        mine = [b for b, block in enumerate(ground.blocks) if block.community == index and not lands[b].is_empty]
        home = int(random.choice(mine))
        found.append(_facility("party_service_centre", f"{place}党群服务中心", index, lands[home]))
        spare = {"green": ("pocket_park", "口袋公园"), "commerce": ("market", "便民市场")}
        for use, (kind, label) in spare.items():
            free = [b for b in mine if uses[b] == use]
            if free:
                found.append(_facility(kind, f"{place}{label}", index, lands[free[0]]))
        found.append(_facility("fire_point", f"{place}微型消防站", index, lands[mine[-1]]))
    return found


def _facility(kind: str, name: str, community: int, land: Polygon) -> TownFacility:
    point = land.representative_point()
    lon, lat = to_degrees(np.array([point.x, point.y]))
    return TownFacility(kind, name, community, float(lon), float(lat))
