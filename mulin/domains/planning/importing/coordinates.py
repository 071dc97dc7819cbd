"""Coordinates of a file into ours, by the system its user names. A file that says nothing is asked, not guessed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from mulin.core.errors import Invalid
from mulin.domains.planning.importing.reading import Geometries

Points = NDArray[np.float64]

FROM_FILE = "FILE"
CHOICES = (
    ("CGCS2000", _("CGCS2000 / WGS-84 经纬度")),
    ("GCJ02", _("GCJ-02（高德、腾讯地图）")),
    ("BD09", _("BD-09（百度地图）")),
    (FROM_FILE, _("文件自带的坐标系（含 CGCS2000 高斯—克吕格 3 度带）")),
)
ALIASES = {"WGS84": "CGCS2000", "WGS-84": "CGCS2000", "GCJ-02": "GCJ02", "BD-09": "BD09"}
SHIFTED = ("GCJ02", "BD09")
OURS = CRS.from_epsg(4490)
"""CGCS2000 longitude and latitude."""
DEGREES = 360.0


class CrsUnknown(Invalid):
    code = "crs_unknown"
    sentence = _("没有说明坐标系。")
    remedy = _("请选择 CGCS2000、GCJ-02、BD-09，文件自带的坐标系，或写 EPSG 代码（如 EPSG:4527）。")


class CrsContradicted(Invalid):
    code = "crs_contradicted"
    sentence = _("坐标系与文件内容不符。")
    remedy = _("请核对提供数据的单位用的是哪个坐标系。")


@dataclass(frozen=True)
class Named:
    """The system a user named: one of CHOICES or an EPSG code; `own` is what the file says."""

    name: str
    own: str = ""

    @classmethod
    def of(cls, asked: str, own: str = "") -> "Named":
        """Raise CrsUnknown when nothing was named, or the file is asked and says nothing."""
        name = ALIASES.get(asked.strip().upper(), asked.strip().upper())
        if name not in dict(CHOICES) and not name.startswith("EPSG:"):
            raise CrsUnknown
        if name == FROM_FILE and not own:
            raise CrsUnknown(_("这个文件没有说明自己的坐标系（没有 .prj 或坐标系字段）。"))
        return cls(name, own)

    def system(self) -> CRS | None:
        """Return what pyproj is to convert from, None where longitude and latitude stay or are shifted by us."""
        asked = self.own if self.name == FROM_FILE else self.name if self.name.startswith("EPSG:") else ""
        own = _parsed(self.own)
        if not asked and own is not None and own.is_projected:
            if self.name in SHIFTED:
                raise CrsContradicted(
                    format_lazy(_("文件是投影坐标（{own}），不会是 {name}。"), own=own.name, name=self.name)
                )
            return own
        return _parsed(asked, must_be_known=bool(asked))


def _parsed(text: str, *, must_be_known: bool = False) -> CRS | None:
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError as unknown:
        if must_be_known:
            raise CrsUnknown(format_lazy(_("不认识坐标系“{text}”。"), text=text[:60])) from unknown
        return None


def to_ours(shapes: Geometries, named: Named, shift: Any) -> Geometries:
    """Return the shapes in CGCS2000 degrees; `shift(points, name)` undoes GCJ-02 and BD-09.

    Raises CrsContradicted where a file in metres is called longitude and latitude.
    """
    system = named.system()
    if system is not None:
        return _projected(shapes, system)
    points = shapely.get_coordinates(shapes)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) and float(np.abs(np.median(points, axis=0)).max()) > DEGREES:
        raise CrsContradicted(
            _("坐标不是经纬度，像是以米计的投影坐标，但文件没有说明是哪一带。"),
            remedy=_(
                "请写出 EPSG 代码，如 CGCS2000 3 度带第 35 带写 EPSG:4523（带带号）或 EPSG:4544（只有中央经线）。"
            ),
        )
    if named.name not in SHIFTED:
        return shapes
    return _transformed(shapes, lambda at: np.asarray(shift(at, named.name), dtype=np.float64))


def _projected(shapes: Geometries, system: CRS) -> Geometries:
    try:
        transformer = Transformer.from_crs(system, OURS, always_xy=True)
        return _transformed(shapes, lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1])))
    except ProjError as failure:
        raise CrsUnknown(format_lazy(_("不能从“{name}”换算。"), name=system.name)) from failure


def _transformed(shapes: Geometries, convert: Any) -> Geometries:
    """Convert every point that is a point; NaN stays NaN and is found later."""

    def safely(points: Points) -> Points:
        known = np.isfinite(points).all(axis=1)
        result = np.full(points.shape, np.nan)
        result[known] = convert(points[known])
        return result

    converted: Geometries = shapely.transform(shapes, safely)
    return converted
