"""What accounts tell: people by name or token, what they may do, how they come in, notices, the worker's state."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends
from django.db.models import Count, Min, Q, QuerySet

from mulin.core.encryption import keyed_hash, keyed_hashes
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
    Role,
    Session,
    SignOnLink,
    User,
)
from mulin.domains.accounts.rules import ADMINISTRATORS


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


@dataclass(frozen=True)
class GrantedAt:
    """Where a role counts that is given without a post: a place, an organisation, or the installation itself."""

    place_id: int | None = None
    organisation_id: int | None = None
    name: str = ""
    code: str = ""


INSTALLATION = GrantedAt()


def granted_at(text: str, *, today: date) -> list[GrantedAt]:
    """Return the places and organisations of this code or name, as those who know them tell."""
    return [found for tell in _tellers("granted_at") for found in tell(text, today=today)]


def places_to_grant(*, today: date) -> list[GrantedAt]:
    """Return what a role can be given for, areas before organisations, to choose from."""
    return [found for tell in _tellers("places_to_grant") for found in tell(today=today)]


def names_of_grants(grants: Iterable[Grant]) -> dict[int, str]:
    """Return by grant the name of its place or organisation; none for those of the installation."""
    found = list(grants)
    return {grant_id: name for tell in _tellers("names_of_grants") for grant_id, name in tell(found).items()}


def _tellers(name: str) -> list[Any]:
    """Accounts know neither places nor organisations; a backend that does says so by this name."""
    return [getattr(backend, name) for backend in get_backends() if hasattr(backend, name)]


def _lasting(today: date) -> QuerySet[Grant]:
    return Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today))


def grants_of(user: User, *, today: date) -> list[Grant]:
    """Return the roles somebody has, or is to have, without a post."""
    return list(_lasting(today).filter(user=user).select_related("role").order_by("starts_on", "pk"))


def grants_now(user: User, *, today: date) -> list[Grant]:
    return [grant for grant in grants_of(user, today=today) if grant.starts_on <= today]


def role_codes(user: User, *, today: date) -> frozenset[str]:
    """Return the roles somebody has, or is to have, without a post."""
    return frozenset(_lasting(today).filter(user=user).values_list("role_id", flat=True))


def roles_to_grant() -> list[Role]:
    return list(Role.objects.order_by("name_zh"))


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


def people_page(*, today: date, search: str = "", administrators: bool = False, after: str = "") -> list[User]:
    """Return up to one page and one more of the accounts, by user name."""
    people = User.objects.filter(username__gt=after).order_by("username")
    if search:
        people = people.filter(Q(username__icontains=search) | Q(name__icontains=search))
    if administrators:
        people = people.filter(pk__in=_lasting(today).filter(role__in=ADMINISTRATORS).values("user"))
    return list(people[: PEOPLE_PER_PAGE + 1])


def administrator_roles(user_ids: Sequence[int], *, today: date) -> dict[int, str]:
    """Return which of the three administrators each of these people is."""
    grants = _lasting(today).filter(user__in=user_ids, role__in=ADMINISTRATORS)
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


def phone_hashes(phone: str) -> list[str]:
    """Return every hash a phone may be kept under."""
    return keyed_hashes(f"phone:{phone}")


def waits_for_code(phone: str, purpose: CodePurpose, *, now: datetime) -> bool:
    """Say whether a code for this phone was asked for and could still be typed in."""
    asked = PhoneCode.objects.filter(phone_hash__in=phone_hashes(phone), purpose=purpose, used_at=None)
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
