"""What the pages of staffing show: figures, lines on a map, who goes where and why something cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from mulin.core.listed import listed
from mulin.domains.accounts.models import User
from mulin.domains.duty.models import PostKind
from mulin.domains.duty.queries import posts
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place
from mulin.domains.places.queries import Area
from mulin.domains.planning.models import StaffingDraft, StaffingPerson, StaffingState
from mulin.domains.planning.queries import staffing
from mulin.domains.planning.queries.staffing import StaffedGrid

METRES_IN_KM = 1_000
DEGREES_KEPT = 1e-6
BASE = (("blocks", "block"), ("water", "water"), ("green", "green"), ("roads", "street"))
STAYS, MOVES, COMES, LEAVES, WAITS = "stays", "moves", "comes", "leaves", "waits"
TONES = {STAYS: "neutral", MOVES: "progress", COMES: "good", LEAVES: "bad", WAITS: "warn"}
MOST_NAMED, FEW_NAMED = 6, 3


@dataclass(frozen=True)
class DraftEntry:
    """A draft in the list of drafts."""

    id: int
    area: str
    post: str
    made_at: datetime
    made_by: str
    state: str
    tone: str
    problems: int


@dataclass(frozen=True)
class PersonRow:
    """A person in the draft: today's grid, the one proposed, the ways to both."""

    id: int
    person_id: int
    name: str
    change: str
    word: str
    tone: str
    present: str
    proposed: str
    grid_id: int | None
    before: str
    after: str
    before_m: float | None
    after_m: float | None
    from_where: str
    is_chosen: bool
    bans: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """What was reached, beside "nearest first" and beside the best there can be."""

    total: str
    farthest: str
    greedy_total: str
    greedy_farthest: str
    saved_share: float | None
    is_proved: bool
    gap: str


@dataclass(frozen=True)
class StaffingPage:
    draft: StaffingDraft
    area: str
    post: str
    comparison: Comparison
    rows: tuple[PersonRow, ...]
    changes: int
    empty_grids: tuple[str, ...]
    problems: tuple[str, ...]
    grids: tuple[StaffedGrid, ...]
    rough_places: tuple[Place, ...]
    map: Mapping[str, Any] | None
    is_open: bool
    first_day: date

    @property
    def rows_by_change(self) -> list[PersonRow]:
        """What changes stands first: nobody looks for it among those who stay."""
        return sorted(self.rows, key=lambda row: row.change in (STAYS, WAITS))


def post_name(post: PostKind) -> str:
    return post.name_en if (get_language() or "").startswith("en") else post.name_zh


def draft_entries(drafts: Sequence[StaffingDraft]) -> list[DraftEntry]:
    return [
        DraftEntry(
            id=draft.pk,
            area=staffing.area_name(draft.area_code),
            post=post_name(draft.post_kind),
            made_at=draft.made_at,
            made_by=draft.made_by.name if draft.made_by else "",
            state=_state_word(draft),
            tone="good" if draft.state == StaffingState.PUBLISHED else "progress",
            problems=len(draft.figures.get("broken", [])),
        )
        for draft in drafts
    ]


def _state_word(draft: StaffingDraft) -> str:
    if draft.state == StaffingState.PUBLISHED:
        return _("已发布")
    return _("起草中") if draft.state == StaffingState.OPEN else _("已作废")


def staffing_page(draft: StaffingDraft, *, now: datetime) -> StaffingPage:
    """Eight queries for any number of people."""
    people = staffing.people_of(draft)
    grids = staffing.grids_of(draft.area_code, on=timezone.localdate(now))
    is_open = draft.state == StaffingState.OPEN
    rows = tuple(_row(row) for row in people)
    filled = {row.grid_id for row in people}
    return StaffingPage(
        draft=draft,
        area=staffing.area_name(draft.area_code),
        post=post_name(draft.post_kind),
        comparison=_comparison(draft.figures),
        rows=rows,
        changes=sum(row.change != STAYS and row.change != WAITS for row in rows),
        empty_grids=tuple(grid.name for grid in grids if grid.id not in filled),
        problems=tuple(_problems(draft, people, grids)),
        grids=tuple(grids),
        rough_places=tuple(staffing.rough_places(draft.area_code)) if is_open else (),
        map=_map(draft, people, grids, now=now),
        is_open=is_open,
        first_day=timezone.localdate(now),
    )


def metres(way: float | None) -> str:
    """Return a way as people say it: 350 米, 1.2 公里; a dash where it is not known."""
    if way is None:
        return "—"
    if way < METRES_IN_KM:
        return _("{way} 米").format(way=round(way / 10) * 10)
    return _("{way} 公里").format(way=f"{way / METRES_IN_KM:.1f}")


def change_of(row: StaffingPerson) -> str:
    present = row.tenure.place_id if row.tenure else None
    if row.grid_id == present:
        return STAYS if present else WAITS
    if row.grid_id is None:
        return LEAVES
    return MOVES if present else COMES


def change_word(change: str) -> str:
    return {
        STAYS: _("不变"),
        MOVES: _("调整"),
        COMES: _("新任"),
        LEAVES: _("离任"),
        WAITS: _("候补"),
    }[change]


def _row(row: StaffingPerson) -> PersonRow:
    change = change_of(row)
    present = row.tenure.place.name if row.tenure and row.tenure.place else "—"
    return PersonRow(
        id=row.pk,
        person_id=row.person_id,
        name=row.person.name,
        change=change,
        word=change_word(change),
        tone=TONES[change],
        present=present,
        proposed=row.grid.place.name if row.grid else "—",
        grid_id=row.grid_id,
        before=metres(row.before_m),
        after=metres(row.after_m),
        before_m=row.before_m,
        after_m=row.after_m,
        from_where=row.near.name if row.near else "",
        is_chosen=row.is_chosen,
        bans=tuple(ban.grid.place.name for ban in row.bans.all()),
    )


def _comparison(figures: Mapping[str, Any]) -> Comparison:
    total, greedy = float(figures.get("total_m", 0.0)), float(figures.get("greedy_total_m", 0.0))
    gap = float(figures.get("gap_m", 0.0))
    return Comparison(
        total=metres(total),
        farthest=metres(figures.get("farthest_m")),
        greedy_total=metres(greedy),
        greedy_farthest=metres(figures.get("greedy_farthest_m")),
        saved_share=(greedy - total) / greedy if greedy > 0 else None,
        is_proved=gap <= 0,
        gap=metres(gap),
    )


def _some(ids: Sequence[int], names: Mapping[int, str]) -> str:
    """Return the names, or of many the first and how many there are."""
    known = [names[pk] for pk in ids if pk in names]
    if len(known) <= MOST_NAMED:
        return listed(known)
    return _("{names}等（共 {count} 个）").format(names=listed(known[:FEW_NAMED]), count=len(known))


def _problems(draft: StaffingDraft, people: Sequence[StaffingPerson], grids: Sequence[StaffedGrid]) -> list[str]:
    """Say of each rule that cannot be kept what stands against it."""
    names = {row.person_id: row.person.name for row in people}
    named = {grid.id: grid.name for grid in grids}
    said = []
    for broken in draft.figures.get("broken", []):
        who, where = _some(broken["people"], names), _some(broken["grids"], named)
        if broken["code"] == "too_few_reach":
            sentence = _(
                "{where} 至少需要 {needed} 人，能安排的只有 {staff} 人。请增加人员、放宽距离，或降低每格人数下限。"
            )
        elif broken["grids"]:
            sentence = _("{who} 只能去 {where}，那里只有 {seats} 个席位。请取消“不去”或提高每格人数上限。")
        else:
            sentence = _("{who} 没有可去的网格。请放宽距离或取消“不去”。")
        said.append(sentence.format(who=who, where=where, **{k: broken[k] for k in ("needed", "staff", "seats")}))
    return said


def _map(
    draft: StaffingDraft, people: Sequence[StaffingPerson], grids: Sequence[StaffedGrid], *, now: datetime
) -> dict[str, Any] | None:
    """Lines from where people come to their grids. Points given for this draft are rough, and gone once it is out."""
    outlines = staffing.outlines_of(draft.area_code)
    if not outlines:
        return None
    points = staffing.starting_points(people, now=now)
    at = {grid.id: (grid.lon, grid.lat) for grid in grids}
    lines = [
        _line(row, points[row.person_id], at[row.grid_id])
        for row in people
        if row.grid_id in at and row.person_id in points and change_of(row) != STAYS
    ]
    shown = [*outlines.values(), *(shapely.geometry.shape(line["geometry"]) for line in lines)]
    base = [
        {"id": name, "kind": kind, "url": f"{reverse('places:layer', args=[name])}?area={draft.area_code}"}
        for name, kind in BASE
    ]
    return {
        "bounds": [round(float(edge), 6) for edge in shapely.total_bounds(shown)],
        "layers": [
            *base,
            {"id": "staffed", "kind": "grid", "data": _collection(_areas(outlines, people, grids))},
            {"id": "ways", "kind": "link", "data": _collection(lines)},
        ],
        "legend": [
            {"tone": TONES[MOVES], "label": _("调整")},
            {"tone": TONES[COMES], "label": _("新任")},
            {"tone": "bad", "label": _("没有人")},
        ],
    }


def _line(row: StaffingPerson, start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    label = f"{row.person.name} → {row.grid.place.name if row.grid else ''}"
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [start, end]},
        "properties": {"label": label, "tone": TONES[change_of(row)]},
    }


def staffing_geojson(page: StaffingPage) -> dict[str, Any]:
    """Return the grids and the ways of those who move, for other maps; empty where no grid has an outline."""
    layers = page.map["layers"] if page.map else []
    return _collection([feature for layer in layers if "data" in layer for feature in layer["data"]["features"]])


def _areas(
    outlines: Mapping[int, BaseGeometry], people: Sequence[StaffingPerson], grids: Sequence[StaffedGrid]
) -> list[dict[str, Any]]:
    names: dict[int, list[str]] = {}
    for row in people:
        if row.grid_id:
            names.setdefault(row.grid_id, []).append(row.person.name)
    return [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.set_precision(outlines[grid.id], DEGREES_KEPT)),
            "properties": {
                "label": f"{grid.name} {listed(names.get(grid.id, []))}".strip(),
                **({} if grid.id in names else {"tone": "bad"}),
            },
        }
        for grid in grids
        if grid.id in outlines
    ]


def _collection(features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


@dataclass(frozen=True)
class StaffingList:
    """The drafts of an area, and what a new one may be about."""

    entries: tuple[DraftEntry, ...]
    areas: tuple[Area, ...]
    posts: tuple[tuple[str, str], ...]


def staffing_list(own: Area, *, now: datetime) -> StaffingList:
    first, last = places.code_range(own.code)
    known = places.areas.get()
    return StaffingList(
        entries=tuple(draft_entries(staffing.listed([own.code]))),
        areas=tuple(known[code] for code in sorted(known) if first <= code <= last),
        posts=tuple((post.code, post_name(post)) for post in staffing.grid_posts(now=now)),
    )


def people_to_add(page: StaffingPage, asked: str) -> list[User]:
    """Return people with an account who are called so and are not in the draft yet."""
    if not asked.strip() or not page.is_open:
        return []
    inside = {row.person_id for row in page.rows}
    return [person for person in posts.people_found(asked.strip()) if person.pk not in inside]
