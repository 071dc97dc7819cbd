"""What one person holds today, most pressing first, and the whistles asked of their organisation."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Case as Choose
from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime

from mulin.core.errors import Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Care, Case, Reporter, Whistle, WhistleState
from mulin.domains.cases.queries.lists import held_by
from mulin.domains.cases.states import Status
from mulin.domains.duty import queries as duty

PER_PAGE = 50
OVERDUE, NEW, WORKING, PAUSED, UNRATED = range(5)
_SHOWN = (Status.REPORTED, Status.DISPATCHED, Status.RETURNED, Status.ACCEPTED, Status.PAUSED, Status.RESOLVED)
Row = dict[str, Any]


class KeyInvalid(Invalid):
    code = "page_key_invalid"


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_key: str | None = None


COLUMNS = (
    "pk", "rank", "due", "has_phone", "status", "category_id", "rule__urgent", "place__name", "area_code",
    "building__building__estate__name", "address_text", "text", "reported_at", "clock_started_at", "round", "emergency",
)  # fmt: skip


def today(user: User, *, now: datetime, after: str = "") -> Page:
    """Return what `user` holds: overdue first, then new, in work, paused, waiting for the resident; one query."""
    rows = _ranked(held_by(user, now=now), now=now)
    if after:
        rows = rows.filter(_beyond(after))
    return _page(rows.order_by("rank", "due", "pk").values(*COLUMNS)[: PER_PAGE + 1])


def one_of_today(user: User, case_id: int, *, now: datetime) -> Row | None:
    return _ranked(held_by(user, now=now), now=now).filter(pk=case_id).values(*COLUMNS).first()


def _ranked(cases: QuerySet[Case], *, now: datetime) -> QuerySet[Any]:
    due = Choose(
        When(status=Status.DISPATCHED, then=Coalesce("accept_due_at", "resolve_due_at")),
        When(status=Status.PAUSED, then=F("paused_until")),
        When(status=Status.RESOLVED, then=F("resolved_at")),
        default=F("resolve_due_at"),
        output_field=DateTimeField(),
    )
    late = Q(resolve_due_at__lt=now) | Q(status=Status.DISPATCHED, accept_due_at__lt=now)
    rank = Choose(
        When(Q(status=Status.PAUSED), then=Value(PAUSED)),
        When(Q(status=Status.RESOLVED), then=Value(UNRATED)),
        When(late, then=Value(OVERDUE)),
        When(Q(status=Status.ACCEPTED), then=Value(WORKING)),
        default=Value(NEW),
        output_field=IntegerField(),
    )
    left_one = Reporter.objects.filter(case=OuterRef("pk")).exclude(phone_hash="")
    protected = Care.objects.filter(case=OuterRef("pk"), under_14=True)
    has_phone = Exists(left_one) & ~Exists(protected)
    return cases.filter(status__in=_SHOWN).annotate(due=due, rank=rank, has_phone=has_phone)


def _beyond(after: str) -> Q:
    rank_text, _tilde, rest = after.partition("~")
    due_text, _tilde, pk_text = rest.partition("~")
    due, key = _moment(due_text), (_whole(rank_text), _whole(pk_text))
    return Q(rank__gt=key[0]) | Q(rank=key[0], due__gt=due) | Q(rank=key[0], due=due, pk__gt=key[1])


def _page(found: QuerySet[Any, Row]) -> Page:
    rows = list(found)
    if len(rows) <= PER_PAGE:
        return Page(rows)
    last = rows[PER_PAGE - 1]
    return Page(rows[:PER_PAGE], f"{last['rank']}~{last['due'].isoformat()}~{last['pk']}")


WHISTLE_COLUMNS = (
    "pk", "state", "ask", "called_at", "called_by__name", "called_by__work_phone", "arrive_due_at", "arrived_at",
    "answered_at", "answer", "organisation__name", "case_id", "case__category_id", "case__place__name",
    "case__building__building__estate__name", "case__area_code", "case__address_text", "case__reported_at",
)  # fmt: skip
_WAITING = (WhistleState.CALLED, WhistleState.ARRIVED)


def whistles(user: User, *, now: datetime, answered: bool = False, after: str = "") -> Page:
    """Return whistles asked of organisations of `user`: waiting ones by deadline, or answered ones, latest first."""
    asked = Whistle.objects.filter(organisation__in=_answering(user, now=now))
    if answered:
        rows = asked.exclude(state__in=_WAITING).order_by("-pk")
        rows = rows.filter(pk__lt=_whole(after)) if after else rows
    else:
        rows = asked.filter(state__in=_WAITING).order_by("arrive_due_at", "pk")
        rows = rows.filter(_due_beyond(after)) if after else rows
    found = list(rows.values(*WHISTLE_COLUMNS)[: PER_PAGE + 1])
    if len(found) <= PER_PAGE:
        return Page(found)
    last = found[PER_PAGE - 1]
    key = str(last["pk"]) if answered else f"0~{last['arrive_due_at'].isoformat()}~{last['pk']}"
    return Page(found[:PER_PAGE], key)


def _answering(user: User, *, now: datetime) -> tuple[int, ...]:
    return duty.scope_of(user, "cases.answer_whistle", now=now).organisation_ids


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise KeyInvalid
    return int(text)


def _moment(text: str) -> datetime:
    """Return a time with its zone, one the database can hold."""
    try:
        moment = parse_datetime(text)
        if moment is None or moment.tzinfo is None:
            raise KeyInvalid
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise KeyInvalid from None


def _due_beyond(after: str) -> Q:
    _rank, _tilde, rest = after.partition("~")
    due_text, _tilde, pk = rest.partition("~")
    due = _moment(due_text)
    return Q(arrive_due_at__gt=due) | Q(arrive_due_at=due, pk__gt=_whole(pk))


def asked_of(user: User, case: Case, *, now: datetime) -> list[Whistle]:
    """Return the whistles about a case that `user` answers, those waiting."""
    mine = Whistle.objects.filter(case=case, organisation__in=_answering(user, now=now))
    return list(mine.filter(state__in=_WAITING).select_related("organisation", "called_by").order_by("pk"))
