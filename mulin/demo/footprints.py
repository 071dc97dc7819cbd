"""Where buildings stand in a block: slabs in rows, towers apart, farmhouses along the road. Metres."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, affinity

from mulin.demo.plane import Random

SLAB_UNIT_M, SLAB_DEPTH_M, SLAB_ROW_M = 16.5, 11.5, 25.5
TOWER_UNIT_M, TOWER_DEPTH_M = 27.0, 18.0
TOWER_PITCH_M = (41.0, 38.0)
FARM_LENGTH_M, FARM_DEPTH_M, FARM_PITCH_M = 34.0, 10.5, 41.0


@dataclass(frozen=True, slots=True)
class Site:
    """Room for one building: centre, angle, size and how many entrances it has."""

    x: float
    y: float
    angle: float
    length_m: float
    depth_m: float
    entrances: int

    def corners(self) -> np.ndarray:
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (self.length_m / 2, self.depth_m / 2)
        turn = np.array([[np.cos(self.angle), np.sin(self.angle)], [-np.sin(self.angle), np.cos(self.angle)]])
        corners: np.ndarray = half @ turn + (self.x, self.y)
        return corners


def facing(polygon: Polygon) -> float:
    """The direction rows run in: the block's own side that lies nearest to east–west, so that rooms face south."""
    if polygon.is_empty:
        return 0.0
    corners = np.array(polygon.minimum_rotated_rectangle.exterior.coords)
    side = corners[1] - corners[0]
    angle = float(np.arctan2(side[1], side[0]))
    return (angle + np.pi / 4) % (np.pi / 2) - np.pi / 4


def slab_sites(random: Random, land: Polygon) -> list[Site]:
    """Rows of walk-ups of two to four entrances with a gap after each."""
    angle = facing(land)
    rows = _cells(land, angle, (SLAB_UNIT_M, SLAB_ROW_M), (SLAB_UNIT_M, SLAB_DEPTH_M))
    sites: list[Site] = []
    for y, xs in rows:
        for run in np.split(xs, np.flatnonzero(np.diff(xs) > SLAB_UNIT_M * 1.5) + 1):
            sites += _slabs_in_run(random, run, y, angle)
    return sites


def _slabs_in_run(random: Random, xs: np.ndarray, y: float, angle: float) -> list[Site]:
    sites: list[Site] = []
    start = 0
    while len(xs) - start >= 2:
        left = len(xs) - start
        units = left if left <= 4 else int(random.choice((2, 3, 3, 4)))
        middle = float(xs[start : start + units].mean())
        sites.append(_turned(middle, y, angle, units * SLAB_UNIT_M - 3.0, SLAB_DEPTH_M, units))
        start += units + 1
    return sites


def tower_sites(random: Random, land: Polygon) -> list[Site]:
    """Towers of one or two entrances, every other row shifted."""
    angle = facing(land)
    sites: list[Site] = []
    for number, (y, xs) in enumerate(_cells(land, angle, TOWER_PITCH_M, (TOWER_UNIT_M, TOWER_DEPTH_M), stagger=True)):
        for x in xs:
            length = TOWER_UNIT_M * float(random.uniform(0.85, 1.0))
            sites.append(_turned(float(x), y, angle, length, TOWER_DEPTH_M, 1 + (number % 2)))
    return sites


def farm_sites(random: Random, land: Polygon) -> list[Site]:
    """Rows of farmhouses along the edge of the block, starting somewhere and going round; then a second ring."""
    sites: list[Site] = []
    for inset in (9.0, 44.0, 79.0):
        ring = land.buffer(-inset)
        for part in shapely.get_parts(ring):
            sites += _along(random, part)
    return sites


def _along(random: Random, part: Polygon) -> list[Site]:
    line = part.exterior
    if line.length < 4 * FARM_PITCH_M:
        return []
    begin = random.uniform(0, line.length)
    steps = np.arange(0, line.length - FARM_PITCH_M, FARM_PITCH_M) + random.uniform(-2.5, 2.5)
    at = (begin + steps) % line.length
    heads = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    tails = shapely.get_coordinates(shapely.line_interpolate_point(line, (at + FARM_LENGTH_M) % line.length))
    delta = tails - heads
    straight = np.hypot(delta[:, 0], delta[:, 1]) > FARM_LENGTH_M * 0.97
    return [
        Site(float(m[0]), float(m[1]), float(np.arctan2(d[1], d[0])), FARM_LENGTH_M, FARM_DEPTH_M, 4)
        for m, d in zip(((heads + tails) / 2)[straight], delta[straight], strict=True)
    ]


def hall_sites(land: Polygon) -> list[Site]:
    """A few large houses of a school, a hospital or a market."""
    angle = facing(land)
    sites = []
    for y, xs in _cells(land, angle, (62.0, 48.0), (48.0, 24.0)):
        sites += [_turned(float(x), y, angle, 48.0, 24.0, 1) for x in xs]
    return sites[:6]


Rows = list[tuple[float, np.ndarray]]
"""Rows from the south: how far north, and the centres along the row."""


def _cells(
    land: Polygon, angle: float, pitch: tuple[float, float], size: tuple[float, float], stagger: bool = False
) -> Rows:
    """Cells that lie wholly in `land`, in the land's own turned frame; the better of several starting corners."""
    if land.is_empty:
        return []
    flat = affinity.rotate(land, -angle, origin=(0, 0), use_radians=True)
    shapely.prepare(flat)
    starts = [(x * pitch[0] / 3, y * pitch[1] / 3) for x in range(3) for y in range(3)]
    return max((_lattice(flat, start, pitch, size, stagger) for start in starts), key=_count)


def _count(rows: Rows) -> int:
    return sum(len(xs) for _, xs in rows)


def _lattice(
    flat: Polygon, start: tuple[float, float], pitch: tuple[float, float], size: tuple[float, float], stagger: bool
) -> Rows:
    west, south, east, north = flat.bounds
    ys = np.arange(south + size[1] / 2 + start[1], north - size[1] / 2, pitch[1])
    xs = np.arange(west + size[0] / 2 + start[0] - pitch[0], east - size[0] / 2, pitch[0])
    shift = (np.arange(len(ys)) % 2) * (pitch[0] / 2 if stagger else 0.0)
    x, y = xs[None, :] + shift[:, None], np.repeat(ys[:, None], len(xs), axis=1)
    boxes = shapely.box(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
    fits = shapely.contains(flat, boxes)
    return [(float(ys[row]), x[row][fits[row]]) for row in range(len(ys)) if fits[row].any()]


def _turned(x: float, y: float, angle: float, length_m: float, depth_m: float, entrances: int) -> Site:
    cos, sin = np.cos(angle), np.sin(angle)
    return Site(float(x * cos - y * sin), float(x * sin + y * cos), angle, length_m, depth_m, entrances)
