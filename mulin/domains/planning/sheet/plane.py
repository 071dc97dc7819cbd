"""From longitude and latitude to millimetres on paper."""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
NICE_SCALES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0, 10.0)
NICE_LENGTHS_M = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


@dataclass(frozen=True)
class Frame:
    """A rectangle of the sheet in mm, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def shape(self) -> BaseGeometry:
        return shapely.box(self.x, self.y, self.right, self.bottom)


@dataclass(frozen=True)
class Paper:
    """The map's own plane: north is up, one mm is `metres_per_mm` on the ground."""

    west: float
    north: float
    squeeze: float
    metres_per_mm: float
    frame: Frame
    left_mm: float
    top_mm: float

    @classmethod
    def fit(cls, box: tuple[float, float, float, float], frame: Frame, *, margin_mm: float) -> "Paper":
        """Return the largest drawing of the box of degrees that leaves a margin within the frame, centred."""
        west, south, east, north = box
        squeeze = math.cos(math.radians((south + north) / 2))
        width_m = max((east - west) * METRES_PER_DEGREE * squeeze, 1.0)
        height_m = max((north - south) * METRES_PER_DEGREE, 1.0)
        scale = _rounded(max(width_m / (frame.width - 2 * margin_mm), height_m / (frame.height - 2 * margin_mm)))
        left = frame.x + (frame.width - width_m / scale) / 2
        top = frame.y + (frame.height - height_m / scale) / 2
        return cls(west, north, squeeze, scale, frame, left, top)

    def __call__(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape of degrees in mm of the sheet."""
        return shapely.transform(shape, self._millimetres)

    def _millimetres(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        east_m = (degrees[:, 0] - self.west) * METRES_PER_DEGREE * self.squeeze
        south_m = (self.north - degrees[:, 1]) * METRES_PER_DEGREE
        return np.column_stack((self.left_mm + east_m / self.metres_per_mm, self.top_mm + south_m / self.metres_per_mm))

    @property
    def ratio(self) -> int:
        """The scale as people write it: 1 to so many."""
        return round(self.metres_per_mm * 1_000)

    def bar_length_m(self, *, most_mm: float) -> int:
        """Return the longest round length that a scale bar of so many mm can show."""
        fitting = [length for length in NICE_LENGTHS_M if length / self.metres_per_mm <= most_mm]
        return fitting[-1] if fitting else NICE_LENGTHS_M[0]


def _rounded(scale: float) -> float:
    """Return the next larger scale that people use: 1:2,500 rather than 1:2,317."""
    decade = 10.0 ** math.floor(math.log10(scale))
    return next(nice * decade for nice in NICE_SCALES if nice * decade >= scale)
