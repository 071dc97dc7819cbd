"""Shapes as WKB with their bounding box; one search tree per process. Longitude/latitude, CGCS2000 ≈ WGS-84."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import models
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from mulin.core.errors import Invalid

# The mainland with its seas; a point outside has its axes swapped or another coordinate system.
CHINA = (73.0, 3.0, 136.0, 54.0)


class PointInvalid(Invalid):
    code = "point_invalid"
    sentence = _("这个位置不在中国境内，可能经纬度写反了。")
    remedy = _("请使用 CGCS2000（WGS-84）经度、纬度，经度在前。")


class Shaped(models.Model):
    """A row with a shape: WKB and the box the database can search."""

    shape = models.BinaryField(null=True)
    min_lon = models.FloatField(null=True)
    min_lat = models.FloatField(null=True)
    max_lon = models.FloatField(null=True)
    max_lat = models.FloatField(null=True)

    class Meta:
        abstract = True


def shape_fields(shape: BaseGeometry) -> dict[str, Any]:
    """Return the five fields of `Shaped` for a geometry."""
    min_lon, min_lat, max_lon, max_lat = (round(float(v), 7) for v in shape.bounds)
    return {
        "shape": shapely.to_wkb(shape),
        "min_lon": min_lon,
        "min_lat": min_lat,
        "max_lon": max_lon,
        "max_lat": max_lat,
    }


def read_shape(wkb: bytes | memoryview) -> BaseGeometry:
    return shapely.from_wkb(bytes(wkb))


def check_point(lon: float, lat: float) -> None:
    """Raise PointInvalid for NaN, swapped axes and points far outside China."""
    min_lon, min_lat, max_lon, max_lat = CHINA
    if not (min_lon <= lon <= max_lon and min_lat <= lat <= max_lat):
        raise PointInvalid


@dataclass(frozen=True)
class ShapeIndex:
    """Shapes with ids in one search tree: point → id in microseconds."""

    ids: NDArray[np.int64]
    tree: shapely.STRtree

    @classmethod
    def build(cls, ids: Sequence[int], wkbs: Sequence[bytes | memoryview]) -> "ShapeIndex":
        shapes = shapely.from_wkb([bytes(w) for w in wkbs]) if wkbs else []
        return cls(np.asarray(ids, dtype=np.int64), shapely.STRtree(shapes))

    def covering(self, lon: float, lat: float) -> list[int]:
        """Return the ids of the shapes that cover the point, boundary included, lowest id first."""
        found = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        return sorted(int(i) for i in self.ids[found])

    def nearest(self, lon: float, lat: float, *, within_m: float) -> int | None:
        """Return the id of the nearest shape within `within_m` metres, or None."""
        if not len(self.ids):
            return None
        metres_per_degree = 111_320.0 * float(np.cos(np.radians(lat)))
        found = self.tree.query_nearest(
            shapely.Point(lon, lat), max_distance=within_m / metres_per_degree, all_matches=False
        )
        return int(self.ids[found[0]]) if len(found) else None
