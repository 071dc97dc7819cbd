"""What accounts tell: permissions of a person, users by name or token, notices, the state of the worker."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import get_language

from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask
from mulin.core.prepared import Prepared
from mulin.domains.accounts.models import ApiToken, Grant, Notice, User


def granted_permissions(user: User, *, today: date) -> frozenset[str]:
    """Return the permissions of the roles granted without a post."""
    grants = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), user=user, starts_on__lte=today)
    return frozenset(p for permissions in grants.values_list("role__permissions", flat=True) for p in permissions)


def user_by_username(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def token_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def user_by_token(key: str, *, now: datetime) -> User | None:
    """Return the active user a live token acts for."""
    rows = _by_token.rows(key_hash=token_hash(key), now=now)
    return User.from_db("default", _TOKEN_FIELDS, rows[0]) if rows else None


_TOKEN_FIELDS = ["id", "username", "name", "work_phone", "is_active"]


def _live_tokens(key_hash: str, now: datetime) -> QuerySet[ApiToken, Any]:
    live = ApiToken.objects.filter(key_hash=key_hash, revoked_at=None, expires_at__gt=now, user__is_active=True)
    return live.values_list(*(f"user__{name}" for name in _TOKEN_FIELDS))


_by_token = Prepared(_live_tokens)


def unread_notices(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, read_at=None).order_by("-id")


def active_user(user_id: int) -> User | None:
    return User.objects.filter(pk=user_id, is_active=True).first()


def granted_roles(user: User, *, today: date) -> list[str]:
    """Return the names of the roles granted without a post, in the reader's language."""
    grants = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), user=user, starts_on__lte=today)
    is_english = get_language() == "en"
    return list(grants.order_by("pk").values_list("role__name_en" if is_english else "role__name_zh", flat=True))


def role_codes(user: User) -> frozenset[str]:
    return frozenset(Grant.objects.filter(user=user, ends_on=None).values_list("role_id", flat=True))


def users_for_listing(*, after: str = "", limit: int = 200) -> list[User]:
    return list(User.objects.filter(username__gt=after).order_by("username")[:limit])


NOTICES_PER_PAGE = 30


def notices_page(user: User, *, before: int | None = None) -> list[Notice]:
    """Return up to one page and one more of a person's notices, newest first."""
    notices = Notice.objects.filter(user=user).order_by("-pk")
    return list((notices.filter(pk__lt=before) if before else notices)[: NOTICES_PER_PAGE + 1])


def unread_count(user: User) -> int:
    return unread_notices(user).count()


def tokens_of(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user).order_by("-pk")


def token_by_key(key: str) -> ApiToken:
    return ApiToken.objects.get(key_hash=token_hash(key))


DEAD_PER_PAGE = 30


@dataclass(frozen=True)
class QueueState:
    """How the outbox stands: how many wait, since when the oldest is due, how many were laid with the dead."""

    pending: int
    overdue: int
    oldest_due_at: datetime | None
    dead: int


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be delivered: what it was and why, never what it said."""

    id: int
    event: str
    handler: str
    error: str
    attempts: int
    published_at: datetime


def queue_state(*, now: datetime) -> QueueState:
    pending = Q(state=DeliveryState.PENDING)
    counts = OutboxMessage.objects.exclude(state=DeliveryState.DONE).aggregate(
        pending=Count("pk", filter=pending),
        overdue=Count("pk", filter=pending & Q(due_at__lt=now)),
        oldest=Min("due_at", filter=pending),
        dead=Count("pk", filter=Q(state=DeliveryState.DEAD)),
    )
    return QueueState(counts["pending"], counts["overdue"], counts["oldest"], counts["dead"])


def dead_letters(*, before: int | None = None) -> list[DeadLetter]:
    """Return up to one page and one more of dead letters, newest first; the payload stays where it is."""
    dead = OutboxMessage.objects.filter(state=DeliveryState.DEAD).order_by("-pk")
    dead = dead.filter(pk__lt=before) if before else dead
    fields = ("pk", "event", "handler", "error", "attempts", "published_at")
    return [DeadLetter(*row) for row in dead.values_list(*fields)[: DEAD_PER_PAGE + 1]]


def periodic_tasks() -> Sequence[PeriodicTask]:
    return list(PeriodicTask.objects.order_by("name"))
