"""The map itself: ground, grids, borders, buildings, names, north arrow and scale bar within its frame."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from mulin.domains.planning.queries.sheets import SheetFacts, SheetLine
from mulin.domains.planning.sheet import svg
from mulin.domains.planning.sheet.colours import fills
from mulin.domains.planning.sheet.labels import LEADING, Line, Placed, place_labels, width_of
from mulin.domains.planning.sheet.plane import Frame, Paper

INK, RED, GREY = "#20242a", "#9b1c1f", "#6b6f75"
GROUND, WATER, GREEN, BUILDING = "#f5f3ee", "#9ecae8", "#cfe3c0", "#8d8f94"
ROAD_WIDTHS_M = {1: 26.0, 2: 18.0, 3: 11.0, 4: 6.0}
LEAST_ROAD_MM, MOST_ROAD_MM = 0.35, 3.4
ROAD_NAME_MM, BUILDING_NAME_MM, PART_NAME_MM = 2.6, 1.9, 5.2
NAMED_RANK = 3
ACROSS_A_STREET_M = 40.0
AROUND_MM = 6.0
HATCH = (
    '<pattern id="dedicated" width="2.4" height="2.4" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="2.4" stroke="#20242a" stroke-width="0.35" '
    'stroke-opacity="0.35"/></pattern>'
)


@dataclass
class GroundMap:
    """Draws the facts of a sheet into a frame; `wordings` gives each grid its labels, the fullest first."""

    facts: SheetFacts
    frame: Frame
    wordings: Sequence[Sequence[Sequence[Line]]]
    with_building_names: bool
    paper: Paper = field(init=False)
    colours: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.paper = Paper.fit(self.facts.box, self.frame, margin_mm=AROUND_MM)
        self.window = self.frame.shape()
        self.shapes = [self.paper(grid.shape) for grid in self.facts.grids]
        self.colours = fills(self.shapes, within=ACROSS_A_STREET_M / self.paper.metres_per_mm)
        self.taken: list[BaseGeometry] = [_corner(self.frame)]

    def marks(self) -> Iterator[str]:
        window = svg.path(self.window)
        yield f'<defs>{HATCH}<clipPath id="window">{window}</clipPath></defs>'
        yield svg.group(self._inside(), clip_path="url(#window)")
        yield from self._names()
        yield from self._north_and_scale()
        yield svg.rectangle(
            self.frame.x, self.frame.y, self.frame.width, self.frame.height, fill="none", stroke=INK, stroke_width=0.5
        )

    def _inside(self) -> Iterator[str]:
        yield svg.path(self.window, fill=GROUND)
        yield from self._ground()
        yield from self._buildings()
        yield from self._veil()
        yield from self._borders()

    def _ground(self) -> Iterator[str]:
        for grid, shape, colour in zip(self.facts.grids, self.shapes, self.colours, strict=True):
            yield svg.path(shape, fill=colour)
            if grid.is_dedicated:
                yield svg.path(shape, fill="url(#dedicated)")
        yield svg.group((svg.path(shape, fill=GREEN) for _one, shape in self._base("GREEN")), opacity=0.75)
        yield from (svg.path(shape, fill=WATER) for _one, shape in self._base("WATER"))
        roads = [(shape, self._road_width(one.rank)) for one, shape in self._base("ROAD")]
        rounded = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
        casing = (svg.path(shape, stroke="#a9a49a", stroke_width=wide + 0.3, **rounded) for shape, wide in roads)
        yield from casing
        yield from (svg.path(shape, stroke="#ffffff", stroke_width=wide, **rounded) for shape, wide in roads)
        for _one, shape in self._base("RAILWAY"):
            yield svg.path(shape, fill="none", stroke=INK, stroke_width=0.9)
            yield svg.path(shape, fill="none", stroke="#fff", stroke_width=0.55, stroke_dasharray="2 2")

    def _base(self, kind: str) -> Iterator[tuple[SheetLine, BaseGeometry]]:
        for one in self.facts.base:
            if one.kind == kind:
                shape = shapely.intersection(self.paper(one.shape), self.window)
                if not shape.is_empty:
                    yield one, shape

    def _road_width(self, rank: int) -> float:
        wide = ROAD_WIDTHS_M.get(rank, 4.0) / self.paper.metres_per_mm
        return min(max(wide, LEAST_ROAD_MM * (6 - min(rank, 5)) / 2), MOST_ROAD_MM)

    def _buildings(self) -> Iterator[str]:
        shapes = (self.paper(building.shape) for building in self.facts.buildings)
        drawn = (svg.path(shape) for shape in shapes)
        yield svg.group(drawn, fill=BUILDING, fill_opacity=0.55, stroke="#55585e", stroke_width=0.12)

    def _veil(self) -> Iterator[str]:
        """What lies outside is there to find one's way, but paler."""
        if self.facts.border is not None:
            outside = shapely.difference(self.window, self.paper(self.facts.border))
            yield svg.path(outside, fill="#ffffff", fill_opacity=0.6, fill_rule="evenodd")

    def _borders(self) -> Iterator[str]:
        line = {"fill": "none", "stroke_linejoin": "round"}
        for grid in self.facts.micro:
            yield svg.path(self.paper(grid.shape), stroke=INK, stroke_width=0.25, stroke_dasharray="1 0.8", **line)
        for shape in self.shapes:
            yield svg.path(shape, stroke="#ffffff", stroke_width=1.3, stroke_opacity=0.8, **line)
        for shape in self.shapes:
            yield svg.path(shape, stroke=INK, stroke_width=0.55, **line)
        for part in self.facts.parts:
            yield svg.path(
                self.paper(part.shape), stroke=RED, stroke_width=0.8, stroke_dasharray="4 1.2 0.9 1.2", **line
            )
        if self.facts.border is not None:
            yield svg.path(self.paper(self.facts.border), stroke=RED, stroke_width=1.2, **line)

    def _names(self) -> Iterator[str]:
        parts = place_labels(
            [self.paper(part.shape) for part in self.facts.parts],
            [[[Line(part.name, PART_NAME_MM, bold=True)]] for part in self.facts.parts],
            frame=self.window,
            taken=self.taken,
        )
        self.taken += [label.box for label in parts]
        grids = place_labels(self.shapes, self.wordings, frame=self.window, taken=self.taken)
        self.taken += [label.box for label in grids]
        yield from self._building_names()
        yield from self._road_names()
        for label in grids:
            yield from _label(label, colour=INK)
        for label in parts:
            yield from _label(label, colour=RED)

    def _building_names(self) -> Iterator[str]:
        """A number on each building large enough for it."""
        if not self.with_building_names:
            return
        for building in self.facts.buildings:
            shape = self.paper(building.shape)
            name, (west, north, east, south) = building.name, shape.bounds
            wide = width_of(name, BUILDING_NAME_MM)
            spot = shapely.box(*_around(shape.centroid.x, shape.centroid.y, wide, BUILDING_NAME_MM))
            if wide > (east - west) * 1.25 or south - north < BUILDING_NAME_MM or self._is_taken(spot):
                continue
            self.taken.append(spot)
            x, y = float(shape.centroid.x), float(shape.centroid.y)
            yield svg.halo_text(name, x, y, BUILDING_NAME_MM, text_anchor="middle")

    def _road_names(self) -> Iterator[str]:
        """One name along each road, turned with it, where it lies on no other label."""
        named: set[str] = set()
        for one, shape in self._base("ROAD"):
            if not one.name or one.rank > NAMED_RANK or one.name in named:
                continue
            found = self._along(shape, width_of(one.name, ROAD_NAME_MM) + 2.0)
            if found is not None:
                named.add(one.name)
                x, y, angle = found
                turn = f"rotate({svg.number(angle)} {svg.number(x)} {svg.number(y)})"
                yield svg.halo_text(one.name, x, y, ROAD_NAME_MM, text_anchor="middle", fill=GREY, transform=turn)

    def _along(self, shape: BaseGeometry, wide: float) -> tuple[float, float, float] | None:
        longest = max(shapely.get_parts(shape), key=lambda part: float(part.length))
        if longest.geom_type != "LineString" or longest.length < wide * 1.2:
            return None
        for share in (0.5, 0.35, 0.65, 0.2, 0.8):
            middle = longest.length * share
            first, last = (longest.interpolate(middle + side * wide / 2) for side in (-1, 1))
            angle = _upright(first.x, first.y, last.x, last.y)
            x, y = (first.x + last.x) / 2, (first.y + last.y) / 2
            flat = shapely.box(*_around(x, y, wide, ROAD_NAME_MM * 1.2))
            spot = affinity.rotate(flat, angle)
            if self.window.contains(spot) and not self._is_taken(spot):
                self.taken.append(spot)
                return float(x), float(y), angle
        return None

    def _is_taken(self, spot: BaseGeometry) -> bool:
        return any(spot.intersects(other) for other in self.taken)

    def _north_and_scale(self) -> Iterator[str]:
        frame = self.frame
        x, y = frame.right - 11.0, frame.y + 7.0
        yield svg.rectangle(x - 8, frame.y + 3, 16.0, 23.0, fill="#ffffff", fill_opacity=0.85, rx=1.5)
        yield svg.element("path", d=f"M{x} {y + 3} l4.2 13 l-4.2 -3.2 l-4.2 3.2 Z", fill=INK)
        yield svg.text("N", x, y, 4.6, text_anchor="middle")
        length_m = self.paper.bar_length_m(most_mm=60.0)
        step = length_m / self.paper.metres_per_mm / 4
        left, top = frame.x + 7.0, frame.bottom - 9.0
        yield svg.rectangle(left - 4, top - 6.5, step * 4 + 22, 13.0, fill="#ffffff", fill_opacity=0.85, rx=1.5)
        for part in range(4):
            yield svg.rectangle(
                left + part * step,
                top,
                step,
                1.6,
                fill=INK if part % 2 == 0 else "#ffffff",
                stroke=INK,
                stroke_width=0.25,
            )
        for part, metres in ((0, 0), (2, length_m // 2), (4, length_m)):
            unit = " m" if part == 4 else ""
            yield svg.text(f"{metres}{unit}", left + part * step, top - 2.6, 2.8, text_anchor="middle")
        yield svg.text(f"1 : {self.paper.ratio:,}", left, top + 4.2, 2.8)


def _corner(frame: Frame) -> BaseGeometry:
    """The north arrow and the scale bar have their places already."""
    arrow = shapely.box(frame.right - 20, frame.y, frame.right, frame.y + 27)
    return shapely.union(arrow, shapely.box(frame.x, frame.bottom - 17, frame.x + 92, frame.bottom))


def _label(label: Placed, *, colour: str) -> Iterator[str]:
    if label.leader is not None:
        x, y = label.leader
        edge = shapely.shortest_line(shapely.Point(x, y), label.box)
        at_x, at_y = shapely.get_coordinates(edge)[1].tolist()
        yield svg.line(x, y, at_x, at_y, stroke=INK, stroke_width=0.3)
        yield svg.element("circle", cx=x, cy=y, r=0.7, fill=INK)
    top = label.y - label.height / 2
    for line in label.lines:
        middle = top + line.size * LEADING / 2
        yield svg.halo_text(line.text, label.x, middle, line.size, fill=colour, bold=line.bold, text_anchor="middle")
        top += line.size * LEADING


def _around(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _upright(x1: float, y1: float, x2: float, y2: float) -> float:
    """Return the angle in degrees of a line, so turned that a text along it is not upside down."""
    angle = math.degrees(math.atan2(y2 - y1, x2 - x1))
    return angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
