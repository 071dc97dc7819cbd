"""What a desk narrows a list of cases to: read from an address or a saved view, applied to a queryset."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import codes
from mulin.core.encryption import keyed_hashes
from mulin.core.errors import Invalid
from mulin.domains.cases import rules
from mulin.domains.cases.models import Case, Channel, Reporter
from mulin.domains.cases.queries import directory
from mulin.domains.cases.states import OPEN, SETTLED, Status
from mulin.domains.places import queries as places
from mulin.domains.places.models import Tier

SOON = timedelta(hours=24)
LONGEST_SEARCH = 100
FIRST_YEAR, LAST_YEAR = 2000, 2100
STATUSES = {"open": OPEN, "settled": SETTLED, "all": tuple(Status)}
STATES = ("overdue", "soon", "unaccepted", "returned", "reopened", "unrated")
SORTS = ("deadline", "newest")
_NUMBER = re.compile(r"\d{8}-(\d{1,15})")
_DIGITS = re.compile(r"[0-9]{1,18}")


class FilterInvalid(Invalid):
    code = "filter_invalid"
    sentence = _("有一个筛选条件无法识别。")
    remedy = _("请清除筛选条件后重新选择。")


@dataclass(frozen=True)
class Filters:
    """Empty means: not narrowed. `status` empty means the open ones, unless one case is asked for by its number."""

    status: str = ""
    state: str = ""
    group: str = ""
    category: str = ""
    area: str = ""
    grid: int | None = None
    tier: int | None = None
    urgent: bool = False
    channel: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    sort: str = "deadline"

    def as_query(self) -> dict[str, str]:
        """Return the filters as they stand in an address or a saved view; what is not narrowed is left out."""
        given = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return {name: "1" if value is True else str(value) for name, value in given.items()}

    @property
    def only_open(self) -> bool:
        if self.state == "unrated":
            return False
        return self.status in ("", "open", *OPEN) and not (self.status == "" and identifier(self.text))


def _one_of(values: Mapping[str, str], name: str, allowed: Container[str]) -> str:
    value = values.get(name, "")
    if value and value not in allowed:
        raise FilterInvalid(field=name)
    return value


def _number(values: Mapping[str, str], name: str) -> int | None:
    value = values.get(name, "")
    if value and not _DIGITS.fullmatch(value):
        raise FilterInvalid(field=name)
    return int(value) if value else None


def _day(values: Mapping[str, str], name: str) -> date | None:
    value = values.get(name, "")
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise FilterInvalid(field=name) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise FilterInvalid(field=name)
    return day


def read(values: Mapping[str, str]) -> Filters:
    """Return the filters of an address or a saved view. Days given the wrong way round are put right.

    Raises FilterInvalid.
    """
    area, tier = values.get("area", ""), _number(values, "tier")
    if area and area not in places.areas.get():
        raise FilterInvalid(field="area")
    if tier is not None and tier not in Tier.values:
        raise FilterInvalid(field="tier")
    since, until = _day(values, "since"), _day(values, "until")
    if since and until and since > until:
        since, until = until, since
    group, category = _kind_asked_for(values)
    return Filters(
        status=_one_of(values, "status", {*STATUSES, *Status.values}),
        state=_one_of(values, "state", STATES),
        group=group,
        category=category,
        area=area,
        grid=_number(values, "grid"),
        tier=tier,
        urgent=values.get("urgent", "") == "1",
        channel=_one_of(values, "channel", Channel.values),
        since=since,
        until=until,
        text=values.get("text", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        sort=_one_of(values, "sort", SORTS) or "deadline",
    )


def _kind_asked_for(values: Mapping[str, str]) -> tuple[str, str]:
    """Return group and category; the filter bar has one select for both, `kind`: g01 a group, c0101 a category."""
    kind = values.get("kind", "")
    given = {"group": kind[1:]} if kind[:1] == "g" else {"category": kind[1:]} if kind[:1] == "c" else values
    group = _one_of(given, "group", {c.group_code for c in directory.categories()})
    return group, _one_of(given, "category", {c.code for c in directory.categories()})


def narrowed(cases: QuerySet[Case], filters: Filters, *, now: datetime) -> QuerySet[Case]:
    """Return those of `cases` that the filters let through."""
    return cases.filter(_standing(filters, now=now), _kind(filters), _where(filters), _when(filters), _said(filters))


def day_starts_at(day: date) -> datetime:
    """Return midnight in Asia/Shanghai, the time a day of the pages begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _standing(filters: Filters, *, now: datetime) -> Q:
    states = {
        "overdue": Q(resolve_due_at__lt=now),
        "soon": Q(resolve_due_at__gte=now, resolve_due_at__lt=now + SOON),
        "unaccepted": Q(status=Status.DISPATCHED),
        "returned": Q(status=Status.RETURNED),
        "reopened": Q(round__gt=1),
        "unrated": Q(status=Status.RESOLVED),
    }
    condition = states.get(filters.state, Q())
    if filters.only_open:
        condition &= Q(status__in=STATUSES["open"])
    if filters.status in STATUSES and filters.status != "all":
        condition &= Q(status__in=STATUSES[filters.status])
    elif filters.status in Status.values:
        condition &= Q(status=filters.status)
    return condition


def _kind(filters: Filters) -> Q:
    condition = Q()
    if filters.group:
        condition &= Q(category__in=[c.pk for c in directory.categories() if c.group_code == filters.group])
    if filters.category:
        condition &= Q(category__in=[c.pk for c in directory.categories() if c.code == filters.category])
    if filters.urgent:
        urgent = [pk for pk, rule in directory.rules_by_id().items() if rule.urgent]
        condition &= Q(rule__in=urgent) | Q(emergency=True)
    return condition


def _where(filters: Filters) -> Q:
    condition = places.within(filters.area) if filters.area else Q()
    if filters.grid is not None:
        condition &= Q(grid=filters.grid)
    if filters.tier is not None:
        condition &= Q(tier=filters.tier)
    return condition


def _when(filters: Filters) -> Q:
    condition = Q(channel=filters.channel) if filters.channel else Q()
    if filters.since:
        condition &= Q(reported_at__gte=day_starts_at(filters.since))
    if filters.until:
        condition &= Q(reported_at__lt=day_starts_at(filters.until + timedelta(days=1)))
    return condition


def identifier(text: str) -> Q | None:
    """Return the condition for one case when `text` is its number, its receipt code or a reporter's phone."""
    if number := _NUMBER.fullmatch(text):
        return Q(pk=int(number[1]))
    code = codes.normalised(text)
    if len(code) == codes.RECEIPT_LENGTH and text.isascii() and set(code) <= set(codes.ALPHABET):
        return Q(receipt_code=code) | _by_phone(text)
    return _by_phone(text) if rules.is_phone(text) else None


def phone_of(text: str) -> str:
    """Return the number when `text` finds cases by a reporter's phone, else nothing."""
    return rules.phone_key(text) if rules.is_phone(text) and not _NUMBER.fullmatch(text) else ""


def _by_phone(text: str) -> Q:
    if not rules.is_phone(text):
        return Q(pk__in=[])
    return Q(pk__in=Reporter.objects.filter(phone_hash__in=keyed_hashes(rules.phone_key(text))).values("case"))


def _said(filters: Filters) -> Q:
    if not filters.text:
        return Q()
    return identifier(filters.text) or Q(search_text__icontains=filters.text)
