import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.domains.places.crs import Crs, convert, to_wgs84

MILLIMETRE = 1e-8
# Published by the open implementations eviltransform (WGS-84 → GCJ-02) and coordtransform (GCJ-02 ↔ BD-09).
KNOWN = [
    (Crs.WGS84, (121.5272106, 31.1774276), Crs.GCJ02, (121.531541859215, 31.17530398364597)),
    (Crs.WGS84, (113.912316, 22.543847), Crs.GCJ02, (113.9171764808363, 22.540796131694766)),
    (Crs.WGS84, (116.377817, 39.911954), Crs.GCJ02, (116.38404722455657, 39.91334545536069)),
    (Crs.BD09, (116.404, 39.915), Crs.GCJ02, (116.39762729119315, 39.90865673957631)),
]
in_china = st.tuples(st.floats(75, 134), st.floats(4, 53))


@pytest.mark.parametrize(("source", "point", "target", "expected"), KNOWN)
def test_published_values(source, point, target, expected):
    assert convert(np.array([point]), source=source, target=target)[0] == pytest.approx(expected, abs=MILLIMETRE)


@given(in_china, st.sampled_from(Crs), st.sampled_from(Crs))
def test_there_and_back(point, one, other):
    there = convert(np.array([point]), source=one, target=other)
    assert convert(there, source=other, target=one)[0] == pytest.approx(point, abs=MILLIMETRE)


@given(in_china)
def test_gcj_is_some_hundred_metres_off(point):
    moved = convert(np.array([point]), source=Crs.WGS84, target=Crs.GCJ02)[0] - point
    metres = np.hypot(moved[0] * 111_320 * np.cos(np.radians(point[1])), moved[1] * 111_320)
    assert 1 < metres < 1_500


def test_outside_china_gcj_is_wgs():
    assert to_wgs84(2.3522, 48.8566, Crs.GCJ02) == (2.3522, 48.8566)


def test_many_points_at_once_and_none():
    points = np.array([[106.9, 27.7], [106.95, 27.75]])
    together = convert(points, source=Crs.GCJ02, target=Crs.WGS84)
    apart = [to_wgs84(lon, lat, Crs.GCJ02) for lon, lat in points]
    assert together == pytest.approx(np.array(apart), abs=MILLIMETRE)
    assert convert(points[:0], source=Crs.BD09, target=Crs.WGS84).shape == (0, 2)
