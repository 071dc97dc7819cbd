"""Coordinates at the border: phones and Chinese map services speak GCJ-02 or BD-09, we store WGS-84 ≈ CGCS2000.

A coordinate that comes from outside is always tagged with its `Crs`. GCJ-02 bends the ellipsoid by up to 700 m; its
inverse has no formula and is found by iteration, to a millimetre.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Longitude and latitude in two columns."""
Conversion = Callable[[Points], Points]

SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
BAIDU_SHIFT = np.array([0.0065, 0.006])
BAIDU_WAVE = np.pi * 3000.0 / 180.0
# GCJ-02 leaves everything outside this box as it is.
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
MOST_ROUNDS = 20
CLOSE_ENOUGH_DEGREES = 1e-9


class Crs(StrEnum):
    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


def to_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """Return the longitude and latitude we store for one point of `crs`."""
    converted = convert(np.array([[lon, lat]]), source=crs, target=Crs.WGS84)[0]
    return float(converted[0]), float(converted[1])


def convert(points: Points, *, source: Crs, target: Crs) -> Points:
    """Convert points of shape (n, 2) from one system to another, by way of GCJ-02."""
    if source == target:
        return points.copy()
    into: dict[Crs, Conversion] = {Crs.WGS84: _gcj_from_wgs, Crs.GCJ02: _as_it_is, Crs.BD09: _gcj_from_bd}
    out_of: dict[Crs, Conversion] = {Crs.WGS84: _wgs_from_gcj, Crs.GCJ02: _as_it_is, Crs.BD09: _bd_from_gcj}
    return out_of[target](into[source](points))


def _as_it_is(points: Points) -> Points:
    return points.copy()


def _gcj_from_wgs(points: Points) -> Points:
    inside = (points[:, 0] >= WEST) & (points[:, 0] <= EAST) & (points[:, 1] >= SOUTH) & (points[:, 1] <= NORTH)
    return np.where(inside[:, None], points + _bend(points), points)


def _bend(points: Points) -> Points:
    """Return by how many degrees GCJ-02 moves each point."""
    lon, lat = points[:, 0], points[:, 1]
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (wave + _swell(x, (20.0, 40.0), (1.0, 1 / 3)) + _swell(x, (150.0, 300.0), (1 / 12, 1 / 30))) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (wave + _swell(y, (20.0, 40.0), (1.0, 1 / 3)) + _swell(y, (160.0, 320.0), (1 / 12, 1 / 30))) * 2.0 / 3.0
    squeeze = 1.0 - ECCENTRICITY_SQUARED * np.sin(np.radians(lat)) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (squeeze * np.sqrt(squeeze))
    parallel_m = SEMI_MAJOR_M / np.sqrt(squeeze) * np.cos(np.radians(lat))
    return np.column_stack([np.degrees(east / parallel_m), np.degrees(north / meridian_m)])


def _swell(at: NDArray[np.float64], heights: tuple[float, float], pitches: tuple[float, float]) -> NDArray[np.float64]:
    waves = [height * np.sin(np.pi * pitch * at) for height, pitch in zip(heights, pitches, strict=True)]
    return np.asarray(waves[0] + waves[1], dtype=np.float64)


def _wgs_from_gcj(points: Points) -> Points:
    guess = points.copy()
    for _round in range(MOST_ROUNDS):
        error = _gcj_from_wgs(guess) - points
        guess -= error
        if not error.size or float(np.abs(error).max()) < CLOSE_ENOUGH_DEGREES:
            break
    return guess


def _gcj_from_bd(points: Points) -> Points:
    shifted: Points = points - BAIDU_SHIFT
    return _turn(shifted, sign=-1.0)


def _bd_from_gcj(points: Points) -> Points:
    """Baidu's formulas are an approximate pair, so its forward is taken as the exact inverse of the way back."""
    guess: Points = _turn(points, sign=1.0) + BAIDU_SHIFT
    for _round in range(MOST_ROUNDS):
        error = _gcj_from_bd(guess) - points
        guess -= error
        if not error.size or float(np.abs(error).max()) < CLOSE_ENOUGH_DEGREES:
            break
    return guess


def _turn(points: Points, *, sign: float) -> Points:
    lon, lat = points[:, 0], points[:, 1]
    radius = np.hypot(lon, lat) + sign * 0.00002 * np.sin(lat * BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + sign * 0.000003 * np.cos(lon * BAIDU_WAVE)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
