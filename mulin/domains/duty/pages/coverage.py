"""What the coverage page shows: figures, a map of the parts, and the gaps with what to do about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.geometry import read_shape
from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Child, Gap, Ground, GroupGap, Tally
from mulin.domains.places import queries as places

PAGE = 50
MANY = 0.05
DEGREES_KEPT = 1e-6
BASE = (("blocks", "block"), ("water", "water"), ("green", "green"), ("roads", "street"))
LABELS = {
    coverage.HOUSEHOLDS: gettext_lazy("户户有联户长"),
    coverage.BUILDINGS: gettext_lazy("栋栋有楼栋长"),
    coverage.GRIDS: gettext_lazy("格格有人管"),
}
UNITS = {
    coverage.HOUSEHOLDS: gettext_lazy("户缺口"),
    coverage.BUILDINGS: gettext_lazy("栋缺口"),
    coverage.GRIDS: gettext_lazy("个网格缺口"),
}
REASONS = {
    coverage.NO_GROUP: gettext_lazy("未编入联户组"),
    coverage.VACANT: gettext_lazy("岗位空缺"),
    coverage.ABSENT: gettext_lazy("离岗，无人代班"),
}
REMEDIES = {
    coverage.HOUSEHOLDS: gettext_lazy("任命联户长"),
    coverage.BUILDINGS: gettext_lazy("任命楼栋长"),
    coverage.GRIDS: gettext_lazy("任命网格长或网格员"),
}


@dataclass(frozen=True)
class Figure:
    subject: str
    label: str
    gaps: int
    total: int
    unit: str
    tone: str
    url: str
    is_shown: bool

    @property
    def covered_share(self) -> float | None:
        return 1 - self.gaps / self.total if self.total else None


@dataclass(frozen=True)
class Part:
    """A street, community or grid with its three tallies, in the order of `SUBJECTS`."""

    name: str
    url: str
    tallies: tuple[Tally, ...]
    tone: str


@dataclass(frozen=True)
class GapRow:
    place: str
    detail: str
    reason: str
    tone: str
    area: str
    remedy: str
    url: str


@dataclass(frozen=True)
class Crumb:
    name: str
    url: str


@dataclass(frozen=True)
class CoveragePage:
    title: str
    area_code: str
    path: tuple[Crumb, ...]
    subject: str
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
    map: Mapping[str, Any] | None
    gaps: tuple[GapRow, ...]
    next_key: str | None
    boards_url: str
    posts_url: str

    @property
    def shown(self) -> Figure:
        return next(figure for figure in self.figures if figure.is_shown)


def coverage_page(
    ground: Ground, *, subject: str, after: str, may_manage: bool, top: Ground, now: datetime
) -> CoveragePage:
    """Three tallies, one query for the parts, one for the gaps; equal cost for 10 gaps and 10,000."""
    tallies = {one: coverage.tally_by_child(one, ground, now=now) for one in coverage.SUBJECTS}
    children = coverage.children(ground, now=now)
    parts = tuple(_part(child, tallies, subject) for child in children)
    rows, next_key = _gap_rows(ground, subject, after, may_manage=may_manage, now=now)
    area = places.area_by_code(ground.area_code)
    is_community = len(places.code_prefix(ground.area_code)) == len(ground.area_code)
    return CoveragePage(
        title=places.places_named([ground.grid_id])[ground.grid_id] if ground.grid_id else area.name,
        area_code=ground.area_code,
        path=tuple(_path(ground, top, subject)),
        subject=subject,
        figures=tuple(_figure(one, tallies[one], ground, subject) for one in coverage.SUBJECTS),
        parts=parts,
        map=_map(children, parts, ground, by_grid=is_community),
        gaps=tuple(rows),
        next_key=next_key,
        boards_url=reverse("duty:boards-pdf", args=[area.code]) if may_manage and is_community else "",
        posts_url=reverse("duty:place-posts", args=[ground.grid_id or area.id]) if may_manage else "",
    )


def _tone(tally: Tally) -> str:
    if not tally.total:
        return "neutral"
    if not tally.gaps:
        return "good"
    return "warn" if tally.gap_share < MANY else "bad"


def _url(ground: Ground, subject: str) -> str:
    query = {"grid": ground.grid_id} if ground.grid_id else {"area": ground.area_code}
    return f"{reverse('duty:coverage')}?{urlencode({**query, 'show': subject})}"


def _path(ground: Ground, top: Ground, subject: str) -> list[Crumb]:
    """The areas above that the person may see, highest first."""
    above = [area for area in places.area_path(ground.area_code) if ground.grid_id or area.code != ground.area_code]
    prefix = places.code_prefix(top.area_code)
    own = [area for area in above if area.code.startswith(prefix) and top.grid_id is None]
    return [Crumb(area.name, _url(Ground(area.code), subject)) for area in reversed(own)]


def _figure(subject: str, tallies: Mapping[str | int | None, Tally], ground: Ground, shown: str) -> Figure:
    whole = sum(tallies.values(), Tally())
    return Figure(
        subject, str(LABELS[subject]), whole.gaps, whole.total, str(UNITS[subject]), _tone(whole),
        _url(ground, subject), subject == shown,
    )  # fmt: skip


def _part(child: Child, tallies: Mapping[str, Mapping[str | int | None, Tally]], subject: str) -> Part:
    ground = Ground("", child.key) if isinstance(child.key, int) else Ground(child.key)
    own = tuple(tallies[one].get(child.key, Tally()) for one in coverage.SUBJECTS)
    return Part(child.name, _url(ground, subject), own, _tone(own[coverage.SUBJECTS.index(subject)]))


def _map(children: Sequence[Child], parts: Sequence[Part], ground: Ground, *, by_grid: bool) -> dict[str, Any] | None:
    shaped = [(child, part) for child, part in zip(children, parts, strict=True) if child.shape]
    if not shaped:
        return None
    shapes = [read_shape(child.shape) for child, _part in shaped if child.shape]
    features = [_feature(shape, part) for shape, (_child, part) in zip(shapes, shaped, strict=True)]
    layer = {
        "id": "parts",
        "kind": "area",
        "data": {"type": "FeatureCollection", "features": features},
    }
    base = [
        {"id": name, "kind": kind, "url": f"{reverse('places:layer', args=[name])}?area={ground.area_code}"}
        for name, kind in (*BASE, *([("buildings", "building")] if by_grid else []))
    ]
    return {
        "bounds": [round(float(edge), 6) for edge in shapely.total_bounds(shapes)],
        "layers": [*base, layer],
        "legend": [
            {"tone": "good", "label": _("全部到位")},
            {"tone": "warn", "label": _("缺口不到 5%")},
            {"tone": "bad", "label": _("缺口 5% 以上")},
        ],
    }


def _feature(shape: shapely.Geometry, part: Part) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(shapely.set_precision(shape, DEGREES_KEPT)),
        "properties": {"label": part.name, "tone": part.tone, "url": part.url},
    }


def _gap_rows(
    ground: Ground, subject: str, after: str, *, may_manage: bool, now: datetime
) -> tuple[list[GapRow], str | None]:
    """One page of gaps and the key of the next, if there is one."""
    found: Sequence[Gap | GroupGap]
    if subject == coverage.HOUSEHOLDS:
        found = coverage.group_gaps(ground, now=now, after=after, limit=PAGE + 1)
    else:
        seen = int(after) if after.isdecimal() else 0
        found = coverage.gaps(subject, ground, now=now, after=seen, limit=PAGE + 1)
    shown = found[:PAGE]
    key = shown[-1].key if len(found) > PAGE else None
    return [_gap_row(gap, subject, may_manage=may_manage) for gap in shown], key


def _gap_row(gap: Gap | GroupGap, subject: str, *, may_manage: bool) -> GapRow:
    if isinstance(gap, GroupGap):
        place, post_place = gap.building, gap.group_id or gap.building_id
        detail = _("{group} · {count} 户").format(group=gap.group, count=gap.households) if gap.group else ""
        detail = detail or _("{count} 户").format(count=gap.households)
    else:
        place, post_place, detail = gap.place, gap.post_place_id or gap.id, gap.detail
    ungrouped = gap.reason == coverage.NO_GROUP
    remedy = _("编入联户组") if ungrouped else str(REMEDIES[subject])
    return GapRow(
        place=place,
        detail=detail,
        reason=str(REASONS[gap.reason]),
        tone="warn" if gap.reason == coverage.ABSENT else "bad",
        area=places.area_by_code(gap.area_code).name,
        remedy=_("安排代班") if gap.reason == coverage.ABSENT else remedy,
        url=reverse("duty:households" if ungrouped else "duty:place-posts", args=[post_place]) if may_manage else "",
    )
