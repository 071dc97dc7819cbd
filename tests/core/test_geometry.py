"""Points find their shapes; points that cannot be in China are refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mulin.core.geometry import PointInvalid, ShapeIndex, check_point

EDGES = [106.9 + i * 0.01 for i in range(6)]
SQUARES = [shapely.box(EDGES[i], 27.7, EDGES[i + 1], 27.71) for i in range(5)]
INDEX = ShapeIndex.build(list(range(10, 15)), [shapely.to_wkb(s) for s in SQUARES])


@given(st.floats(106.88, 106.97), st.floats(27.69, 27.72))
def test_the_index_agrees_with_asking_every_shape(lon, lat):
    point = shapely.Point(lon, lat)
    assert INDEX.covering(lon, lat) == [10 + i for i, square in enumerate(SQUARES) if square.intersects(point)]


def test_a_point_on_a_shared_edge_belongs_to_both():
    assert INDEX.covering(EDGES[1], 27.705) == [10, 11]


def test_the_nearest_shape_within_reach():
    assert INDEX.nearest(106.8999, 27.705, within_m=20) == 10
    assert INDEX.nearest(106.8990, 27.705, within_m=20) is None


def test_an_empty_index_answers():
    empty = ShapeIndex.build([], [])
    assert empty.covering(106.9, 27.7) == []
    assert empty.nearest(106.9, 27.7, within_m=100) is None


@pytest.mark.parametrize("point", [(27.7, 106.9), (np.nan, 27.7), (106.9, np.inf), (-74.0, 40.7), (0.0, 0.0)])
def test_points_outside_china_are_refused(point):
    with pytest.raises(PointInvalid):
        check_point(*point)
