"""The desk's list: pages by key in both directions, counts at its top, the same rows for export and map."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OrderBy, Q, QuerySet
from django.db.models.functions import Left

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Case, SavedView
from mulin.domains.cases.queries.filters import SOON, FilterInvalid, Filters, narrowed
from mulin.domains.cases.queries.lists import visible_to
from mulin.domains.cases.redaction import words_of
from mulin.domains.cases.states import OPEN, Status

PER_PAGE = 50
EXCERPT_LETTERS = 120
MOST_ON_MAP = 3_000
Row = dict[str, Any]
Box = tuple[float, float, float, float]

COLUMNS = (
    "pk", "status", "excerpt", "category_id", "rule_id", "area_code", "place__name", "place__kind", "grid__name",
    "address_text", "tier", "holder_tenure__holder__name", "holder_tenure__post_kind__name_zh",
    "holder_tenure__post_kind__name_en", "holder_tenure__place__name", "holder_organisation__name", "reported_at",
    "clock_started_at", "resolve_due_at", "accept_due_at", "round", "emergency", "channel",
)  # fmt: skip
EXPORTED = (
    "pk", "status", "text", "category_id", "rule_id", "area_code", "place__name", "grid__name", "address_text", "tier",
    "holder_tenure__holder__name", "holder_tenure__post_kind__name_zh", "holder_tenure__post_kind__name_en",
    "holder_tenure__place__name", "holder_organisation__name", "reported_at", "first_contact_at", "resolve_due_at",
    "resolved_at", "round", "channel", "result_text",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_key: str = ""
    previous_key: str = ""


@dataclass(frozen=True)
class Counts:
    """What waits at a desk. `newest` is the highest case id, for telling what came since."""

    open: int
    overdue: int
    soon: int
    unaccepted: int
    returned: int
    unrated: int
    newest: int


def listed(user: User, filters: Filters, *, now: datetime, to: str = "") -> QuerySet[Case]:
    """Cases of the desk's list: those `user` may see, or may do something with, narrowed."""
    return narrowed(visible_to(user, now=now, to=to), filters, now=now)


def page(user: User, filters: Filters, *, now: datetime, after: str = "", before: str = "") -> Page:
    """Return the rows after or before a key, in two queries. Raises FilterInvalid for a key that is none.

    Only ids are sorted; what a row shows is joined to those of the page alone. In one query PostgreSQL would join
    every case first: so many tables it does not put in order.
    """
    backwards, by_due = bool(before), filters.sort == "deadline" and filters.only_open
    cases, key = listed(user, filters, now=now), _read_key(before or after)
    if key is not None:
        cases = cases.filter(_beyond(key, by_due=by_due, backwards=backwards))
    order = _order(by_due=by_due, backwards=backwards)
    wanted = list(cases.order_by(*order).values_list("pk", flat=True)[: PER_PAGE + 1])
    shown = Case.objects.filter(pk__in=wanted).annotate(excerpt=Left("search_text", EXCERPT_LETTERS)).order_by(*order)
    found = [{**row, "excerpt": words_of(row["excerpt"])} for row in shown.values(*COLUMNS)]
    more, rows = len(found) > PER_PAGE, found[:PER_PAGE]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([])
    return Page(
        rows,
        next_key=_key(rows[-1], by_due=by_due) if more or backwards else "",
        previous_key=_key(rows[0], by_due=by_due) if (more if backwards else after) else "",
    )


@dataclass(frozen=True)
class _Key:
    pk: int
    due_at: datetime | None


def _order(*, by_due: bool, backwards: bool) -> list[OrderBy]:
    """Return the order of the list: by deadline with paused cases, which have none, at the end; or newest first."""
    if not by_due:
        return [F("pk").asc() if backwards else F("pk").desc()]
    if backwards:
        return [F("resolve_due_at").desc(nulls_first=True), F("pk").desc()]
    return [F("resolve_due_at").asc(nulls_last=True), F("pk").asc()]


def _beyond(key: _Key, *, by_due: bool, backwards: bool) -> Q:
    """Return the condition for what stands behind the key in the order of the list, or before it."""
    if not by_due:
        return Q(pk__gt=key.pk) if backwards else Q(pk__lt=key.pk)
    same = Q(resolve_due_at=key.due_at) if key.due_at else Q(resolve_due_at__isnull=True)
    beside = same & (Q(pk__lt=key.pk) if backwards else Q(pk__gt=key.pk))
    if key.due_at is None:
        return beside | Q(resolve_due_at__isnull=False) if backwards else beside
    if backwards:
        return beside | Q(resolve_due_at__lt=key.due_at)
    return beside | Q(resolve_due_at__gt=key.due_at) | Q(resolve_due_at__isnull=True)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _key(row: Row, *, by_due: bool) -> str:
    due_at = row["resolve_due_at"] if by_due else None
    return f"{(due_at - _EPOCH) // timedelta(microseconds=1) if due_at else ''}.{row['pk']}"


def _read_key(text: str) -> _Key | None:
    if not text:
        return None
    due, dot, pk = text.partition(".")
    if not dot or any(part and (not part.isascii() or not part.isdigit() or len(part) > 17) for part in (due, pk)):
        raise FilterInvalid(field="after")
    try:
        return _Key(int(pk), _EPOCH + timedelta(microseconds=int(due)) if due else None)
    except (ValueError, OverflowError):
        raise FilterInvalid(field="after") from None


def counts(user: User, *, now: datetime) -> Counts:
    """Return what waits, in one query over the open cases and those to be rated."""
    waiting = visible_to(user, now=now).filter(status__in=[*OPEN, Status.RESOLVED])
    is_open = Q(status__in=OPEN)
    found = waiting.aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(resolve_due_at__lt=now)),
        soon=Count("pk", filter=is_open & Q(resolve_due_at__gte=now, resolve_due_at__lt=now + SOON)),
        unaccepted=Count("pk", filter=Q(status=Status.DISPATCHED)),
        returned=Count("pk", filter=Q(status=Status.RETURNED)),
        unrated=Count("pk", filter=Q(status=Status.RESOLVED)),
        newest=Max("pk"),
    )
    return Counts(**{**found, "newest": found["newest"] or 0})


def count_since(user: User, filters: Filters, *, newest: int, now: datetime) -> int:
    """Return how many cases of the list came after the case `newest`."""
    return listed(user, filters, now=now).filter(pk__gt=newest).count()


def export(user: User, filters: Filters, *, now: datetime) -> Iterator[Row]:
    """Yield the rows of the list for a file, newest first, without anything about reporters."""
    wanted = listed(user, filters, now=now, to="cases.export")
    yield from wanted.order_by("-pk").values(*EXPORTED).iterator(chunk_size=2_000)


def on_map(user: User, filters: Filters, *, now: datetime, box: Box | None = None) -> list[Row]:
    """Return the open cases of the list that have a point, the most pressing first, at most MOST_ON_MAP."""
    cases = listed(user, filters, now=now).filter(status__in=OPEN, lon__isnull=False, lat__isnull=False)
    if box is not None:
        west, south, east, north = box
        cases = cases.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    most_pressing = F("resolve_due_at").asc(nulls_last=True)
    wanted = cases.order_by(most_pressing, "pk").values("pk")[:MOST_ON_MAP]
    columns = ("pk", "category_id", "status", "lon", "lat", "reported_at", "clock_started_at", "resolve_due_at")
    shown = Case.objects.filter(pk__in=wanted).order_by(most_pressing, "pk")
    return list(shown.values(*columns, "place__name", "area_code"))


def saved_views(user: User) -> list[SavedView]:
    return list(SavedView.objects.filter(user=user).order_by("name"))
