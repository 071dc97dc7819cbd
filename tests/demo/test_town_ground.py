"""The ground of the demo town: nested, without gap or overlap, and every building where it belongs."""

import numpy as np
import pytest
import shapely
from shapely import Polygon

from mulin.demo.records import Ring, Town

SLIVER = 1e-11
"""Square degrees: about a tenth of a square metre."""


def shapes(rings: list[Ring]) -> list[Polygon]:
    polygons = [Polygon(ring) for ring in rings]
    assert all(p.is_valid for p in polygons)
    return polygons


def outlines(town: Town, level: str) -> list[Polygon]:
    return shapes([a.outline for a in town.areas if a.level == level and a.outline is not None])


def test_grids_fill_communities_and_communities_fill_streets(town: Town) -> None:
    grids = shapes([g.outline for g in town.grids])
    communities = outlines(town, "community")
    for index, community in enumerate(communities):
        mine = [s for s, g in zip(grids, town.grids, strict=True) if g.community == index]
        assert shapely.union_all(mine).symmetric_difference(community).area < SLIVER
    for street in (a for a in town.areas if a.level == "street"):
        mine = [c for c, a in zip(communities, town.communities, strict=True) if a.parent == street.code]
        assert shapely.union_all(mine).symmetric_difference(Polygon(street.outline)).area < SLIVER


@pytest.mark.parametrize("level", ["street", "community"])
def test_areas_of_a_level_cover_the_county_once(town: Town, level: str) -> None:
    pieces = outlines(town, level)
    county = outlines(town, "county")[0]
    assert shapely.union_all(pieces).symmetric_difference(county).area < SLIVER
    assert abs(sum(p.area for p in pieces) - county.area) < SLIVER


def test_blocks_cover_the_county_once_and_each_lies_in_its_grid(town: Town) -> None:
    blocks = shapes([b.outline for b in town.blocks])
    assert abs(sum(b.area for b in blocks) - outlines(town, "county")[0].area) < SLIVER
    grids = shapes([g.outline for g in town.grids])
    for shape, block in zip(blocks, town.blocks, strict=True):
        assert shape.difference(grids[block.grid]).area < SLIVER


def test_every_building_stands_in_one_grid_inside_its_community(town: Town) -> None:
    grids = shapes([g.outline for g in town.grids])
    footprints = shapely.polygons(town.buildings.corners)
    building, grid = shapely.STRtree(grids).query(footprints, predicate="intersects")
    assert len(building) == len(town.buildings)
    order = np.argsort(building)
    assert grid[order].tolist() == town.buildings.grid.tolist()
    for index, estate in enumerate(town.buildings.estate.tolist()):
        if estate >= 0:
            assert town.estates[estate].community == town.grids[int(town.buildings.grid[index])].community


def test_buildings_do_not_stand_in_each_other_or_in_the_river(town: Town) -> None:
    footprints = shapely.polygons(town.buildings.corners)
    one, other = shapely.STRtree(footprints).query(footprints, predicate="overlaps")
    houses = np.array(town.buildings.kind) != "farmhouse"
    assert not (houses[one] & houses[other]).any()
    river = shapely.union_all([Polygon(w.outline) for w in town.map_base.water])
    assert not shapely.intersects(river, footprints).any()


def test_the_map_below_has_roads_river_and_parks(town: Town) -> None:
    kinds = {road.kind for road in town.map_base.roads}
    assert {"main", "secondary", "minor", "lane"} <= kinds
    assert {w.name for w in town.map_base.water} == {"湘江河"}
    assert any(g.kind == "park" for g in town.map_base.green)
    assert all(road.name for road in town.map_base.roads if road.kind != "track")
    communities = outlines(town, "community")
    for facility in town.facilities:
        assert communities[facility.community].covers(shapely.Point(facility.lon, facility.lat))
