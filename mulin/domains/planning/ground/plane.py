"""A flat plane in metres around a point, for what is measured within one district."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]
Geometries = NDArray[np.object_]

EQUATOR_M = 6_378_137.0
ECCENTRICITY_SQUARED = 0.006_694_380_022_90  # CGCS2000


@dataclass(frozen=True)
class Plane:
    """Tangent to the ellipsoid at `lon`, `lat`; 30 km away a length is wrong by less than one in a thousand."""

    lon: float
    lat: float

    @classmethod
    def around(cls, lon_lat: Coordinates) -> "Plane":
        """Return the plane through the middle of the points' box; through 0, 0 when there is none."""
        if not len(lon_lat):
            return cls(0.0, 0.0)
        middle = (lon_lat.min(axis=0) + lon_lat.max(axis=0)) / 2.0
        return cls(float(middle[0]), float(middle[1]))

    @property
    def metres_per_degree(self) -> Coordinates:
        latitude = np.radians(self.lat)
        squeeze = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
        parallel = EQUATOR_M * np.cos(latitude) / np.sqrt(squeeze)
        meridian = EQUATOR_M * (1.0 - ECCENTRICITY_SQUARED) / squeeze**1.5
        return np.asarray(np.radians([parallel, meridian]), dtype=np.float64)

    def to_metres(self, lon_lat: Coordinates) -> Coordinates:
        flat: Coordinates = (lon_lat - (self.lon, self.lat)) * self.metres_per_degree
        return flat

    def to_degrees(self, xy: Coordinates) -> Coordinates:
        degrees: Coordinates = xy / self.metres_per_degree + (self.lon, self.lat)
        return degrees

    def flatten(self, shapes: Geometries) -> Geometries:
        """Return geometries of degrees as geometries of metres."""
        flat: Geometries = shapely.transform(shapes, self.to_metres)
        return flat
