"""What the pages of a draft show: the list, the plan on the map, its figures, its comparison."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import Conflict
from mulin.domains.accounts.models import User
from mulin.domains.places import queries as places
from mulin.domains.places.queries import Area
from mulin.domains.planning import access
from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.pages.draft_words import bend_words, certificate_words, refusal_words
from mulin.domains.planning.pages.plan_figures import FigureRow, figure_rows, metis_columns, present_figures
from mulin.domains.planning.queries import plans
from mulin.domains.planning.queries.plans import Ground
from mulin.domains.planning.rules.judging import Bend
from mulin.domains.planning.rules.labels import centres, colours
from mulin.domains.planning.rules.outlines import outlines
from mulin.domains.planning.rules.snapshot import unpack_plan
from mulin.domains.planning.states import AT_WORK, DRAFT, PUBLISH, DraftState
from mulin.kernels.partition.problem import Integers

TONES = {
    DraftState.ASKED: "neutral",
    DraftState.COMPUTING: "progress",
    DraftState.READY: "info",
    DraftState.SCHEDULED: "warn",
    DraftState.PUBLISHED: "good",
    DraftState.STOPPED: "neutral",
    DraftState.FAILED: "bad",
    DraftState.DISCARDED: "neutral",
}
LEVELS = {
    "balance": (gettext_lazy("各网格户数相近"), (0, 60, 300)),
    "compactness": (gettext_lazy("网格紧凑、路近"), (0, 0.05, 0.3)),
    "straddling": (gettext_lazy("不跨主干道"), (0, 20, 100)),
    "change": (gettext_lazy("少让住户换网格"), (0, 0.2, 1)),
}
"""What a desk may care about, and the weights behind 不看重, 一般, 看重 (a cut street costs 1 to 10)."""
DEFAULT_LEVEL = {"balance": 0, "compactness": 1, "straddling": 1, "change": 1}
LEVEL_NAMES = (gettext_lazy("不看重"), gettext_lazy("一般"), gettext_lazy("看重"))
SHOWN_BENDS = 12
DRAWN_WHILE_COMPUTING = 1_500
DECIMALS = 6
AREA_DIGITS = 12
DOT_DEGREES = 0.00008  # about 8 m
GZIP_LEVEL = 3
NEW_GRID = gettext_lazy("第{number}网格（新）")


class NoPlanYet(Conflict):
    code = "draft_no_plan_yet"
    sentence = gettext_lazy("这份草案还没有方案。")
    remedy = gettext_lazy("请等计算结束。")


def weights_of(levels: Mapping[str, int]) -> dict[str, float]:
    """Return the weights behind what somebody cares about: 0 not, 1 somewhat, 2 much."""
    return {name: float(weights[levels[name]]) for name, (_label, weights) in LEVELS.items()}


@dataclass(frozen=True)
class DraftRow:
    id: int
    name: str
    area: str
    state: str
    tone: str
    asked_by: str
    asked_at: datetime
    bounds: str
    grids: int | None
    outside: int | None
    changed: int | None
    url: str


def rows(drafts: Sequence[Draft]) -> list[DraftRow]:
    known = places.areas.get()
    return [
        DraftRow(
            id=one.pk,
            name=one.name,
            area=known[one.area_code].name if one.area_code in known else one.area_code,
            state=str(DraftState(one.state).label),
            tone=TONES[DraftState(one.state)],
            asked_by=one.asked_by.name if one.asked_by else "",
            asked_at=one.asked_at,
            bounds=f"{one.lowest}–{one.highest}",
            grids=one.head.figures.get("grids") if one.head else None,
            outside=one.head.figures.get("outside") if one.head else None,
            changed=one.head.figures.get("changed") if one.head else None,
            url=reverse("planning:draft", args=[one.pk]),
        )
        for one in drafts
    ]


def areas_below(own: Sequence[str]) -> list[Area]:
    """Return the areas a draft may be asked for: the person's own and everything in them."""
    known = places.areas.get()
    ranges = [places.code_range(code) for code in own]
    return [known[code] for code in sorted(known) if any(first <= code <= last for first, last in ranges)]


@dataclass(frozen=True)
class Rights:
    """What the reader may do with a draft."""

    edit: bool
    publish: bool


def rights_of(user: User | AnonymousUser, draft: Draft, *, now: datetime) -> Rights:
    return Rights(edit=access.may(DRAFT, user, draft, now=now), publish=access.may(PUBLISH, user, draft, now=now))


def names_in(draft: Draft) -> dict[int, str]:
    """Return the names of the grids of a draft by their labels; none before there is a plan."""
    if draft.head is None:
        return {}
    return grid_names(plans.ground_of(draft.head.snapshot_id), plans.plan_of(draft.head))[0]


@dataclass(frozen=True)
class DraftPage:
    """The frame of a draft's page; the plan comes as data to the map."""

    id: int
    name: str
    area: str
    state: str
    tone: str
    is_at_work: bool
    config: Mapping[str, Any]


def draft_page(draft: Draft, rights: Rights) -> DraftPage:
    area = places.area_by_code(draft.area_code)
    state = DraftState(draft.state)
    return DraftPage(
        id=draft.pk,
        name=draft.name,
        area=area.name,
        state=str(state.label),
        tone=TONES[state],
        is_at_work=state in AT_WORK,
        config={
            "bounds": places.bounds_of(draft.area_code),
            "urls": _urls(draft.pk),
            "may_edit": rights.edit and state == DraftState.READY,
            "is_at_work": state in AT_WORK,
            "layers": [
                {"id": name, "kind": kind, "url": reverse("places:layer", args=[name]), "by_view": True}
                for name, kind in (("water", "water"), ("roads", "street"))
            ],
            "words": {
                "locked": _("已锁定"),
                "new_grid": _("新建网格"),
                "grid_households": _("{name} · {households} 户"),
                "chosen": _("已选 {count} 栋，{households} 户"),
                "none_chosen": _("还没有选楼栋"),
                "building_households": _("{name} · {households} 户"),
                "bent": _("不合规矩"),
                "moved": _("已移动。"),
                "failed": _("没有连上服务器，请再试一次。"),
            },
        },
    )


def _urls(draft_id: int) -> dict[str, str]:
    names = ("ground", "plan", "move", "undo", "redo", "lock", "comment")
    return {name: reverse(f"planning:draft-{name}", args=[draft_id]) for name in names}


@dataclass(frozen=True)
class BendRow:
    words: str
    tone: str
    label: int


@dataclass(frozen=True)
class Panel:
    """What stands beside the map and changes with every move."""

    state: str
    tone: str
    is_at_work: bool
    is_stopping: bool
    is_beginning: bool
    seconds: float
    refusal: str
    figures: list[FigureRow]
    metis: list[str]
    bends: list[BendRow]
    more_bends: int
    bent: Mapping[int, str]
    certificates: list[str]
    can_undo: bool
    can_redo: bool
    may_edit: bool
    may_stop: bool
    may_compute: bool
    may_publish: bool
    is_scheduled: bool
    is_published: bool
    from_date: Any


def panel(draft: Draft, version: PlanVersion | None, rights: Rights, names: Mapping[int, str]) -> Panel:
    state = DraftState(draft.state)
    found = plans.bends_of(draft, version) if version else []
    metis = metis_columns(draft) if version else {}
    figures = version.figures if version else (draft.progress_figures or {})
    at_rest = state in (DraftState.READY, DraftState.STOPPED, DraftState.FAILED)
    return Panel(
        state=str(state.label),
        tone=TONES[state],
        is_at_work=state in AT_WORK,
        is_stopping=draft.stop_asked,
        is_beginning=state in AT_WORK and not figures,
        seconds=draft.progress_s,
        refusal=refusal_words(draft.refusal) or refusal_words(_sent_back(draft)),
        figures=figure_rows(figures, present_figures(draft), metis.values()),
        metis=list(metis),
        bends=[_bend_row(bend, names) for bend in found[:SHOWN_BENDS]],
        more_bends=max(len(found) - SHOWN_BENDS, 0),
        bent={bend.label: _tone(bend) for bend in reversed(found)},
        certificates=certificates(draft, version),
        can_undo=version is not None and version.parent_id is not None,
        can_redo=version is not None and plans.younger(version) is not None,
        may_edit=rights.edit and state == DraftState.READY,
        may_stop=rights.edit,
        may_compute=rights.edit and at_rest,
        may_publish=rights.publish and state == DraftState.READY,
        is_scheduled=state == DraftState.SCHEDULED,
        is_published=state == DraftState.PUBLISHED,
        from_date=draft.from_date,
    )


def _sent_back(draft: Draft) -> Mapping[str, Any] | None:
    return plans.refusal_of_publication(draft.pk) if draft.state == DraftState.READY and draft.from_date else None


def _bend_row(bend: Bend, names: Mapping[int, str]) -> BendRow:
    return BendRow(bend_words(bend, names.get(bend.label, "")), _tone(bend), bend.label)


def _tone(bend: Bend) -> str:
    """What may never be is red; what may be for a reason, amber; what nobody can help, grey."""
    return "bad" if not bend.is_bound else ("neutral" if bend.excused else "warn")


def certificates(draft: Draft, version: PlanVersion | None) -> list[str]:
    """Return what no plan can keep, and what would help."""
    if version is None or not version.certificates:
        return []
    arrays = plans.ground_of(version.snapshot_id).arrays
    middles = [
        one["facts"].get("building", one["buildings"][0] if one["buildings"] else 0) for one in version.certificates
    ]
    names = plans.building_names([int(arrays.building_ids[int(index)]) for index in middles])
    return [
        certificate_words(
            one,
            int(arrays.households[one["buildings"]].sum()),
            plans.bounds_of(draft),
            [names.get(int(arrays.building_ids[int(index)]), "")],
        )
        for one, index in zip(version.certificates, middles, strict=True)
    ]


@dataclass(frozen=True)
class PlanView:
    """A plan with the names, colours and households of its grids."""

    ground: Ground
    grid: Integers
    locked: frozenset[int]
    names: Mapping[int, str]
    codes: Mapping[int, str]

    @classmethod
    def of(cls, snapshot_id: int, grid: Integers, locked: Sequence[int] = ()) -> "PlanView":
        ground = plans.ground_of(snapshot_id)
        names, codes = grid_names(ground, grid)
        return cls(ground, grid, frozenset(locked), names, codes)


def grid_names(ground: Ground, grid: Integers) -> tuple[dict[int, str], dict[int, str]]:
    """Return label → name and label → code: today's for grids that live on, the next of the community for new ones."""
    arrays = ground.arrays
    labels = np.unique(grid[grid >= 0]).tolist()
    living = [label for label in labels if label < len(arrays.grid_ids)]
    known = plans.grids_named([int(arrays.grid_ids[label]) for label in living])
    found = {label: known[int(arrays.grid_ids[label])] for label in living if int(arrays.grid_ids[label]) in known}
    names = {label: one.name for label, one in found.items()}
    codes = {label: one.code for label, one in found.items()}
    fresh: dict[str, list[int]] = {}
    for label in labels:
        if label not in names:
            community = str(arrays.community_codes[arrays.community[int(np.argmax(grid == label))]])
            fresh.setdefault(community, []).append(label)
    middles = {code: centres(grid, arrays.lonlat, chosen) for code, chosen in fresh.items()}
    for community, fresh_codes in (places.grid_codes_for(middles) if fresh else {}).items():
        for label, code in zip(fresh[community], fresh_codes, strict=True):
            codes[label], names[label] = code, str(NEW_GRID).format(number=int(code[AREA_DIGITS:]))
    return names, codes


def shown_plan(draft: Draft) -> PlanView | None:
    """Return the plan as it is, or while it is computed the one saved last."""
    grid = progress_plan(draft.pk) if draft.state in AT_WORK else None
    if grid is None and draft.head is not None:
        grid = plans.plan_of(draft.head)
    if grid is None or draft.snapshot_id is None:
        return None
    return PlanView.of(draft.snapshot_id, grid, draft.head.locked if draft.head else ())


def plan_data(view: PlanView, *, drawn: bool = True) -> dict[str, Any]:
    """Return the whole plan for the map: the grid of each building, the grids, their outlines."""
    arrays = view.ground.arrays
    return {
        "labels": view.grid.tolist(),
        "grids": grid_rows(view, np.unique(view.grid).tolist(), colours(view.grid, arrays.edges)),
        "outlines": outline_data(view) if drawn else None,
    }


def grid_rows(view: PlanView, labels: Sequence[int], colour: Mapping[int, int]) -> list[dict[str, Any]]:
    arrays = view.ground.arrays
    known = [label for label in labels if label >= 0]
    size = int(max(known, default=0)) + 1
    inside = view.grid >= 0
    households = np.bincount(view.grid[inside], weights=arrays.households[inside], minlength=size)
    buildings = np.bincount(view.grid[inside], minlength=size)
    return [
        {
            "label": label,
            "name": view.names.get(label, ""),
            "code": view.codes.get(label, ""),
            "households": int(households[label]),
            "buildings": int(buildings[label]),
            "colour": colour.get(label, 0),
            "locked": label in view.locked,
        }
        for label in known
        if buildings[label]
    ]


def outline_data(view: PlanView, labels: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the outlines of the grids (or of some) as GeoJSON."""
    drawn = outlines(plans.cells_of(view.ground), view.grid, labels)
    shapes = shapely.set_precision(list(drawn.values()), 10**-DECIMALS, mode="pointwise") if drawn else []
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": label,
                "properties": {"label": view.names.get(label, ""), "grid": label, "at": _middle(shape)},
                "geometry": shapely.geometry.mapping(shape),
            }
            for label, shape in zip(drawn, shapes, strict=True)
        ],
    }


def _middle(shape: Any) -> list[float]:
    """Where the name of a grid is written."""
    point = shape.representative_point()
    return [round(point.x, DECIMALS), round(point.y, DECIMALS)]


def moved_data(view: PlanView, before: Integers) -> dict[str, Any]:
    """Return only what is different from another plan of the same ground."""
    differs = np.flatnonzero(view.grid != before)
    touched = sorted({*before[differs].tolist(), *view.grid[differs].tolist()})
    there = [label for label in touched if label >= 0 and (view.grid == label).any()]
    fresh = [label for label in there if not (before == label).any()]
    colour = colours(view.grid, view.ground.arrays.edges) if fresh else {}
    return {
        "changes": [[int(index), int(view.grid[index])] for index in differs.tolist()],
        "grids": grid_rows(view, there, colour),
        "gone": [label for label in touched if label not in there],
        "fresh": fresh,
        "outlines": outline_data(view, there),
    }


def ground_features(ground: Ground, tones: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return the buildings with their numbers; one without an outline is drawn as a dot of its own size."""
    arrays = ground.arrays
    ids = arrays.building_ids.tolist()
    names, known = plans.building_names(ids), plans.building_shapes(ids)
    dots = shapely.buffer(shapely.points(arrays.lonlat), DOT_DEGREES)
    shapes = [shapely.from_wkb(known[pk]) if pk in known else dot for pk, dot in zip(ids, dots, strict=True)]
    shapes = [shape if shape.area > 0 else dot for shape, dot in zip(shapes, dots, strict=True)]
    drawn = shapely.to_geojson(shapely.set_precision(shapes, 10**-DECIMALS, mode="pointwise")).tolist()
    tones = tones or {}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": index,
                "properties": {
                    "label": names.get(pk, ""),
                    "households": households,
                    **({"tone": tones[index]} if index in tones else {}),
                },
                "geometry": json.loads(geometry),
            }
            for index, (pk, households, geometry) in enumerate(zip(ids, arrays.households.tolist(), drawn, strict=True))
        ],
    }


@lru_cache(maxsize=8)
def _ground_data(digest: str, snapshot_id: int) -> bytes:
    features = ground_features(plans.ground_of(snapshot_id))
    return gzip.compress(json.dumps(features, ensure_ascii=False, separators=(",", ":")).encode(), GZIP_LEVEL)


def ground_data(snapshot_id: int) -> bytes:
    """Return the buildings as gzipped GeoJSON, made once per process and ground."""
    return _ground_data(plans.ground_of(snapshot_id).digest, snapshot_id)


def plan_geojson(draft: Draft) -> str:
    """Return the grids of a draft with code, name, households and buildings, for other programs. Raises NoPlanYet."""
    if draft.head is None:
        raise NoPlanYet
    view = PlanView.of(draft.head.snapshot_id, plans.plan_of(draft.head), draft.head.locked)
    rows = {row["label"]: row for row in grid_rows(view, np.unique(view.grid).tolist(), {})}
    outlined = outline_data(view)
    for feature in outlined["features"]:
        row = rows[feature["id"]]
        members = view.ground.arrays.building_ids[view.grid == feature["id"]].tolist()
        feature["properties"] = {
            "code": row["code"],
            "name": row["name"],
            "households": row["households"],
            "buildings": members,
        }
    return json.dumps(outlined, ensure_ascii=False)


def progress_plan(draft_id: int) -> Integers | None:
    """Return the plan a computation saved last."""
    packed = plans.progress_of(draft_id)
    return unpack_plan(packed) if packed else None
