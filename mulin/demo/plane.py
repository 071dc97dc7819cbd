"""Cutting land into pieces: plane geometry in metres, no places and no names."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

Random = np.random.Generator


def blob(random: Random, centre: tuple[float, float], radii_m: tuple[float, float], roughness: float) -> Polygon:
    """A closed rounded outline around `centre`; `roughness` 0.1 lets the radius wander by about a tenth."""
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    wander = sum(random.uniform(0.3, 1.0) / k * np.cos(k * angles + random.uniform(0, 2 * np.pi)) for k in range(2, 8))
    scale = 1 + roughness * wander
    return Polygon(
        np.column_stack(
            (centre[0] + radii_m[0] * scale * np.cos(angles), centre[1] + radii_m[1] * scale * np.sin(angles))
        )
    )


def wavy(random: Random, start: np.ndarray, end: np.ndarray, swing: float) -> LineString:
    """A line from `start` to `end` whose inner points swing sideways by `swing` times its length."""
    length = float(np.hypot(*(end - start)))
    steps = max(2, min(14, int(length // 90)))
    along = np.linspace(0, 1, steps + 1)
    phase = random.uniform(0, 2 * np.pi)
    waves = random.uniform(0.7, 1.6)
    sway = np.sin(np.pi * along) * np.sin(2 * np.pi * waves * along + phase) * swing * length
    sideways = np.array([-(end - start)[1], (end - start)[0]]) / max(length, 1e-9)
    return LineString(start + np.outer(along, end - start) + np.outer(sway, sideways))


def divide(polygon: Polygon, line: LineString) -> tuple[Polygon, Polygon]:
    """The two sides of `line` in `polygon`; splinters go to the side they share most border with."""
    pieces = [p for p in split(polygon, line).geoms if isinstance(p, Polygon)]
    if len(pieces) < 2:
        raise ValueError("the line does not cross the polygon")
    pieces.sort(key=lambda p: -p.area)
    left, right = pieces[0], pieces[1]
    for splinter in pieces[2:]:
        if left.intersection(splinter).length >= right.intersection(splinter).length:
            left = _one_polygon(left.union(splinter))
        else:
            right = _one_polygon(right.union(splinter))
    return left, right


def _one_polygon(shape: BaseGeometry) -> Polygon:
    if isinstance(shape, MultiPolygon):
        return max(shape.geoms, key=lambda p: p.area)
    assert isinstance(shape, Polygon)
    return shape


def cut_by_share(
    random: Random, polygon: Polygon, share: float, swing: float, jitter: float = 0.16
) -> tuple[Polygon, Polygon, LineString]:
    """Cut across the long axis so that the first piece has about `share` of the area.

    Returns the piece nearer to the plane's zero, the other one, and the cutting line trimmed to the polygon.
    """
    axis = _long_axis(polygon) + random.normal(0, jitter)
    along = np.array([np.cos(axis), np.sin(axis)])
    if float(along @ _centre(polygon)) < 0:
        along = -along
    across = np.array([-along[1], along[0]])
    reach = polygon.length
    offset = _offset_for_share(polygon, along, share)
    middle = offset * along + float(across @ _centre(polygon)) * across
    start, end = middle - reach * across, middle + reach * across
    chord = LineString([start, end]).intersection(polygon)
    ends = np.array(_longest_part(chord).coords)
    first, last = ends[0], ends[-1]
    tail = (last - first) / max(float(np.hypot(*(last - first))), 1e-9)
    line = LineString(
        [first - 0.02 * reach * tail, *wavy(random, first, last, swing).coords, last + 0.02 * reach * tail]
    )
    try:
        one, other = divide(polygon, line)
    except ValueError:
        line = LineString([start, end])
        one, other = divide(polygon, line)
    if _position(one, along) > _position(other, along):
        one, other = other, one
    return one, other, _longest_part(line.intersection(polygon))


def _longest_part(shape: BaseGeometry) -> LineString:
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, LineString)]
    return max(parts, key=lambda p: p.length)


def _long_axis(polygon: Polygon) -> float:
    corners = np.array(polygon.minimum_rotated_rectangle.exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    longest = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return float(np.arctan2(longest[1], longest[0]))


def _position(polygon: Polygon, along: np.ndarray) -> float:
    return float(_centre(polygon) @ along)


def _centre(polygon: Polygon) -> np.ndarray:
    return np.array([polygon.centroid.x, polygon.centroid.y])


def _offset_for_share(polygon: Polygon, along: np.ndarray, share: float) -> float:
    """Where along the axis the area behind the cut reaches `share`; found by halving."""
    positions = np.array(polygon.exterior.coords) @ along
    low, high = float(positions.min()), float(positions.max())
    begin, reach = low, polygon.length
    across = np.array([-along[1], along[0]])
    base = float(across @ _centre(polygon)) * across
    for _ in range(14):
        middle = (low + high) / 2
        near, far = base + (begin - 1) * along, base + middle * along
        strip = Polygon([near - reach * across, far - reach * across, far + reach * across, near + reach * across])
        if polygon.intersection(strip).area < share * polygon.area:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def partition(
    random: Random, polygon: Polygon, weights: Sequence[float], swing: float, lines: list[LineString]
) -> list[Polygon]:
    """As many pieces as weights, areas about in proportion, in an order where neighbours follow each other.

    The cutting lines are appended to `lines`.
    """
    if len(weights) == 1:
        return [polygon]
    total = float(sum(weights))
    running = np.cumsum(weights)
    cut = int(np.argmin(np.abs(running[:-1] - total / 2))) + 1
    one, other, line = cut_by_share(random, polygon, float(running[cut - 1]) / total, swing)
    lines.append(line)
    return partition(random, one, weights[:cut], swing, lines) + partition(random, other, weights[cut:], swing, lines)


def mesh(pieces: Sequence[Polygon], grid_m: float = 0.1) -> list[Polygon]:
    """The same pieces with every corner shared by its neighbours, so that unions leave no gap and no overlap."""
    edges = shapely.union_all([p.boundary for p in pieces], grid_size=grid_m)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(edges))))
    face_at, piece_at = shapely.STRtree(pieces).query(shapely.point_on_surface(faces), predicate="intersects")
    owner = np.full(len(faces), -1)
    owner[face_at] = piece_at
    result = []
    for index, piece in enumerate(pieces):
        mine = faces[owner == index]
        if not len(mine):
            raise ValueError(f"piece {index} of {piece.area:.0f} m² vanished in the mesh")
        result.append(_one_polygon(shapely.coverage_union_all(mine)))
    return result
