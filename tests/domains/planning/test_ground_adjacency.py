"""Who is whose neighbour, and what lies between."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mulin.domains.planning.ground.adjacency import Adjacency, Reach, adjacency
from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.ground.terrain import Terrain
from mulin.kernels.partition.problem import IMPASSABLE, MAIN_ROAD, MINOR_STREET, SAME_BLOCK

ROWS = np.array([[x, y] for y in (0.0, 100.0) for x in (0.0, 60.0, 120.0, 180.0, 240.0)])
"""Two rows of five buildings, 100 m apart: 0–4 south, 5–9 north."""
BETWEEN = shapely.LineString([(-500, 50), (740, 50)])


def shapes(*found: shapely.Geometry) -> np.ndarray:
    return np.array(found, dtype=object)


def around(xy: np.ndarray, terrain: Terrain | None = None, **options) -> Adjacency:
    community = options.pop("community", np.zeros(len(xy), dtype=np.int64))
    return adjacency(xy=xy, community=community, terrain=terrain or Terrain(), **options)


def across(found: Adjacency) -> set[int]:
    """The barriers between the two rows."""
    return set(found.barriers[(found.edges[:, 0] < 5) & (found.edges[:, 1] >= 5)].tolist())


def along(found: Adjacency) -> set[int]:
    return set(found.barriers[(found.edges[:, 0] < 5) == (found.edges[:, 1] < 5)].tolist())


def parts(count: int, found: Adjacency) -> int:
    walked = found.edges[found.barriers < IMPASSABLE]
    matrix = coo_array((np.ones(len(walked)), (walked[:, 0], walked[:, 1])), shape=(count, count))
    return int(connected_components(matrix, directed=False)[0])


def road(rank: int, line: shapely.Geometry = BETWEEN) -> Terrain:
    return Terrain(roads=shapes(line), road_ranks=np.array([rank]))


@pytest.mark.parametrize(
    ("rank", "barrier"),
    [(1, MAIN_ROAD), (2, MAIN_ROAD), (3, MINOR_STREET), (4, MINOR_STREET), (5, SAME_BLOCK)],
)
def test_a_road_parts_by_its_rank(rank: int, barrier: int) -> None:
    found = around(ROWS, road(rank))
    assert across(found) == {barrier}
    assert along(found) == {SAME_BLOCK}


def test_the_wider_of_two_roads_counts() -> None:
    both = Terrain(roads=shapes(BETWEEN, shapely.LineString([(-9, 60), (300, 60)])), road_ranks=np.array([1, 4]))
    assert across(around(ROWS, both)) == {MAIN_ROAD}


@pytest.mark.parametrize("kind", ["railways", "water"])
def test_rails_and_streams_are_not_walked_across(kind: str) -> None:
    found = around(ROWS, Terrain(**{kind: shapes(BETWEEN)}))
    assert across(found) == {IMPASSABLE}
    assert parts(10, found) == 2


def test_a_river_with_a_surface_is_not_walked_across() -> None:
    assert across(around(ROWS, Terrain(water=shapes(BETWEEN.buffer(20))))) == {IMPASSABLE}


@pytest.mark.parametrize("obstacle", [{"railways": BETWEEN}, {"water": BETWEEN}, {"water": BETWEEN.buffer(20)}])
def test_a_road_over_it_joins_those_who_live_close(obstacle: dict[str, shapely.Geometry]) -> None:
    bridge = shapely.LineString([(0, -300), (0, 300)])
    ground = {name: shapes(shape) for name, shape in obstacle.items()}
    found = around(ROWS, Terrain(roads=shapes(bridge), road_ranks=np.array([3]), **ground))
    crossing = {(int(u), int(v)): int(b) for (u, v), b in zip(found.edges, found.barriers, strict=True)}
    assert crossing[0, 5] == MAIN_ROAD
    assert crossing[4, 9] == IMPASSABLE
    assert parts(10, found) == 1


def test_a_footbridge_need_not_be_a_road() -> None:
    ground = Terrain(water=shapes(BETWEEN.buffer(20)), bridges=shapes(shapely.LineString([(240, 0), (240, 100)])))
    assert parts(10, around(ROWS, ground)) == 1


def test_a_road_along_the_bank_is_no_bridge() -> None:
    """It dips into the water and comes out on the same side."""
    bank = shapely.LineString([(0, 5), (20, 40), (220, 40), (240, 5)])
    ground = Terrain(roads=shapes(bank), road_ranks=np.array([5]), water=shapes(BETWEEN.buffer(30)))
    assert across(around(ROWS, ground, reach=Reach())) == {IMPASSABLE}


def test_a_pond_is_walked_round_and_a_pier_is_no_island() -> None:
    assert across(around(ROWS, Terrain(water=shapes(shapely.box(100, 30, 140, 70))))) == {SAME_BLOCK}
    pier = np.vstack([ROWS, [[120.0, 50.0]]])
    found = around(pier, Terrain(water=shapes(BETWEEN.buffer(20))))
    assert 10 in found.edges[found.barriers < IMPASSABLE]


def test_neighbours_are_of_one_community() -> None:
    found = around(ROWS, community=np.array([0] * 5 + [1] * 5))
    assert across(found) == set()
    assert parts(10, found) == 2


def test_walls_count_and_not_centres() -> None:
    """A long slab between two roads: its middle is far from its neighbour, its wall is near."""
    xy = np.array([[0.0, 0.0], [260.0, 0.0]])
    slabs = shapes(shapely.box(-120, -5, 120, 5), shapely.box(130, -5, 390, 5))
    found = around(xy, road(1, shapely.LineString([(0, 300), (125, -300)])), footprints=slabs)
    assert found.gap_m.tolist() == [10.0]
    assert found.barriers.tolist() == [SAME_BLOCK]


def test_scattered_farms_hang_together_and_the_far_one_does_not() -> None:
    xy = np.array([[0.0, 0.0], [900.0, 0.0], [1_800.0, 0.0], [9_000.0, 0.0]])
    assert parts(4, around(xy)) == 2


@pytest.mark.parametrize(
    "xy",
    [
        np.empty((0, 2)),
        np.zeros((1, 2)),
        np.zeros((7, 2)),
        np.array([[0.0, 0.0], [0.0, 0.0], [50.0, 0.0]]),
        np.column_stack([np.arange(9.0) * 30, np.arange(9.0) * 30]),
        np.column_stack([np.zeros(9), np.arange(9.0) * 30]) + 4e6,
    ],
)
def test_few_equal_or_aligned_buildings_hang_together(xy: np.ndarray) -> None:
    found = around(xy)
    assert parts(len(xy), found) <= 1
    assert len(found.edges) == max(len(xy) - 1, 0)


def test_overlapping_footprints_are_neighbours_without_a_gap() -> None:
    same = shapely.box(0, 0, 20, 20)
    found = around(np.array([[10.0, 10.0], [10.0, 10.0], [15.0, 10.0]]), footprints=shapes(same, same, same))
    assert set(found.barriers.tolist()) == {SAME_BLOCK}
    assert parts(3, found) == 1


def test_a_building_without_a_position_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        around(np.array([[0.0, np.nan]]))


POSITIONS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=40)


@given(positions=POSITIONS, seed=st.integers(0, 99))
def test_the_numbering_of_buildings_changes_nothing_that_matters(positions: list, seed: int) -> None:
    xy = np.array(positions, dtype=np.float64)
    order = np.random.default_rng(seed).permutation(len(xy))
    one, other = around(xy, road(1, BETWEEN)), around(xy[order], road(1, BETWEEN))
    assert parts(len(xy), one) == parts(len(xy), other) == 1
    assert len(np.unique(one.edges, axis=0)) == len(one.edges)
    assert bool((one.edges[:, 0] < one.edges[:, 1]).all())


@given(lon=st.floats(75, 130), lat=st.floats(5, 53), east=st.floats(-0.2, 0.2), north=st.floats(-0.2, 0.2))
def test_the_plane_there_and_back(lon: float, lat: float, east: float, north: float) -> None:
    plane, point = Plane(lon, lat), np.array([[lon + east, lat + north]])
    assert np.allclose(plane.to_degrees(plane.to_metres(point)), point, atol=1e-12)


def test_the_plane_measures_like_a_geodesic() -> None:
    from pyproj import Geod

    plane = Plane(106.9, 27.7)
    east, north = plane.to_metres(np.array([[106.95, 27.7]]))[0], plane.to_metres(np.array([[106.9, 27.75]]))[0]
    geod = Geod(ellps="GRS80")
    assert east[0] == pytest.approx(geod.inv(106.9, 27.7, 106.95, 27.7)[2], rel=1e-4)
    assert north[1] == pytest.approx(geod.inv(106.9, 27.7, 106.9, 27.75)[2], rel=1e-4)
