"""Faults of shapes: missing, of the wrong kind, elsewhere, crossing themselves, twice, over each other."""

import numpy as np
import shapely
from numpy.typing import NDArray

from mulin.domains.planning.importing.checking import SHAPELESS, UPDATING, Check
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.importing.reading import Geometries

POINT, LINE, POLYGON, LINES, POLYGONS = 0, 1, 3, 5, 6
SURFACE = 2
"""Dimension of what covers ground."""
ALLOWED: dict[GroundKind, tuple[int, ...]] = {
    GroundKind.COMMUNITIES: (POLYGON, POLYGONS),
    GroundKind.GRIDS: (POLYGON, POLYGONS),
    GroundKind.BUILDINGS: (POINT, POLYGON, POLYGONS),
    GroundKind.ENTRANCES: (POINT,),
    GroundKind.ROADS: (LINE, LINES),
    GroundKind.RAILWAYS: (LINE, LINES),
    GroundKind.WATER: (LINE, LINES, POLYGON, POLYGONS),
    GroundKind.FACILITIES: (POINT, POLYGON, POLYGONS),
}
APART = frozenset({GroundKind.COMMUNITIES, GroundKind.GRIDS, GroundKind.BUILDINGS})
"""What lies side by side, never on each other."""
DISTRICT_MARGIN_DEGREES = 0.02
SLIVER = 0.01
SAME_SHARE = 0.8
LEAST_REST = 0.1
KM = 1_000.0


def check_shapes(check: Check) -> None:
    if check.kind in SHAPELESS:
        return
    _present(check)
    _finite(check)
    _allowed(check)
    _in_district(check)
    _valid(check)
    _once(check)
    if check.kind in APART:
        _apart_from_standing(check)
        _apart(check)


def _present(check: Check) -> None:
    rows = check.open_rows()
    missing = shapely.is_missing(check.shapes[rows]) | shapely.is_empty(check.shapes[rows])
    check.find(rows[missing], "geometry_empty")


def _finite(check: Check) -> None:
    rows = check.open_rows()
    points, row = shapely.get_coordinates(check.shapes[rows], return_index=True)
    wrong = np.unique(row[~np.isfinite(points).all(axis=1)])
    check.find(rows[wrong], "coordinates_unreadable")


def _allowed(check: Check) -> None:
    rows = check.open_rows()
    kinds = shapely.get_type_id(check.shapes[rows])
    wrong = rows[~np.isin(kinds, ALLOWED[check.kind])]
    check.find(wrong, "geometry_kind", lambda index: {"found": check.shapes[index].geom_type})


def _in_district(check: Check) -> None:
    """Lines may leave the district; what somebody is responsible for may not."""
    rows, margin = check.open_rows(), DISTRICT_MARGIN_DEGREES
    west, south, east, north = check.registered.district
    district = shapely.box(west - margin, south - margin, east + margin, north + margin)
    shapely.prepare(district)
    met = shapely.intersects(district, check.shapes[rows])
    flat = check.plane.flatten(np.array([district], dtype=object))[0]

    def details(index: int) -> dict[str, str]:
        away = check.plane.flatten(check.shapes[index : index + 1])[0].distance(flat)
        return {"km": f"{min(away / KM, 99_999):.0f}"}

    check.find(rows[~met], "outside_district", details)


def _valid(check: Check) -> None:
    rows = check.open_rows()
    wrong = rows[~shapely.is_valid(check.shapes[rows])]
    if check.find(wrong, "self_crossing"):
        for index in wrong.tolist():
            mended = _same_dimension(shapely.make_valid(check.shapes[index]), check.shapes[index])
            if mended.is_empty:
                check.keep_out(index)
            check.shapes[index] = mended
    rows = check.open_rows()
    flat = (shapely.get_dimensions(check.shapes[rows]) == SURFACE) & (shapely.area(check.shapes[rows]) <= 0.0)
    check.find(rows[flat], "geometry_empty")


def _same_dimension(shape: shapely.Geometry, like: shapely.Geometry) -> shapely.Geometry:
    """Return the parts of a mended shape that are of the same dimension as before."""
    parts = shapely.get_parts(shape)
    while np.any(shapely.get_type_id(parts) > POLYGON):
        parts = shapely.get_parts(parts)
    kept = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(like)]
    return shapely.union_all(kept)


def _once(check: Check) -> None:
    """The same outline twice is one building written twice; the same point twice only if all else is the same, too."""
    seen: dict[str, int] = {}
    again: dict[int, int] = {}
    for index in check.open_rows().tolist():
        shape = check.shapes[index]
        said = "" if shape.geom_type != "Point" else "\x1f".join(cells[index] for cells in check.source.cells.values())
        first = seen.setdefault(f"{check.outlines[index]}{said}", index)
        if first != index:
            again[index] = first
    rows = np.array(sorted(again), dtype=np.int64)
    if check.find(rows, "duplicate", lambda index: {"row": check.number(again[index])}):
        check.dropped[rows] = True


def _apart(check: Check) -> None:
    rows = check.open_rows()
    areas = rows[shapely.get_dimensions(check.shapes[rows]) == SURFACE]
    if not len(areas):
        return
    tree = shapely.STRtree(check.shapes[areas])
    one, other = tree.query(check.shapes[areas], predicate="intersects")
    first, second = areas[other[other < one]], areas[one[other < one]]
    share = _overlap(check.shapes[first], check.shapes[second])
    worst: dict[int, tuple[float, int]] = {}
    for number in np.flatnonzero(share > SLIVER).tolist():
        later = int(second[number])
        worst[later] = max(worst.get(later, (0.0, 0)), (float(share[number]), int(first[number])))
    if check.find(
        np.array(sorted(worst), dtype=np.int64),
        "overlap",
        lambda index: {"row": check.number(worst[index][1]), "percent": f"{100 * worst[index][0]:.0f}"},
    ):
        pairs = sorted((int(second[n]), int(first[n])) for n in np.flatnonzero(share > SLIVER))
        for later, earlier in pairs:
            _clip(check, later, check.shapes[earlier])


def _overlap(first: Geometries, second: Geometries) -> NDArray[np.float64]:
    """Return the common ground as a share of the smaller of each pair."""
    smaller = np.minimum(shapely.area(first), shapely.area(second))
    common = shapely.area(shapely.intersection(first, second))
    return np.asarray(common / np.where(smaller > 0, smaller, 1.0), dtype=np.float64)


def _clip(check: Check, index: int, taken: shapely.Geometry) -> None:
    before = check.shapes[index]
    rest = _same_dimension(shapely.difference(before, taken), before)
    if rest.area < LEAST_REST * before.area:
        check.keep_out(index)
    else:
        check.shapes[index] = rest


def _apart_from_standing(check: Check) -> None:
    """What is registered already and not drawn anew by this file stays as it is."""
    redrawn = set(check.written_keys) if check.kind in UPDATING else frozenset()
    standing, rows = check.registered.standing, check.open_rows()
    if not len(standing.ids) or not len(rows):
        return
    row, place = standing.tree.query(check.shapes[rows], predicate="intersects")
    share = _overlap(check.shapes[rows[row]], standing.geometries[place])
    worst: dict[int, tuple[float, int]] = {}
    pairs = []
    for number in np.flatnonzero(share > SLIVER).tolist():
        index, other = int(rows[row[number]]), int(place[number])
        if standing.codes[other] not in redrawn:
            worst[index] = max(worst.get(index, (0.0, 0)), (float(share[number]), other))
            pairs.append((index, other))
    _note_standing(check, worst, pairs)


def _note_standing(check: Check, worst: dict[int, tuple[float, int]], pairs: list[tuple[int, int]]) -> None:
    def details(index: int) -> dict[str, str]:
        share, other = worst[index]
        return {"name": check.registered.standing.names[other], "percent": f"{100 * share:.0f}"}

    same = sorted(index for index, (share, _other) in worst.items() if share > SAME_SHARE)
    check.find(same, "already_there", details)
    if check.find(sorted(worst.keys() - set(same)), "overlap_existing", details):
        for index, other in sorted(pairs):
            if not check.refused[index]:
                _clip(check, index, check.registered.standing.geometries[other])
