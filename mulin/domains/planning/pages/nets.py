"""What the pages of nets show: the departments' grids, how they differ, which grid answers for an old code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.domains.places import queries as places
from mulin.domains.places.queries import Area
from mulin.domains.planning.nets.merging import LaidNet, Merged, old_grid
from mulin.domains.planning.nets.reading import RowProblem
from mulin.domains.planning.queries import nets
from mulin.domains.planning.queries.nets import OldCode
from mulin.domains.planning.services.nets import LaidNets
from mulin.kernels.merge.problem import Net, Problem
from mulin.kernels.partition.problem import Bounds

BASE = (("blocks", "block"), ("water", "water"), ("green", "green"), ("roads", "street"))
TONES = ("bad", "info", "good", "progress", "warn")
DEGREES_KEPT = 1e-6
M2_PER_HECTARE = 10_000


@dataclass(frozen=True)
class NetRow:
    """One department's net with the faults it has as it stands."""

    department: str
    tone: str
    grids: int
    without_grid: int
    in_several: int
    outside: int
    broken: int
    overlap_ha: float
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceRow:
    """How far two departments' nets are apart."""

    first: str
    second: str
    households: int
    share: float
    area_ha: float


@dataclass(frozen=True)
class Compared:
    """Nets beside each other: a row for each, a row for each pair, a map."""

    nets: tuple[NetRow, ...]
    differences: tuple[DifferenceRow, ...]
    buildings: int
    households: int
    map: Mapping[str, Any] | None


@dataclass(frozen=True)
class NetsPage:
    area: Area
    areas: tuple[Area, ...]
    compared: Compared | None
    problem: str


@dataclass(frozen=True)
class CrossWalkPage:
    departments: tuple[str, ...]
    department: str
    code: str
    on: date
    codes: tuple[OldCode, ...]


def compared(laid: LaidNets, bounds: Bounds) -> Compared:
    """Compare nets as they stand; exact, some ms for a street."""
    from mulin.kernels.merge.comparing import differences  # compiled code stays unread where nobody compares
    from mulin.kernels.merge.ground import grounds
    from mulin.kernels.merge.reading import figures, read

    ground = laid.arrays.problem(bounds)
    problem = Problem(ground, tuple(Net(outlines=one.outlines, grid=one.grid) for one in laid.laid))
    found = read(problem)
    named = [one.net.department for one in laid.laid]
    households = int(laid.arrays.households.sum())
    apart = differences(found, grounds(found, ground.xy), ground.households)
    return Compared(
        nets=tuple(
            _net_row(one, figures(net, ground), TONES[number % len(TONES)])
            for number, (one, net) in enumerate(zip(laid.laid, found, strict=True))
        ),
        differences=tuple(
            DifferenceRow(
                named[one.first],
                named[one.second],
                one.households,
                one.households / households if households else 0.0,
                one.area_m2 / M2_PER_HECTARE,
            )
            for one in apart
        ),
        buildings=len(laid.arrays),
        households=households,
        map=_map(laid),
    )


def _net_row(laid: LaidNet, faults: Any, tone: str) -> NetRow:
    return NetRow(
        department=laid.net.department,
        tone=tone,
        grids=faults.grids,
        without_grid=faults.without_grid,
        in_several=faults.in_several,
        outside=faults.outside,
        broken=faults.broken,
        overlap_ha=faults.overlap_m2 / M2_PER_HECTARE,
        unknown=laid.unknown,
    )


def _map(laid: LaidNets) -> dict[str, Any] | None:
    """The outlines of each department in its own colour, over the ground."""
    layers = []
    for number, one in enumerate(laid.laid):
        drawn = [old for old in one.net.grids if old.outline is not None]
        features = [
            _feature(old.outline, f"{one.net.department} {old.code}", TONES[number % len(TONES)]) for old in drawn
        ]
        if features:
            layers.append({"id": f"net{number}", "kind": "link", "data": _collection(features)})
    west, south = laid.arrays.lonlat.min(axis=0).tolist()
    east, north = laid.arrays.lonlat.max(axis=0).tolist()
    base = [
        {"id": name, "kind": kind, "url": f"{reverse('places:layer', args=[name])}?area={laid.area_code}"}
        for name, kind in (*BASE, ("buildings", "building"))
    ]
    legend = [{"tone": TONES[number % len(TONES)], "label": one.net.department} for number, one in enumerate(laid.laid)]
    return {"bounds": [west, south, east, north], "layers": [*base, *layers], "legend": legend} if layers else None


def _feature(shape: Any, label: str, tone: str) -> dict[str, Any]:
    boundary = shapely.boundary(shapely.set_precision(shape, DEGREES_KEPT))
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(boundary),
        "properties": {"label": label, "tone": tone},
    }


def _collection(features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def nets_geojson(found: Compared | None) -> dict[str, Any]:
    """Return the outlines of every department's grids, for other maps; empty where there are none."""
    layers = found.map["layers"] if found is not None and found.map else []
    return _collection([feature for layer in layers if "data" in layer for feature in layer["data"]["features"]])


def nets_page(area: Area, *, own: Area, laid: LaidNets | None, problem: str, bounds: Bounds) -> NetsPage:
    first, last = places.code_range(own.code)
    known = places.areas.get()
    return NetsPage(
        area=area,
        areas=tuple(known[code] for code in sorted(known) if first <= code <= last),
        compared=compared(laid, bounds) if laid is not None and laid.laid else None,
        problem=problem,
    )


def cross_walk_page(area_codes: Sequence[str], *, department: str, code: str, on: date) -> CrossWalkPage:
    asked = bool(department or code)
    found = nets.old_codes(area_codes, department=department, code=code, on=on) if asked else []
    return CrossWalkPage(tuple(nets.departments(area_codes)), department, code, on, tuple(found))


def day_or_today(text: str, *, now: datetime) -> date:
    """Return the day somebody wrote; today for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate(now)


def merged_name(area: Area) -> str:
    return _("{area}并网方案").format(area=area.name)


def problem_line(problem: RowProblem) -> str:
    return _("{file} 第 {row} 行：{why}").format(file=problem.file, row=problem.row, why=problem.said)


def cross_walk_table(merged: Merged) -> list[dict[str, Any]]:
    """Return the rows of the cross-walk of a merge: old code, new grid by its number from 1, shares."""
    rows = []
    for one in merged.result.successors:
        department, code, name = old_grid(merged, one)
        rows.append(
            {
                "department": department,
                "old_code": code,
                "old_name": name,
                "new_grid": one.new_grid + 1,
                "households": one.households,
                "share_households": _number(one.share_households),
                "share_area": _number(one.share_area),
                "is_main": one.is_main,
            }
        )
    return rows


def _number(share: float) -> float | None:
    return None if np.isnan(share) else round(float(share), 4)
