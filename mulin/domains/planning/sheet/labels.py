"""Labels that do not lie on each other: inside their shape where they fit, else beside it with a line to it."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

LEADING = 1.28
NARROW = 0.56
STEPS = (0.0, 0.18, -0.18, 0.36, -0.36)
RINGS = (1.0, 1.7, 2.6, 3.8, 5.5, 8.0)
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))


@dataclass(frozen=True)
class Line:
    text: str
    size: float
    bold: bool = False

    @property
    def width(self) -> float:
        return width_of(self.text, self.size)


@dataclass(frozen=True)
class Placed:
    """A label with the middle of its box; `leader` is the point of its shape a line leads to."""

    lines: tuple[Line, ...]
    x: float
    y: float
    width: float
    height: float
    leader: tuple[float, float] | None = None

    @property
    def box(self) -> BaseGeometry:
        return _box(self.x, self.y, self.width, self.height)


def width_of(text: str, size: float) -> float:
    """Return the width of a text as it will be set: a Chinese character is a square, others about half of one."""
    return size * sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else NARROW for letter in text)


def size_of(lines: Sequence[Line]) -> tuple[float, float]:
    return max(line.width for line in lines), sum(line.size * LEADING for line in lines)


def heart(shape: BaseGeometry) -> tuple[float, float]:
    """Return the middle of the widest part of a shape (the centre of its largest inscribed circle)."""
    parts = shapely.get_parts(shape)
    widest = max(parts, key=lambda part: float(part.area))
    centre = shapely.get_point(shapely.maximum_inscribed_circle(widest), 0)
    return float(centre.x), float(centre.y)


def place_labels(
    shapes: Sequence[BaseGeometry],
    wordings: Sequence[Sequence[Sequence[Line]]],
    *,
    frame: BaseGeometry,
    taken: Sequence[BaseGeometry] = (),
) -> list[Placed]:
    """Place one label for each shape; `wordings` holds its choices, the fullest first.

    Small shapes choose first, since they have the least room. A label that fits nowhere inside stands outside with a
    leader line, clear of other labels; one that finds no room even there is left out, for the list beside the map.
    """
    shapely.prepare(list(shapes))
    placed: dict[int, Placed] = {}
    taken = list(taken)
    for one in sorted(range(len(shapes)), key=lambda index: float(shapes[index].area)):
        spot = _inside(shapes[one], wordings[one], taken) or _outside(shapes[one], wordings[one][-1], taken, frame)
        if spot is None:
            continue
        placed[one] = spot
        taken.append(spot.box)
    return [placed[one] for one in sorted(placed)]


def _inside(shape: BaseGeometry, choices: Sequence[Sequence[Line]], taken: Sequence[BaseGeometry]) -> Placed | None:
    x, y = heart(shape)
    for lines in choices:
        width, height = size_of(lines)
        for across, down in _shifts():
            spot = Placed(tuple(lines), x + across * width, y + down * height * 2, width, height)
            if shape.contains(spot.box) and _is_free(spot.box, taken):
                return spot
    return None


def _shifts() -> Iterator[tuple[float, float]]:
    shifts = [(across, down) for across in STEPS for down in STEPS]
    return iter(sorted(shifts, key=lambda shift: abs(shift[0]) + abs(shift[1])))


def _outside(
    shape: BaseGeometry, lines: Sequence[Line], taken: Sequence[BaseGeometry], frame: BaseGeometry
) -> Placed | None:
    x, y = heart(shape)
    width, height = size_of(lines)
    for ring in RINGS:
        for across, down in DIRECTIONS:
            at_x, at_y = x + across * (width / 2 + 3.0 * ring), y + down * (height / 2 + 3.0 * ring)
            spot = Placed(tuple(lines), at_x, at_y, width, height, leader=(x, y))
            if frame.contains(spot.box) and _is_free(spot.box, taken):
                return spot
    return None


def _is_free(box: BaseGeometry, taken: Sequence[BaseGeometry]) -> bool:
    return not any(box.intersects(other) for other in taken)


def _box(x: float, y: float, width: float, height: float) -> BaseGeometry:
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
