"""Where houses may stand: inside the land, apart from each other, and nowhere when there is no land."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, affinity

from mulin.demo.footprints import farm_sites, hall_sites, slab_sites, tower_sites


@given(
    angle=st.floats(0, 180),
    width=st.floats(20, 260),
    depth=st.floats(20, 200),
    seed=st.integers(0, 1000),
)
def test_houses_stand_on_the_land_and_apart(angle: float, width: float, depth: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    land = affinity.rotate(shapely.box(0, 0, width, depth), angle)
    for sites in (slab_sites(random, land), tower_sites(random, land), hall_sites(land)):
        houses = shapely.polygons(np.array([site.corners() for site in sites]).reshape(-1, 4, 2))
        assert shapely.covers(land.buffer(1e-6), houses).all()
        near = shapely.STRtree(houses).query(houses, predicate="dwithin", distance=2.0)
        assert (near[0] == near[1]).all()


@pytest.mark.parametrize("land", [Polygon(), shapely.box(0, 0, 4, 4)])
def test_no_land_no_houses(land: Polygon) -> None:
    random = np.random.default_rng(1)
    assert slab_sites(random, land) == tower_sites(random, land) == farm_sites(random, land) == hall_sites(land) == []
