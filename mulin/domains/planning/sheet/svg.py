"""A few marks of SVG: paths, rectangles, lines, text. Numbers in mm, one decimal of a tenth is enough for paper."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

import shapely
from shapely.geometry.base import BaseGeometry

DECIMALS = 2
FAMILY = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
BOLD_RIM = 0.045
MIDDLE = 0.36
"""From the middle of a line of text down to its base line, in ems."""


def number(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """Return one element; an attribute `stroke_width` is written `stroke-width`, numbers short."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(number(value) if isinstance(value, float) else str(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def group(marks: Iterable[str], **attributes: object) -> str:
    return element("g", "".join(marks), **attributes)


def path(shape: BaseGeometry, **attributes: object) -> str:
    """Return a shape as a path; empty for an empty one."""
    drawn = "".join(_rings(shape))
    return element("path", d=drawn, **attributes) if drawn else ""


def _rings(shape: BaseGeometry) -> Iterable[str]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield _polyline(part.exterior) + "Z"
            yield from (_polyline(ring) + "Z" for ring in part.interiors)
        elif part.geom_type in ("LineString", "LinearRing"):
            yield _polyline(part)


def _polyline(line: BaseGeometry) -> str:
    points = [f"{number(x)} {number(y)}" for x, y in shapely.get_coordinates(line).tolist()]
    return f"M{'L'.join(points)}"


def rectangle(x: float, y: float, width: float, height: float, /, **attributes: object) -> str:
    return element("rect", x=x, y=y, width=width, height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, /, **attributes: object) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def text(words: str, x: float, y: float, size: float, /, **attributes: object) -> str:
    """Return a line of text whose middle is at height `y`; it begins at `x` unless `text_anchor` says otherwise."""
    return element("text", escape(words), x=x, y=y + size * MIDDLE, font_size=size, **attributes)


def strong(words: str, x: float, y: float, size: float, *, fill: str = "#20242a", **attributes: object) -> str:
    """Return a bold text: drawn with a rim of its own colour, since the font at hand has one weight."""
    rim = {"stroke": fill, "stroke_width": size * BOLD_RIM, "stroke_linejoin": "round"}
    return text(words, x, y, size, fill=fill, **rim, **attributes)


def halo_text(
    words: str, x: float, y: float, size: float, *, fill: str = "#20242a", bold: bool = False, **attributes: object
) -> str:
    """Return a text with a white rim, to be read over lines."""
    rim = text(words, x, y, size, **attributes, stroke="#fff", stroke_width=size * 0.3, stroke_linejoin="round")
    write = strong if bold else text
    return rim + write(words, x, y, size, fill=fill, **attributes)


def document(marks: Iterable[str], *, width_mm: float, height_mm: float, title: str) -> str:
    body = element("title", escape(title)) + "".join(marks)
    return element(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width_mm)} {number(height_mm)}",
        width=f"{number(width_mm)}mm",
        height=f"{number(height_mm)}mm",
        font_family=FAMILY,
        fill="#20242a",
    )
