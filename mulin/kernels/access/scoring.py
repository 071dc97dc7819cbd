"""What a grid's people reach: GB 50180-2018 and 《完整居住社区建设标准》 as shares of households."""

import numpy as np

from mulin.kernels.access.result import Bands, Circle
from mulin.kernels.facts import BadProblem
from mulin.kernels.network.problem import Integers, Metres


def score(band: Bands, limit: Integers, weight: Metres, households: Metres, grid: Integers, grids: int) -> Circle:
    """The life circle of each grid; O(kinds × buildings).

    Parameters
    ----------
    band : (kinds, b) uint8
        `Result.band`.
    limit : (kinds,) int64
        The limit each kind is asked at, as an index into `Params.minutes` (a kindergarten within 5 minutes, a clinic
        within 10, a sports hall within 15).
    weight : (kinds,) float64
        What each kind counts in the score; 0 shows it without counting it.
    households : (b,) float64
        Households of each building.
    grid : (b,) int64
        The grid (or community, or district) of each building; -1 counts in `overall` only.

    Raises
    ------
    BadProblem
        `wrong_shape`, `not_a_number`, `negative`, `grid_out_of_range`, `no_weight`.
    """
    _refuse(band, limit, weight, households, grid, grids)
    inside = grid >= 0
    total = np.bincount(grid[inside], weights=households[inside], minlength=grids).astype(np.float64)
    reached = band <= np.asarray(limit)[:, None]
    served = np.stack(
        [np.bincount(grid[inside], weights=(households * row)[inside], minlength=grids) for row in reached], axis=1
    )
    everybody = float(np.sum(households))
    with np.errstate(invalid="ignore"):
        covered = served / np.where(total > 0, total, np.nan)[:, None]
        overall = reached @ households / (everybody if everybody > 0 else np.nan)
    return Circle(total, covered, covered @ weight / np.sum(weight), overall)


def _refuse(band: Bands, limit: Integers, weight: Metres, households: Metres, grid: Integers, grids: int) -> None:
    kinds, buildings = band.shape
    shapes = {"limit": limit, "weight": weight, "households": households, "grid": grid}
    for (name, array), length in zip(shapes.items(), (kinds, kinds, buildings, buildings), strict=True):
        if np.shape(array) != (length,):
            raise BadProblem("wrong_shape", what=name, shape=np.shape(array), wanted=length)
    for name, numbers in (("weight", weight), ("households", households)):
        if not np.isfinite(numbers).all():
            raise BadProblem("not_a_number", what=name, rows=np.flatnonzero(~np.isfinite(numbers)))
        if (np.asarray(numbers) < 0).any():
            raise BadProblem("negative", what=name, rows=np.flatnonzero(np.asarray(numbers) < 0))
    if (grid >= grids).any():
        raise BadProblem("grid_out_of_range", rows=np.flatnonzero(grid >= grids), grids=grids)
    if not np.sum(weight) > 0:
        raise BadProblem("no_weight")
