"""Exceptions from the burden rules: which hold, and which indicators may be counted for a day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Q

from mulin.core.burden.linter import Definition, Finding, Kind, judge
from mulin.domains.accounts.models import User
from mulin.domains.cases.models import BurdenException, Policy
from mulin.domains.cases.queries import emergencies
from mulin.domains.places import queries as places

MOST_SHOWN = 100


def indicator(row: Mapping[str, str]) -> Definition:
    """Return a row of indicators as the linter reads it."""
    return Definition(
        row.get("code") or row.get("name", ""),
        Kind.INDICATOR,
        name_zh=row.get("name_zh") or row.get("note_zh", ""),
        name_en=row.get("name_en") or row.get("note_en", ""),
        unit=row.get("unit", ""),
        per=row.get("per", ""),
    )


def lawful(
    found: Iterable[Mapping[str, str]], area_code: str, begins_at: datetime, ends_at: datetime
) -> list[Mapping[str, str]]:
    """Return the indicators that may be counted for a time: those no article forbids, and those excepted then.

    Whatever way a row got into the database: an exception that is over takes its indicator with it.
    """
    judged = [(row, indicator(row)) for row in found]
    forbidden = {one.code: {f.ban.code for f in judge(one)} for _row, one in judged}
    allowed = _excepted(area_code, begins_at, ends_at) if any(forbidden.values()) else set()
    return [row for row, one in judged if all((one.code, ban) in allowed for ban in forbidden[one.code])]


def forbidden_indicators() -> Iterator[tuple[Definition, Finding]]:
    """Yield the indicators in the database that an article forbids, whoever put them there."""
    for policy in Policy.objects.filter(name="rate_definitions").order_by("pk"):
        for one in map(indicator, policy.value):
            yield from ((one, finding) for finding in judge(one))


def in_force(area_code: str, *, now: datetime) -> set[tuple[str, str]]:
    """Return (definition, ban) excepted at a moment."""
    return _excepted(area_code, now, now)


def _excepted(area_code: str, begins_at: datetime, ends_at: datetime) -> set[tuple[str, str]]:
    above = [*places.ancestor_codes(area_code), area_code]
    rows = BurdenException.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=begins_at),
        emergency__area__area_code__in=above,
        asked_at__lte=ends_at,
        ends_at__gt=begins_at,
    ).exclude(emergency__ended_at__lte=begins_at)
    return set(rows.values_list("definition", "ban"))


def visible_to(user: User, *, now: datetime) -> list[BurdenException]:
    """Return the exceptions of emergencies a person may see, latest first."""
    rows = BurdenException.objects.filter(emergency__in=emergencies.visible_to(user, now=now))
    return list(rows.select_related("emergency__area", "asked_by").order_by("-asked_at", "-pk")[:MOST_SHOWN])


def is_running(one: BurdenException, *, now: datetime) -> bool:
    return one.ended_at is None and one.ends_at > now and one.emergency.ended_at is None
