"""What the life circle page shows: figures, kinds, the map of one kind, parts of the area, the next best sites."""

import gzip
import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import Invalid, NotFound
from mulin.core.geometry import check_point
from mulin.core.listed import listed
from mulin.domains.places.queries import Area, building_named
from mulin.domains.planning.circle.measuring import LIMITS_M, worst_kinds
from mulin.domains.planning.queries.circle import CircleOf, circle_of
from mulin.domains.planning.queries.ground import PlacedBuildings
from mulin.kernels.access.result import Circle

GRIDS, COMMUNITIES = "grid", "community"
SITES = 3
GAPS = 3
MOST_DRAWN = 8_000
"""More buildings than this are drawn as the communities they stand in."""
GOOD_SHARE, FAIR_SHARE = 0.9, 0.6
DECIMALS = 6
GZIP_LEVEL = 3


class NoGround(NotFound):
    code = "circle_no_ground"
    sentence = gettext_lazy("这个范围里还没有登记有位置的楼栋，算不出生活圈。")
    remedy = gettext_lazy("请先在“规划底数”导入楼栋和道路。")


class SpotUnreadable(Invalid):
    code = "circle_spot_unreadable"
    sentence = gettext_lazy("地图上的位置有误。")


@dataclass(frozen=True)
class KindLine:
    """One kind of facility: how many there are and whom they reach."""

    code: str
    name: str
    metres: int
    minutes: int
    source: str
    facilities: int
    share: float
    unserved: int
    tone: str
    url: str
    is_shown: bool


@dataclass(frozen=True)
class PartLine:
    """A grid or community: its score from 0 to 100 and what fewest of its households reach."""

    name: str
    households: int
    score: int | None
    tone: str
    gaps: str
    url: str


@dataclass(frozen=True)
class SiteLine:
    name: str
    gained: int
    lon: float
    lat: float


@dataclass(frozen=True)
class CirclePage:
    area: str
    area_code: str
    score: int | None
    households: int
    whole: int
    stranded: int
    is_makeshift: bool
    has_facilities: bool
    kind: KindLine
    kinds: list[KindLine]
    by: str
    parts: list[PartLine]
    by_choices: list[tuple[str, str, str]]
    sites: list[SiteLine]
    map: dict[str, Any]
    what_if_url: str


def measured_circle(area: Area, *, on: date) -> CircleOf:
    """Raises NoGround."""
    circle = circle_of(area.code, on=on)
    if circle is None:
        raise NoGround
    return circle


def circle_page(circle: CircleOf, area: Area, *, kind_code: str, by: str) -> CirclePage:
    kind = circle.kind_index(kind_code)
    measured = circle.measured
    by = by if by in (GRIDS, COMMUNITIES) else COMMUNITIES if len(circle.community_codes) > 1 else GRIDS
    kinds = [_kind_line(circle, index, area, by, shown=kind) for index in range(len(circle.kinds))]
    overall = measured.by_community.overall
    total = measured.ground.households.sum()
    asked = {"area": area.code, "kind": circle.kinds[kind].code}
    return CirclePage(
        area=area.name,
        area_code=area.code,
        score=round(100 * float(overall.mean())) if total else None,
        households=round(float(total)),
        whole=int(np.count_nonzero(overall >= 1.0)),
        stranded=len(measured.stranded),
        is_makeshift=measured.ground.is_makeshift,
        has_facilities=bool(circle.facilities),
        kind=kinds[kind],
        kinds=kinds,
        by=by,
        parts=_parts(circle, by),
        by_choices=[
            (value, label, _url(area.code, circle.kinds[kind].code, value))
            for value, label in ((COMMUNITIES, _("按社区")), (GRIDS, _("按网格")))
        ],
        sites=_sites(circle, kind),
        map=_map(circle, asked),
        what_if_url=f"{reverse('planning:circle-what-if')}?{urlencode(asked)}",
    )


def _url(area_code: str, kind: str, by: str) -> str:
    return f"{reverse('planning:circle')}?{urlencode({'area': area_code, 'kind': kind, 'by': by})}"


def _kind_line(circle: CircleOf, index: int, area: Area, by: str, *, shown: int) -> KindLine:
    kind, measured = circle.kinds[index], circle.measured
    share = float(measured.by_community.overall[index])
    return KindLine(
        code=kind.code,
        name=kind.name,
        metres=round(kind.metres),
        minutes=kind.minutes,
        source=kind.source,
        facilities=sum(point.kind == index for point in circle.facilities),
        share=share if np.isfinite(share) else 0.0,
        unserved=round(measured.unserved_households(index)),
        tone=tone_of(share),
        url=_url(area.code, kind.code, by),
        is_shown=index == shown,
    )


def tone_of(share: float) -> str:
    if not np.isfinite(share):
        return "neutral"
    return "good" if share >= GOOD_SHARE else "warn" if share >= FAIR_SHARE else "bad"


def _parts(circle: CircleOf, by: str) -> list[PartLine]:
    if by == COMMUNITIES:
        names = [circle.community_names.get(code, code) for code in circle.community_codes]
        urls = [f"{reverse('planning:circle')}?{urlencode({'area': code})}" for code in circle.community_codes]
        return _part_lines(circle, circle.measured.by_community, names, urls)
    names = [circle.grid_names.get(pk, "") for pk in circle.grid_ids.tolist()]
    return _part_lines(circle, circle.measured.by_grid, names, [""] * len(names))


def _part_lines(circle: CircleOf, scores: Circle, names: list[str], urls: list[str]) -> list[PartLine]:
    lines = [
        PartLine(
            name=name,
            households=round(float(scores.households[index])),
            score=round(100 * float(scores.score[index])) if scores.households[index] else None,
            tone=tone_of(float(scores.score[index])),
            gaps=_gaps(circle, scores.covered[index]) if scores.households[index] else "",
            url=url,
        )
        for index, (name, url) in enumerate(zip(names, urls, strict=True))
    ]
    return sorted(lines, key=lambda line: (line.score is None, line.score))


def _gaps(circle: CircleOf, covered: np.ndarray) -> str:
    return listed(
        _("{kind} {percent}%").format(kind=circle.kinds[kind].name, percent=round(100 * float(covered[kind])))
        for kind in worst_kinds(covered.tolist(), GAPS)
    )


def _sites(circle: CircleOf, kind: int) -> list[SiteLine]:
    found = []
    for site in circle.measured.sites(kind, SITES):
        building = building_named(int(circle.building_ids[site.building]))
        lon, lat = circle.lonlat[site.building].tolist()
        name = building.name if building else ""
        found.append(SiteLine(_("{building}旁").format(building=name), round(site.gained), lon, lat))
    return found


def _map(circle: CircleOf, asked: dict[str, str]) -> dict[str, Any]:
    (west, south), (east, north) = circle.lonlat.min(axis=0).tolist(), circle.lonlat.max(axis=0).tolist()
    query = urlencode(asked)
    communities_url = f"{reverse('places:layer', args=['communities'])}?area={circle.area_code}"
    communities = {"id": "areas", "kind": "area", "url": communities_url}
    buildings = {"id": "reach", "kind": "block", "url": f"{reverse('planning:circle-reach')}?{query}"}
    roads = {"id": "streets", "kind": "street", "url": reverse("places:layer", args=["roads"]), "by_view": True}
    return {
        "bounds": [west, south, east, north],
        "layers": [communities, roads, buildings],
        "points": {"data": facility_points(circle, asked["kind"])},
        "pick": {"lon": "id_lon", "lat": "id_lat", "hint": _("点一下想设的地方，或移动地图让图钉指到那里。")},
        "legend": [
            {"tone": "good", "label": _("够得着")},
            {"tone": "warn", "label": _("稍远，1000 米内有")},
            {"tone": "bad", "label": _("1000 米内没有")},
            {"tone": "progress", "label": _("现有设施")},
        ],
    }


def facility_points(circle: CircleOf, kind_code: str) -> dict[str, Any]:
    kind = circle.kind_index(kind_code)
    features = [
        {
            "type": "Feature",
            "id": point.id,
            "properties": {"label": point.name, "tone": "progress"},
            "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
        }
        for point in circle.facilities
        if point.kind == kind
    ]
    return {"type": "FeatureCollection", "features": features}


def reach_geojson(circle: CircleOf, buildings: PlacedBuildings, kind_code: str) -> bytes:
    """Return the buildings coloured by how far the next facility is, gzipped; of many only those nobody reaches."""
    kind = circle.kind_index(kind_code)
    tones = tones_of(circle, kind)
    rows = np.flatnonzero(circle.measured.ground.households > 0)
    if len(rows) > MOST_DRAWN:
        rows = rows[np.isin(tones[rows], ("bad", "warn"))][:MOST_DRAWN]
    # Buildings may have come and gone since the circle was measured.
    rows = rows[np.isin(circle.building_ids[rows], buildings.ids)]
    order = np.argsort(buildings.ids)
    drawn = order[np.searchsorted(buildings.ids, circle.building_ids[rows], sorter=order)]
    shapes = shapely.transform(buildings.shapes[drawn], lambda at: np.round(at, DECIMALS))
    features = [
        f'{{"type":"Feature","properties":{{"tone":"{tones[row]}"}},"geometry":{geometry}}}'
        for row, geometry in zip(rows.tolist(), shapely.to_geojson(shapes), strict=True)
    ]
    body = f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
    return gzip.compress(body.encode(), GZIP_LEVEL, mtime=0)


def tones_of(circle: CircleOf, kind: int) -> np.ndarray:
    measured = circle.measured
    band = measured.result.band[kind]
    return np.where(measured.served(kind), "good", np.where(band < len(LIMITS_M), "warn", "bad"))


@dataclass(frozen=True)
class WhatIf:
    """What one more facility at a spot would do; `gained` is None far from every street."""

    kind: str
    gained: int | None
    unserved: int


def what_if(circle: CircleOf, *, kind_code: str, lon: str, lat: str) -> WhatIf:
    """Return whom a facility at a point would be the first to serve. Raises SpotUnreadable, PointInvalid."""
    try:
        point = np.array([[float(lon), float(lat)]])
    except ValueError:
        raise SpotUnreadable from None
    check_point(*point[0].tolist())
    kind = circle.kind_index(kind_code)
    gained = circle.measured.gained_at(kind, circle.plane.to_metres(point))
    unserved = round(circle.measured.unserved_households(kind))
    return WhatIf(circle.kinds[kind].name, None if gained is None else round(gained), unserved)


def circle_answer(circle: CircleOf, area: Area) -> dict[str, Any]:
    """Return the life circle as plain data, for programs and the terminal."""
    page = circle_page(circle, area, kind_code="", by=GRIDS)
    return {
        "area": area.code,
        "name": area.name,
        "score": page.score,
        "households": page.households,
        "makeshift_network": page.is_makeshift,
        "kinds": [
            {
                "code": line.code,
                "name": line.name,
                "metres": line.metres,
                "minutes": line.minutes,
                "source": line.source,
                "facilities": line.facilities,
                "share": round(line.share, 4),
                "unserved_households": line.unserved,
            }  # fmt: skip
            for line in page.kinds
        ],
        "communities": [_part_answer(line) for line in _parts(circle, COMMUNITIES)],
        "grids": [_part_answer(line) for line in page.parts],
    }


def _part_answer(line: PartLine) -> dict[str, Any]:
    return {"name": line.name, "households": line.households, "score": line.score, "gaps": line.gaps}


def circle_geojson(circle: CircleOf) -> str:
    """Return every building as a point with its distance in m to each kind, for other maps."""
    distance = circle.measured.result.distance_m
    features = []
    for row, (lon, lat) in enumerate(circle.lonlat.tolist()):
        reached = {
            kind.code: round(float(distance[index, row]))
            for index, kind in enumerate(circle.kinds)
            if np.isfinite(distance[index, row])
        }
        properties = {"building": int(circle.building_ids[row]), "distance_m": reached}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [lon, lat]}}
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
