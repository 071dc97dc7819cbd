"""The desk's list: pages by key in both directions, counts at its top, the same rows for export and map."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Left

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Case, SavedView
from mulin.domains.cases.queries.filters import SOON, FilterInvalid, Filters, narrowed
from mulin.domains.cases.queries.lists import visible_to
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


def listed(user: User, filters: Filters, *, now: datetime) -> QuerySet[Case]:
    """Cases of the desk's list: those `user` may see, narrowed."""
    return narrowed(visible_to(user, now=now), filters, now=now)


def page(user: User, filters: Filters, *, now: datetime, after: str = "", before: str = "") -> Page:
    """Return up to PER_PAGE rows after or before a key. Raises FilterInvalid for a key that is none."""
    segments = _segments(listed(user, filters, now=now), filters)
    backwards = bool(before)
    found = _fetch(segments, _read_key(before or after), backwards=backwards)
    more, rows = len(found) > PER_PAGE, found[:PER_PAGE]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([])
    by_due = len(segments) > 1
    return Page(
        rows,
        next_key=_key(rows[-1], by_due=by_due) if more or backwards else "",
        previous_key=_key(rows[0], by_due=by_due) if (more if backwards else after) else "",
    )


@dataclass(frozen=True)
class _Segment:
    """A part of the list in one order that one index serves; paused cases have no deadline and stand last."""

    cases: QuerySet[Case]
    by_due: bool
    ascending: bool

    def ordered(self, *, backwards: bool) -> QuerySet[Case]:
        return self.cases.order_by(*self._order(backwards=backwards))

    def _order(self, *, backwards: bool) -> list[str]:
        sign = "" if self.ascending != backwards else "-"
        return [sign + name for name in (["resolve_due_at", "pk"] if self.by_due else ["pk"])]

    def read(self, count: int, *, backwards: bool) -> list[Row]:
        """Return the first rows. Only their ids are sorted; what a row shows is joined to those alone."""
        wanted = self.ordered(backwards=backwards).values("pk")[:count]
        shown = Case.objects.filter(pk__in=wanted).annotate(excerpt=Left("text", EXCERPT_LETTERS))
        return list(shown.order_by(*self._order(backwards=backwards)).values(*COLUMNS))

    def beyond(self, key: "_Key", *, backwards: bool) -> "_Segment":
        word = "gt" if self.ascending != backwards else "lt"
        condition = Q(**{f"pk__{word}": key.pk})
        if self.by_due:
            # The first part lets the index find where to start; the second decides among equal deadlines.
            same_or = Q(**{f"resolve_due_at__{word}e": key.due_at})
            condition = same_or & (Q(**{f"resolve_due_at__{word}": key.due_at}) | condition)
        return _Segment(self.cases.filter(condition), self.by_due, self.ascending)


@dataclass(frozen=True)
class _Key:
    pk: int
    due_at: datetime | None


def _segments(cases: QuerySet[Case], filters: Filters) -> list[_Segment]:
    if filters.sort == "newest" or not filters.only_open:
        return [_Segment(cases, by_due=False, ascending=False)]
    due = _Segment(cases.filter(resolve_due_at__isnull=False), by_due=True, ascending=True)
    return [due, _Segment(cases.filter(resolve_due_at__isnull=True), by_due=False, ascending=True)]


def _fetch(segments: list[_Segment], key: _Key | None, *, backwards: bool) -> list[Row]:
    """Return one row more than a page holds, from the segment of the key on."""
    parts = list(segments)
    if key is not None:
        first = 0 if key.due_at is not None or len(parts) == 1 else 1
        parts[first] = parts[first].beyond(key, backwards=backwards)
        parts = parts[: first + 1] if backwards else parts[first:]
    if backwards:
        parts.reverse()
    rows: list[Row] = []
    for part in parts:
        left = PER_PAGE + 1 - len(rows)
        if left > 0:
            rows += part.read(left, backwards=backwards)
    return rows


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
    yield from listed(user, filters, now=now).order_by("-pk").values(*EXPORTED).iterator(chunk_size=2_000)


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
