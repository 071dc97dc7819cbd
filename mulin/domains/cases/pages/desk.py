"""The desk's queue: figures, filters, saved views, rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from mulin.core.listed import listed
from mulin.domains.accounts.models import User
from mulin.domains.cases.models import SavedView
from mulin.domains.cases.moving import Outcome
from mulin.domains.cases.pages.labels import (
    CHANNEL_LABELS,
    STATUS_TONES,
    TIER_LABELS,
    Words,
    area_name,
    case_number,
    in_language,
    place_words,
    words_or_erased,
)
from mulin.domains.cases.queries import directory, holders, queue
from mulin.domains.cases.queries.filters import STATES, Filters
from mulin.domains.cases.states import OPEN, Status
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places
from mulin.domains.places.models import PlaceKind

REFRESH_S = 20


@dataclass(frozen=True)
class Row:
    pk: int
    number: str
    url: str
    title: str
    category: str
    place: str
    status: Words
    tone: str
    holder: str
    post: str
    reported_at: datetime
    started_at: datetime
    due_at: datetime | None
    is_open: bool
    paused: bool
    flags: tuple[tuple[str, Words], ...]
    is_new: bool


@dataclass(frozen=True)
class Option:
    value: str
    label: Words
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """One select of the filter bar."""

    name: str
    label: Words
    options: tuple[Option, ...]
    groups: tuple[tuple[Words, tuple[Option, ...]], ...] = ()


@dataclass(frozen=True)
class Figure:
    label: Words
    value: int
    tone: str
    url: str
    current: bool


@dataclass(frozen=True)
class ViewChip:
    pk: int
    name: str
    url: str
    current: bool


@dataclass(frozen=True)
class Table:
    """The part of the queue that fetches itself again."""

    rows: tuple[Row, ...]
    figures: tuple[Figure, ...]
    next_url: str
    previous_url: str
    first_url: str
    live_url: str
    back: str
    came: int
    came_url: str
    narrowed: bool


@dataclass(frozen=True)
class Queue:
    subtitle: str
    filters: Filters
    choices: tuple[Choice, ...]
    views: tuple[ViewChip, ...]
    table: Table
    clear_url: str
    export_query: str
    map_url: str
    more_open: bool
    """Whether one of the less common filters is in use, so that they stand open."""


def _address(filters: Filters, **keys: str) -> str:
    query = {**filters.as_query(), **{name: value for name, value in keys.items() if value}}
    return f"{reverse('cases:queue')}{'?' + urlencode(query) if query else ''}"


def table(
    user: User, filters: Filters, *, now: datetime, after: str = "", before: str = "", seen: int | None = None
) -> Table:
    """Build the table; `seen` is the newest case the person has been shown, from which on cases count as new."""
    page = queue.page(user, filters, now=now, after=after, before=before)
    counts = queue.counts(user, now=now)
    came = queue.count_since(user, filters, newest=seen, now=now) if seen is not None else 0
    keys = {"after": after, "before": before}
    return Table(
        rows=tuple(_rows(page.rows, newest=seen)),
        figures=_figures(counts, filters),
        next_url=_address(filters, after=page.next_key) if page.next_key else "",
        previous_url=_address(filters, before=page.previous_key) if page.previous_key else "",
        first_url=_address(filters) if after or before else "",
        live_url=_address(filters, **keys, seen=str(counts.newest if seen is None else seen)),
        back=_address(filters, **keys),
        came=came,
        came_url=_address(replace(filters, sort="newest")),
        narrowed=bool({k: v for k, v in filters.as_query().items() if k != "sort"}),
    )


def _rows(found: Iterable[queue.Row], *, newest: int | None) -> Iterable[Row]:
    names, rules = directory.category_names(), directory.rules_by_id()
    for row in found:
        rule = rules.get(row["rule_id"])
        yield Row(
            pk=row["pk"],
            number=case_number(row["pk"], row["reported_at"]),
            url=reverse("cases:detail", args=[row["pk"]]),
            title=words_or_erased(row["excerpt"]),
            category=names.get(row["category_id"], ""),
            place=place_words(row["area_code"], row["place__name"], row["address_text"]),
            status=Status(row["status"]).label,
            tone=STATUS_TONES[Status(row["status"])],
            holder=row["holder_tenure__holder__name"] or row["holder_organisation__name"] or "",
            post=holder_post(row),
            reported_at=row["reported_at"],
            started_at=row["clock_started_at"],
            due_at=row["resolve_due_at"],
            is_open=row["status"] in OPEN,
            paused=row["status"] == Status.PAUSED,
            flags=tuple(_flags(row, urgent=bool(rule and rule.urgent))),
            is_new=newest is not None and row["pk"] > newest,
        )


def holder_post(row: Mapping[str, object]) -> str:
    """Return where and in which post the holder of a row stands."""
    post = in_language(
        str(row["holder_tenure__post_kind__name_zh"] or ""), str(row["holder_tenure__post_kind__name_en"] or "")
    )
    return " ".join(part for part in (str(row["holder_tenure__place__name"] or ""), post) if part)


def _flags(row: queue.Row, *, urgent: bool) -> Iterable[tuple[str, Words]]:
    if urgent:
        yield "bad", _("紧急")
    if row["emergency"]:
        yield "bad", _("急时")
    if row["round"] > 1:
        yield "warn", _("第 %(n)d 次办理") % {"n": row["round"]}


def _figures(counts: queue.Counts, filters: Filters) -> tuple[Figure, ...]:
    def figure(label: str, value: int, tone: str, state: str) -> Figure:
        url = _address(replace(Filters(), state=state, area=filters.area))
        return Figure(label, value, tone if value else "neutral", url, filters.state == state and bool(state))

    return (
        figure(_("在办"), counts.open, "neutral", ""),
        figure(_("已超时"), counts.overdue, "bad", "overdue"),
        figure(_("24 小时内到期"), counts.soon, "warn", "soon"),
        figure(_("未接单"), counts.unaccepted, "neutral", "unaccepted"),
        figure(_("退单待审"), counts.returned, "warn", "returned"),
        figure(_("待评价"), counts.unrated, "neutral", "unrated"),
    )


def page(user: User, filters: Filters, *, now: datetime, after: str = "", before: str = "") -> Queue:
    """Build the whole queue page."""
    scope = duty.scope_of(user, "cases.desk", now=now)
    query = filters.as_query()
    return Queue(
        subtitle=listed(area_name(code) for code in scope.area_codes),
        filters=filters,
        choices=filter_choices(filters, scope.area_codes),
        views=tuple(_chips(queue.saved_views(user), filters)),
        table=table(user, filters, now=now, after=after, before=before),
        clear_url=reverse("cases:queue"),
        export_query=urlencode(query),
        map_url=f"{reverse('cases:map')}?{urlencode(query)}",
        more_open=bool(filters.tier or filters.channel or filters.since or filters.until or filters.grid),
    )


def _chips(views: Iterable[SavedView], filters: Filters) -> Iterable[ViewChip]:
    mine = filters.as_query()
    for view in views:
        url = f"{reverse('cases:queue')}?{urlencode(view.filters)}"
        yield ViewChip(view.pk, view.name, url, view.filters == mine)


def filter_choices(filters: Filters, area_codes: tuple[str, ...]) -> tuple[Choice, ...]:
    """Return the selects of the filter bar."""
    return tuple(_choices(filters, area_codes))


def _choices(filters: Filters, area_codes: tuple[str, ...]) -> Iterable[Choice]:
    yield _choice("status", _("状态"), filters.status, _status_options(), _("全部在办"))
    yield _choice("state", _("紧急程度"), filters.state, _state_options(), _("不限"))
    yield _category_choice(filters)
    yield _choice("area", _("区域"), filters.area, _area_options(filters, area_codes), _("全部辖区"))
    community = filters.area or (area_codes[0] if len(area_codes) == 1 else "")
    if grids := _grid_options(community):
        yield _choice("grid", _("网格"), str(filters.grid or ""), grids, _("不限"))
    tiers = [(str(tier), label) for tier, label in TIER_LABELS.items()]
    yield _choice("tier", _("承办层级"), str(filters.tier or ""), tiers, _("不限"))
    yield _choice("channel", _("来源"), filters.channel, list(CHANNEL_LABELS.items()), _("不限"))


def _choice(name: str, label: Words, chosen: str, options: Iterable[tuple[str, Words]], every: Words) -> Choice:
    found = (Option(value, words, value == chosen) for value, words in options)
    return Choice(name, label, (Option("", every, not chosen), *found))


def _status_options() -> list[tuple[str, Words]]:
    statuses: list[tuple[str, Words]] = [(status.value, status.label) for status in Status]
    return [("settled", _("全部已办结")), ("all", _("全部状态")), *statuses]


def _state_options() -> list[tuple[str, Words]]:
    words = {
        "overdue": _("已超时"),
        "soon": _("24 小时内到期"),
        "unaccepted": _("未接单"),
        "returned": _("退单待审"),
        "reopened": _("重新办理"),
        "unrated": _("待评价"),
    }
    return [(state, words[state]) for state in STATES]


def _category_choice(filters: Filters) -> Choice:
    """Groups first; the kinds of a group once it is chosen, as nobody reads ninety lines."""
    newest = {c.code: c for c in reversed(directory.categories())}
    groups = {c.group_code: in_language(c.group_zh, c.group_en) for c in sorted(newest.values(), key=lambda c: c.code)}
    chosen = f"c{filters.category}" if filters.category else f"g{filters.group}" if filters.group else ""
    options = [(f"g{code}", name) for code, name in groups.items()]
    choice = _choice("kind", _("分类"), chosen, options, _("全部分类"))
    open_group = filters.group or next((c.group_code for c in newest.values() if c.code == filters.category), "")
    kinds = tuple(
        Option(f"c{c.code}", in_language(c.name_zh, c.name_en), c.code == filters.category)
        for c in sorted(newest.values(), key=lambda c: c.code)
        if c.group_code == open_group
    )
    return replace(choice, groups=((groups[open_group], kinds),) if kinds else ())


def _area_options(filters: Filters, area_codes: tuple[str, ...]) -> list[tuple[str, Words]]:
    """Own areas' children; below the chosen one its own, indented."""
    options: list[tuple[str, Words]] = []
    path = places.ancestor_codes(filters.area) if filters.area else []
    for own in area_codes:
        if len(area_codes) > 1:
            options.append((own, area_name(own)))
        for child in places.children_of(own) if own in places.areas.get() else []:
            options.append((child.code, child.name))
            if child.code in path:
                options += [(below.code, f"\u3000{below.name}") for below in places.children_of(child.code)]
    known = {value for value, _label in options}
    if filters.area and filters.area not in known:
        options.insert(0, (filters.area, area_name(filters.area)))
    return options


def _grid_options(area_code: str) -> list[tuple[str, Words]]:
    area = places.areas.get().get(area_code)
    if area is None or area.kind != PlaceKind.COMMUNITY:
        return []
    grids = [grid for grid in places.layers["grids"].get().drawn if grid.area_code == area_code]
    return [(str(grid.id), grid.label) for grid in sorted(grids, key=lambda grid: grid.code)]


@dataclass(frozen=True)
class HandTo:
    """Whom the chosen cases can be handed to."""

    seats: tuple[tuple[Words, tuple[tuple[str, str], ...]], ...]
    departments: tuple[tuple[str, str], ...]


def hand_to(user: User, *, now: datetime) -> HandTo:
    """Build the choices of the bulk dialog."""
    codes = duty.scope_of(user, "cases.desk", now=now).area_codes
    found = holders.for_many(codes, now=now)
    departments = tuple((f"organisation:{one.organisation_id}", one.name) for one in found.departments)
    return HandTo(seat_groups(found.seats), departments)


def seat_groups(
    seats: Iterable[holders.SeatChoice],
) -> tuple[tuple[Words, tuple[tuple[str, str], ...]], ...]:
    """Return seats by tier, as (value, words) for a select."""
    tiers: dict[int, list[tuple[str, str]]] = {}
    for seat in seats:
        away = _("（离岗）") if seat.away else ""
        words = f"{seat.place} · {seat.post} · {seat.holder}{away}"
        tiers.setdefault(seat.tier, []).append((f"tenure:{seat.tenure_id}", words))
    return tuple((TIER_LABELS[tier], tuple(found)) for tier, found in tiers.items())


@dataclass(frozen=True)
class Result:
    number: str
    url: str
    done: bool
    words: str
    remedy: str
    code: str


def results(outcomes: Iterable[Outcome]) -> list[Result]:
    """Build the list of what became of each case of a bulk dispatch, refusals first."""
    found = [
        Result(
            number=one.number or f"#{one.case_id}",
            url=reverse("cases:detail", args=[one.case_id]) if one.number else "",
            done=one.refusal is None,
            words=str(one.refusal) if one.refusal else _("已派给 %(holder)s") % {"holder": one.holder},
            remedy=str(one.refusal.remedy) if one.refusal else "",
            code=one.refusal.code if one.refusal else "",
        )
        for one in outcomes
    ]
    return sorted(found, key=lambda result: result.done)
