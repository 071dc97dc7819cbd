"""Open cases a desk may merge: near in place and time, alike in category and words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from rapidfuzz import fuzz

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import directory
from mulin.domains.cases.queries.lists import visible_to
from mulin.domains.cases.states import OPEN

METRES_PER_DEGREE = 111_320.0
MOST_COMPARED = 200
MOST_SHOWN = 6
LEAST_SCORE = 0.45
LETTERS_COMPARED = 400
# What speaks for one and the same matter; the shares add up to 1.
WORDS, CATEGORY, PLACE, TIME = 0.4, 0.3, 0.2, 0.1
SAME_GROUP = 0.5
"""Worth of another category of the same group, against 1 for the same category."""
UNKNOWN_DISTANCE = 0.5


@dataclass(frozen=True)
class Duplicate:
    """A case that may be the same matter, with how much speaks for it (0–1)."""

    pk: int
    text: str
    status: str
    category_id: int
    reported_at: datetime
    place: str
    score: float
    metres: int | None
    same_building: bool


@dataclass(frozen=True)
class _Reach:
    window: timedelta
    radius_m: float


def duplicates_of(user: User, case: Case, *, now: datetime) -> list[Duplicate]:
    """Return open cases of the same community that may be the same matter, likeliest first; one query."""
    reach = _Reach(
        timedelta(days=directory.policy("duplicate_window_days", now=now, area_code=case.area_code)),
        directory.policy("duplicate_radius_m", now=now, area_code=case.area_code),
    )
    near = (
        visible_to(user, now=now)
        .filter(_nearby(case, reach.radius_m), area_code=case.area_code, status__in=OPEN)
        .filter(reported_at__gte=case.reported_at - reach.window, reported_at__lte=case.reported_at + reach.window)
        .exclude(pk=case.pk)
        .order_by("-pk")
        .values("pk", "text", "status", "category_id", "reported_at", "place__name", "lon", "lat", "building_id")
    )
    groups = {c.pk: c.group_code for c in directory.categories()}
    scored = [_scored(case, row, groups, reach) for row in near[:MOST_COMPARED]]
    likely = [one for one in scored if one.score >= LEAST_SCORE]
    return sorted(likely, key=lambda one: (-one.score, one.pk))[:MOST_SHOWN]


def _nearby(case: Case, radius_m: float) -> Q:
    """Return the condition for the same building or a box of `radius_m` around; anywhere for a case without a point."""
    if case.lon is None or case.lat is None:
        return Q(building=case.building_id) if case.building_id else Q()
    dy = radius_m / METRES_PER_DEGREE
    dx = dy / max(math.cos(math.radians(case.lat)), 0.01)
    box = Q(lon__gte=case.lon - dx, lon__lte=case.lon + dx, lat__gte=case.lat - dy, lat__lte=case.lat + dy)
    return box | Q(building=case.building_id) if case.building_id else box


def _scored(case: Case, row: Mapping[str, Any], groups: dict[int, str], reach: _Reach) -> Duplicate:
    metres = _metres(case, row["lon"], row["lat"])
    same_building = case.building_id is not None and row["building_id"] == case.building_id
    age = 1 - abs(row["reported_at"] - case.reported_at) / reach.window
    score = (
        WORDS * _alike(case.text, row["text"])
        + CATEGORY * _same_kind(case.category_id, row["category_id"], groups)
        + PLACE * (1.0 if same_building else _nearness(metres, reach.radius_m))
        + TIME * max(age, 0.0)
    )
    return Duplicate(
        pk=row["pk"],
        text=row["text"],
        status=row["status"],
        category_id=row["category_id"],
        reported_at=row["reported_at"],
        place=row["place__name"] or "",
        score=score,
        metres=None if metres is None else round(metres),
        same_building=same_building,
    )


def _alike(one: str, other: str) -> float:
    """Compare by letters: Chinese is written without spaces, and the order of a sentence says little."""
    one, other = one[:LETTERS_COMPARED], other[:LETTERS_COMPARED]
    return max(fuzz.ratio(one, other), fuzz.partial_ratio(one, other)) / 100


def _same_kind(one: int, other: int, groups: dict[int, str]) -> float:
    if one == other:
        return 1.0
    return SAME_GROUP if groups.get(one) == groups.get(other) else 0.0


def _nearness(metres: float | None, radius_m: float) -> float:
    return UNKNOWN_DISTANCE if metres is None else max(0.0, 1 - metres / radius_m)


def _metres(case: Case, lon: float | None, lat: float | None) -> float | None:
    if lon is None or lat is None or case.lon is None or case.lat is None:
        return None
    dx = (lon - case.lon) * math.cos(math.radians(case.lat))
    return math.hypot(dx, lat - case.lat) * METRES_PER_DEGREE
