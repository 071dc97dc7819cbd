"""What a row says beside its shape: where it belongs, how many live there, what class it is of."""

import re
from collections.abc import Callable

import numpy as np
import shapely

from mulin.domains.planning.importing.checking import Check, Indices
from mulin.domains.planning.importing.context import AMBIGUOUS
from mulin.domains.planning.importing.findings import MOST_SNAP_M
from mulin.domains.planning.importing.kinds import GroundKind, road_rank
from mulin.domains.planning.importing.reading import Geometries

AREA_DIGITS, GRID_DIGITS = 12, 15
FLOOR_M = 3.0
MOST_FLOORS = 200
MOST_HOUSEHOLDS = 20_000
DWELLING_M2 = 100.0
"""Gross floor space of one household where nobody counted (第七次全国人口普查: about 112 m² a town household)."""
LONGEST_NAME, LONGEST_ADDRESS = 100, 200
MINOR_STREET_RANK, RAILWAY_RANK = 4, 1
YES = frozenset({"yes", "true", "1", "t", "是", "building_passage"})


def check_rows(check: Check) -> None:
    _STEPS[check.kind](check)


def _named(check: Check) -> None:
    for index in check.open_rows().tolist():
        check.values[index]["name"] = check.cells("name")[index][:LONGEST_NAME]


def _buildings(check: Check) -> None:
    _communities(check)
    _floors(check)
    _counts(check)
    _grids(check)
    names, addresses = check.cells("name"), check.cells("address")
    for index in check.open_rows().tolist():
        name = names[index] or addresses[index] or f"{check.number(index)}"
        check.values[index] |= {"name": name[:LONGEST_NAME], "address": (addresses[index] or name)[:LONGEST_ADDRESS]}


def _middles(check: Check, rows: Indices) -> Geometries:
    points: Geometries = shapely.point_on_surface(check.shapes[rows])
    return points


def _communities(check: Check) -> None:
    """A named community counts; otherwise the one whose ground it stands on."""
    written = check.cells("community")
    known = check.registered.community_names
    unknown = [index for index in check.open_rows().tolist() if written[index] and written[index] not in known]
    check.find(unknown, "community_unknown", lambda index: {"community": written[index]})
    rows = check.open_rows()
    inside = check.registered.communities.covering(_middles(check, rows))
    homeless = []
    for index, found in zip(rows.tolist(), inside.tolist(), strict=True):
        if written[index]:
            check.values[index]["community_id"] = known[written[index]]
        elif found >= 0:
            check.values[index]["community_id"] = check.registered.communities.ids[found]
        else:
            homeless.append(index)
    _nearest_communities(check, np.array(homeless, dtype=np.int64))


def _nearest_communities(check: Check, rows: Indices) -> None:
    communities = check.registered.communities
    nearest: dict[int, tuple[int, float]] = dict.fromkeys(rows.tolist(), (0, np.inf))
    if len(communities.ids) and len(rows):
        flat = check.plane.flatten(communities.geometries)
        points = check.plane.flatten(_middles(check, rows))
        found, distance = shapely.STRtree(flat).query_nearest(points, return_distance=True, all_matches=False)
        for at, community, metres in zip(found[0].tolist(), found[1].tolist(), distance.tolist(), strict=True):
            nearest[int(rows[at])] = (communities.ids[community], metres)
    asked = check.find(rows, "outside_communities", lambda index: {"m": f"{min(nearest[index][1], 99_999_999):.0f}"})
    for index, (community_id, metres) in nearest.items():
        if asked and metres <= MOST_SNAP_M:
            check.values[index]["community_id"] = community_id
        elif asked:
            check.keep_out(index)


def _floors(check: Check) -> None:
    floors, heights = check.cells("floors"), check.cells("height")
    wrong = []
    for index in check.open_rows().tolist():
        number = _number(floors[index]) if floors[index] else _number(heights[index] or "0") / FLOOR_M
        if not 0 <= number <= MOST_FLOORS:
            wrong.append(index)
        check.values[index]["floors"] = max(1, round(number)) if 0 <= number <= MOST_FLOORS else 1
    check.find(wrong, "floors_invalid", lambda index: {"written": (floors[index] or heights[index])[:40]})


def _number(text: str) -> float:
    """Return the number a cell begins with, NaN for none: 18 层 → 18."""
    found = re.match(r"\s*[+-]?\d+(?:\.\d+)?", text)
    return float(found[0]) if found else float("nan")


def _counts(check: Check) -> None:
    """Read households where the file counts them; a missing or impossible number is estimated when told to."""
    column = check.columns.get("households")
    if column is None:
        return
    written = check.cells("households")
    missing: list[int] = []
    wrong: list[int] = []
    for index in check.open_rows().tolist():
        count = _whole(written[index])
        if count is not None:
            check.values[index] |= {"households": count, "is_estimate": False}
        else:
            (wrong if written[index] else missing).append(index)
    for rows, code in ((missing, "count_missing"), (wrong, "count_invalid")):
        if check.find(rows, code, lambda index: {"written": written[index][:40]}):
            _estimate(check, rows)


def _whole(text: str) -> int | None:
    """Return a count as written, None when it is no whole number from 0 on."""
    plain = re.fullmatch(r"(\d+)(?:\.0+)?\s*户?", text.strip())
    return int(plain[1]) if plain and int(plain[1]) <= MOST_HOUSEHOLDS else None


def _estimate(check: Check, rows: list[int]) -> None:
    """Count households by floor space; a building known as a point, or by its name only, cannot be estimated."""
    flat = check.plane.flatten(check.shapes[rows]) if rows else np.empty(0, dtype=object)
    for index, shape in zip(rows, flat, strict=True):
        if shape is None or shape.area <= 0:
            check.keep_out(index)
        else:
            count = round(shape.area * check.values[index].get("floors", 1) / DWELLING_M2)
            check.values[index] |= {"households": count, "is_estimate": True}


def _grids(check: Check) -> None:
    rows, grids = check.open_rows(), check.registered.grids
    for index, found in zip(rows.tolist(), grids.covering(_middles(check, rows)).tolist(), strict=True):
        same = found >= 0 and grids.codes[found][:AREA_DIGITS] == _code_of(check, check.values[index]["community_id"])
        check.values[index]["grid_id"] = grids.ids[found] if same else None


def _code_of(check: Check, community_id: int) -> str:
    communities = check.registered.communities
    return communities.codes[communities.ids.index(community_id)] if community_id in communities.ids else ""


def _of_buildings(check: Check) -> None:
    """Find the building a row speaks of."""
    written, known = check.cells("building"), check.registered.buildings_by_name
    rows = check.open_rows().tolist()
    found = {index: known.get(written[index]) for index in rows}
    for code, wrong in (("building_unknown", None), ("building_ambiguous", AMBIGUOUS)):
        missed = [index for index in rows if found[index] == wrong]
        check.find(missed, code, lambda index: {"written": written[index][:40]})
    for index in check.open_rows().tolist():
        check.values[index]["building_id"] = found[index]


def _entrances(check: Check) -> None:
    _of_buildings(check)
    _named(check)


def _households(check: Check) -> None:
    _of_buildings(check)
    first: dict[int, int] = {}
    again: dict[int, int] = {}
    for index in check.open_rows().tolist():
        if (before := first.setdefault(check.values[index]["building_id"], index)) != index:
            again[index] = before
    check.find(sorted(again), "key_repeated", lambda index: {"row": check.number(again[index])})
    _counts(check)


def _underground(check: Check) -> None:
    tunnel = check.cells("tunnel")
    check.find([i for i in check.open_rows().tolist() if tunnel[i].lower() in YES], "underground")
    _named(check)


def _roads(check: Check) -> None:
    _underground(check)
    written = check.cells("class")
    ranks = {index: road_rank(written[index]) for index in check.open_rows().tolist()}
    unknown = [index for index, rank in ranks.items() if rank is None]
    check.find(unknown, "class_unknown", lambda index: {"written": written[index][:40]})
    for index in check.open_rows().tolist():
        check.values[index]["rank"] = ranks[index] or MINOR_STREET_RANK


def _areas(check: Check) -> None:
    _coded(check, AREA_DIGITS)


def _grid_rows(check: Check) -> None:
    _coded(check, GRID_DIGITS)
    written = check.cells("code")
    taken = [index for index in check.open_rows().tolist() if written[index] in check.registered.codes]
    check.find(taken, "code_taken", lambda index: {"written": written[index]})


def _coded(check: Check, digits: int) -> None:
    written = check.cells("code")
    rows = check.open_rows().tolist()
    wrong = [i for i in rows if not re.fullmatch(rf"[0-9]{{{digits}}}", written[i]) or written[i].endswith("000")]
    check.find(wrong, "code_invalid", lambda index: {"written": written[index][:40]})
    for index in check.open_rows().tolist():
        name = check.cells("name")[index][:LONGEST_NAME]
        check.values[index] = {"code": written[index], "name": name or written[index]}


def _facilities(check: Check) -> None:
    written, known = check.cells("facility"), check.registered.facility_kinds
    unknown = [index for index in check.open_rows().tolist() if written[index].lower() not in known]
    check.find(unknown, "facility_unknown", lambda index: {"written": written[index][:40]})
    _communities(check)
    for index in check.open_rows().tolist():
        check.values[index]["facility_kind"] = known[written[index].lower()]
    _named(check)


_STEPS: dict[GroundKind, Callable[[Check], None]] = {
    GroundKind.COMMUNITIES: _areas,
    GroundKind.GRIDS: _grid_rows,
    GroundKind.BUILDINGS: _buildings,
    GroundKind.ENTRANCES: _entrances,
    GroundKind.HOUSEHOLDS: _households,
    GroundKind.ROADS: _roads,
    GroundKind.RAILWAYS: _underground,
    GroundKind.WATER: _underground,
    GroundKind.FACILITIES: _facilities,
}
