"""The map of open cases and the page of emergency mode (急时)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mulin.core.burden.linter import bans
from mulin.core.listed import listed
from mulin.domains.accounts.models import User
from mulin.domains.cases import access
from mulin.domains.cases.models import BurdenException, Emergency
from mulin.domains.cases.pages.desk import Choice, filter_choices
from mulin.domains.cases.pages.desk_detail import base_layers
from mulin.domains.cases.pages.labels import STATUS_TONES, Words, area_name, case_number
from mulin.domains.cases.queries import burden, directory, emergencies, queue
from mulin.domains.cases.queries.filters import FilterInvalid, Filters
from mulin.domains.cases.queries.queue import Box
from mulin.domains.cases.states import Status
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places
from mulin.web.urgency import urgency_tone

MOST_LISTED = 60
DEFAULT_HOURS = 12
DECIMALS = 6


@dataclass(frozen=True)
class MapPage:
    subtitle: str
    filters: Filters
    choices: tuple[Choice, ...]
    config: dict[str, Any]
    list_url: str
    clear_url: str
    queue_url: str
    more_open: bool


@dataclass(frozen=True)
class MapRow:
    url: str
    title: str
    place: str
    status: Words
    tone: str
    urgency: str
    due_at: datetime | None
    started_at: datetime
    paused: bool


@dataclass(frozen=True)
class MapList:
    rows: tuple[MapRow, ...]
    more: int
    """How many open cases of the frame are not listed."""
    cut: bool
    """Whether there are more than the map draws."""


def box_of(text: str) -> Box | None:
    """Read west,south,east,north. Raises FilterInvalid."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise FilterInvalid(field="bbox") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise FilterInvalid(field="bbox")
    return west, south, east, north


def map_page(user: User, filters: Filters, *, now: datetime) -> MapPage:
    own = duty.scope_of(user, "cases.desk", now=now).area_codes
    area_code = filters.area or (own[0] if own else places.counties()[0].code)
    query = urlencode(filters.as_query())
    list_url = f"{reverse('cases:map-list')}?{query}"
    bounds = places.bounds_of(area_code)
    return MapPage(
        subtitle=listed(area_name(code) for code in own),
        filters=filters,
        choices=filter_choices(filters, own),
        config={
            **({"bounds": bounds} if bounds else {}),
            "layers": base_layers(area_code),
            "points": {
                "url": f"{reverse('cases:map-data')}?{query}",
                "cluster": True,
                "list": {"url": list_url, "target": "#map-cases"},
            },
            "legend": [
                {"tone": "bad", "label": _("已超时")},
                {"tone": "warn", "label": _("快到期")},
                {"tone": "good", "label": _("时间充裕")},
                {"tone": "neutral", "label": pgettext("badge", "暂停计时")},
            ],
        },
        list_url=list_url,
        clear_url=reverse("cases:map"),
        queue_url=f"{reverse('cases:queue')}?{query}",
        more_open=bool(filters.tier or filters.channel or filters.since or filters.until),
    )


def _urgency(row: queue.Row, now: datetime) -> str:
    if row["resolve_due_at"] is None:
        return "neutral"
    return urgency_tone(due_at=row["resolve_due_at"], now=now, started_at=row["clock_started_at"])


def map_data(user: User, filters: Filters, box: Box | None, *, now: datetime) -> dict[str, Any]:
    """Return the points of the open cases as GeoJSON: category, urgency and address of the page; nobody's words."""
    names = directory.category_names()
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [round(row["lon"], DECIMALS), round(row["lat"], DECIMALS)],
            },
            "properties": {
                "label": names.get(row["category_id"], ""),
                "tone": _urgency(row, now),
                "url": reverse("cases:detail", args=[row["pk"]]),
            },
        }
        for row in queue.on_map(user, filters, now=now, box=box)
    ]
    return {"type": "FeatureCollection", "features": features}


def map_list(user: User, filters: Filters, box: Box | None, *, now: datetime) -> MapList:
    found = queue.on_map(user, filters, now=now, box=box)
    names = directory.category_names()
    rows = tuple(
        MapRow(
            url=reverse("cases:detail", args=[row["pk"]]),
            title=names.get(row["category_id"], ""),
            place=f"{row['place__name'] or area_name(row['area_code'])} · {case_number(row['pk'], row['reported_at'])}",
            status=Status(row["status"]).label,
            tone=STATUS_TONES[Status(row["status"])],
            urgency=_urgency(row, now),
            due_at=row["resolve_due_at"],
            started_at=row["clock_started_at"],
            paused=row["status"] == Status.PAUSED,
        )
        for row in found[:MOST_LISTED]
    )
    return MapList(rows, len(found) - len(rows), len(found) >= queue.MOST_ON_MAP)


@dataclass(frozen=True)
class EmergencyView:
    pk: int
    area: str
    reason: str
    began_by: str
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str
    may_end: bool
    latest: str

    @property
    def key(self) -> str:
        return str(self.pk)


@dataclass(frozen=True)
class ExceptionView:
    """What is asked of workers in an emergency although it is forbidden otherwise."""

    emergency_id: int
    area: str
    name: str
    ban: str
    article: str
    reason: str
    basis: str
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    is_running: bool


@dataclass(frozen=True)
class EmergencyPage:
    running: tuple[EmergencyView, ...]
    exceptions: tuple[ExceptionView, ...]
    past: tuple[EmergencyView, ...]
    may_switch: bool
    areas: tuple[tuple[str, str], ...]
    ends_at: str
    latest: str
    hours: int


def emergency_page(user: User, *, now: datetime) -> EmergencyPage:
    own = duty.scope_of(user, access.SWITCH, now=now).area_codes
    may_switch = bool(own)
    seen = duty.scope_of(user, "cases.see_emergency", now=now).area_codes
    region = next(iter((*own, *seen)), "") or places.counties()[0].code
    hours = int(directory.policy("emergency_longest_hours", now=now, area_code=region))

    def view(one: Emergency) -> EmergencyView:
        mine = bool(set(own).intersection(places.ancestor_codes(one.area.area_code)))
        return EmergencyView(
            one.pk, one.area.name, one.reason, one.began_by.name, one.began_at, one.ends_at,
            one.ended_at or (one.ends_at if one.ends_at <= now else None),
            one.ended_by.name if one.ended_by else "", may_end=may_switch and mine,
            latest=_input_value(one.ends_at),
        )  # fmt: skip

    return EmergencyPage(
        running=tuple(view(one) for one in emergencies.running(user, now=now)),
        exceptions=exception_views(user, now=now),
        past=tuple(view(one) for one in emergencies.past(user, now=now)),
        may_switch=may_switch,
        areas=tuple(_areas_below(own)) if may_switch else (),
        ends_at=_input_value(now + timedelta(hours=min(DEFAULT_HOURS, hours))),
        latest=_input_value(now + timedelta(hours=hours)),
        hours=hours,
    )


def exception_views(user: User, *, now: datetime) -> tuple[ExceptionView, ...]:
    return tuple(exception_view(one, now=now) for one in burden.visible_to(user, now=now))


def exception_view(one: BurdenException, *, now: datetime) -> ExceptionView:
    ban = bans()[one.ban]
    return ExceptionView(
        one.emergency_id, one.emergency.area.name, one.name, ban.name, ban.article, one.reason, one.basis,
        one.asked_by.name, one.asked_at, one.ended_at or one.ends_at, burden.is_running(one, now=now),
    )  # fmt: skip


def _input_value(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def _areas_below(area_codes: Iterable[str]) -> Iterable[tuple[str, str]]:
    for own in area_codes:
        yield own, area_name(own)
        for child in places.children_of(own):
            yield child.code, f"\u3000{child.name}"
            for below in places.children_of(child.code):
                yield below.code, f"\u3000\u3000{below.name}"
