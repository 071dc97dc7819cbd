"""One file from what was read to what may go in."""

from collections.abc import Callable, Mapping

import numpy as np
import shapely

from mulin.domains.planning.importing.checking import Check, Checked, finished, recognise
from mulin.domains.planning.importing.context import Registered
from mulin.domains.planning.importing.coordinates import Named, Points, to_ours
from mulin.domains.planning.importing.reading import Geometries, Source
from mulin.domains.planning.importing.row_checks import check_rows
from mulin.domains.planning.importing.shape_checks import check_shapes

Shift = Callable[[Points, str], Points]


def judge(
    source: Source,
    *,
    columns: Mapping[str, str],
    crs: str,
    registered: Registered,
    repairs: frozenset[str],
    shift: Shift,
) -> Checked:
    """Return the rows that may go in and what keeps the others out. Raises CrsUnknown, CrsContradicted."""
    drawn = shapes_of(source, columns)
    if not shapely.is_missing(drawn).all():
        drawn = to_ours(drawn, Named.of(crs, source.crs), shift)
    check = Check(source=source, columns=columns, shapes=drawn, registered=registered, repairs=repairs)
    recognise(check)
    check_shapes(check)
    check_rows(check)
    return finished(check)


def shapes_of(source: Source, columns: Mapping[str, str]) -> Geometries:
    """Return the shape of each row: the file's own, a text in WKT, or a point of two columns."""
    if "wkt" in columns:
        written = np.array([text or None for text in source.cells[columns["wkt"]]], dtype=object)
        return np.asarray(shapely.from_wkt(written, on_invalid="ignore"), dtype=object)
    if source.shapes is not None:
        return source.shapes.copy()
    if "lon" not in columns or "lat" not in columns:
        return np.full(len(source), None, dtype=object)
    lon, lat = source.cells[columns["lon"]], source.cells[columns["lat"]]
    points = [_point(x, y) for x, y in zip(lon, lat, strict=True)]
    return np.array([*points, None], dtype=object)[:-1]


def _point(lon: str, lat: str) -> shapely.Point | None:
    return shapely.Point(_degrees(lon), _degrees(lat)) if lon and lat else None


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
