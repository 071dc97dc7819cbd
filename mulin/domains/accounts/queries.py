"""What accounts tell: people by name or token, what they may do, how they come in, notices, the worker's state."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import get_language

from mulin.core.encryption import keyed_hash
from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask
from mulin.core.prepared import Prepared
from mulin.core.rows import read_row
from mulin.domains.accounts.models import (
    ApiToken,
    Authenticator,
    CodePurpose,
    Entry,
    FormerPassword,
    Grant,
    Notice,
    Passkey,
    PhoneCode,
    RecoveryCode,
    Session,
    SignOnLink,
    User,
)
from mulin.domains.accounts.rules import ADMINISTRATORS


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
    return read_row(User, _TOKEN_FIELDS, rows[0]) if rows else None


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


def recent_passwords(user: User, most: int) -> list[str]:
    """Return the hashes of the last `most` passwords of a person, the one in use first."""
    if most < 1:
        return []
    former = FormerPassword.objects.filter(user=user).order_by("-pk").values_list("password", flat=True)
    return [*User.objects.filter(pk=user.pk).values_list("password", flat=True), *former[: most - 1]]


def live_sessions(user: User, *, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at", "session_key")


def session_handle(session_key: str) -> str:
    """Return the name of a session that may stand on a page; the key itself opens doors."""
    return hashlib.sha256(f"handle:{session_key}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class SecondFactor:
    app: bool
    passkeys: int
    recovery_codes: int

    @property
    def is_set_up(self) -> bool:
        return self.app or self.passkeys > 0


def second_factor_of(user: User) -> SecondFactor:
    return SecondFactor(
        app=Authenticator.objects.filter(user=user).exclude(confirmed_at=None).exists(),
        passkeys=Passkey.objects.filter(user=user).count(),
        recovery_codes=RecoveryCode.objects.filter(user=user, used_at=None).count(),
    )


def needs_second_factor(user: User) -> bool:
    """Say whether the setting demands one from the person for what their roles let them do."""
    match settings.MULIN_SECOND_FACTOR:
        case "all":
            return True
        case "administrators":
            return bool(user.permissions & set(settings.MULIN_SECOND_FACTOR_PERMISSIONS))
        case _:
            return False


def passkeys_of(user: User) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user=user).order_by("pk")


def credential_hash(credential_id: str) -> str:
    return hashlib.sha256(credential_id.encode()).hexdigest()


def passkey_by_credential(credential_id: str) -> Passkey | None:
    """Return the passkey of somebody whose account is open."""
    keys = Passkey.objects.select_related("user").filter(user__is_active=True)
    return keys.filter(credential_hash=credential_hash(credential_id)).first()


PEOPLE_PER_PAGE = 30
ENTRIES_PER_PAGE = 50


def people_page(*, search: str = "", administrators: bool = False, after: str = "") -> list[User]:
    """Return up to one page and one more of the accounts, by user name."""
    people = User.objects.filter(username__gt=after).order_by("username")
    if search:
        people = people.filter(Q(username__icontains=search) | Q(name__icontains=search))
    if administrators:
        people = people.filter(grants__role__in=ADMINISTRATORS, grants__ends_on=None)
    return list(people[: PEOPLE_PER_PAGE + 1])


def administrator_roles(user_ids: Sequence[int]) -> dict[int, str]:
    """Return which of the three administrators each of these people is."""
    grants = Grant.objects.filter(user__in=user_ids, ends_on=None, role__in=ADMINISTRATORS)
    return dict(grants.values_list("user_id", "role_id"))


def with_second_factor(user_ids: Sequence[int]) -> set[int]:
    apps = Authenticator.objects.filter(user__in=user_ids).exclude(confirmed_at=None).values_list("user_id", flat=True)
    return {*apps, *Passkey.objects.filter(user__in=user_ids).values_list("user_id", flat=True)}


def entries_page(
    *, before: int | None = None, result: str = "", username: str = "", since: datetime | None = None
) -> list[Entry]:
    """Return up to one page and one more of the sign-in log, newest first."""
    entries = Entry.objects.select_related("user").order_by("-pk")
    wanted = {"pk__lt": before, "result": result, "user__username": username, "at__gte": since}
    return list(entries.filter(**{name: value for name, value in wanted.items() if value})[: ENTRIES_PER_PAGE + 1])


def entries_of(user: User, *, most: int = 10) -> list[Entry]:
    return list(Entry.objects.filter(user=user).order_by("-pk")[:most])


def must_change_password(user: User, *, now: datetime) -> bool:
    """Say whether a first password is still in use, or one older than the setting allows (0: none is too old)."""
    since, days = user.password_set_at or user.created_at, settings.MULIN_PASSWORD_DAYS
    return user.must_change_password or (days > 0 and since < now - timedelta(days=days))


def phone_hash(phone: str) -> str:
    return keyed_hash(f"phone:{phone}")


def waits_for_code(phone: str, purpose: CodePurpose, *, now: datetime) -> bool:
    """Say whether a code for this phone was asked for and could still be typed in."""
    asked = PhoneCode.objects.filter(phone_hash=phone_hash(phone), purpose=purpose, used_at=None)
    return asked.filter(expires_at__gt=now).exists()


def user_by_verified_phone(phone: str) -> User | None:
    """Return whose verified work phone it is; a phone shared by two is nobody's."""
    return _only(User.objects.filter(work_phone=phone, verified_phone=phone, is_active=True))


def user_by_work_phone(phone: str) -> User | None:
    """Return whose work phone it is, when somebody we trust has verified it; a phone shared by two is nobody's."""
    return _only(User.objects.filter(work_phone=phone.removeprefix("+86").strip(), is_active=True))


def _only(people: QuerySet[User]) -> User | None:
    found = list(people[:2])
    return found[0] if len(found) == 1 else None


def subject_hash(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def is_linked_to_sign_on(user: User) -> bool:
    return SignOnLink.objects.filter(user=user).exists()
