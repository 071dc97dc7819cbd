"""What the pages of accounts show."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pyotp
import segno
from django.conf import settings
from django.forms import Form
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mulin.core.errors import Refused
from mulin.core.notice_words import worded
from mulin.domains.accounts import queries, single_sign_on
from mulin.domains.accounts.models import (
    ApiToken,
    Entry,
    EntryMethod,
    EntryResult,
    Grant,
    GrantScope,
    Notice,
    Passkey,
    Role,
    Session,
    User,
)
from mulin.domains.accounts.queries import (
    DEAD_PER_PAGE,
    ENTRIES_PER_PAGE,
    NOTICES_PER_PAGE,
    PEOPLE_PER_PAGE,
    DeadLetter,
    QueueState,
    SecondFactor,
)
from mulin.domains.accounts.rules import ADMINISTRATORS, address_class

Tone = Literal["neutral", "info", "progress", "good", "warn", "bad"]


@dataclass(frozen=True)
class NoticeRow:
    id: int
    kind: str
    subject: str
    link: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class NoticePage:
    notices: list[NoticeRow]
    next_key: int | None
    unread: int


@dataclass(frozen=True)
class TokenRow:
    id: int
    application: str
    created_at: datetime
    expires_at: datetime
    is_live: bool
    state: str
    tone: Tone


@dataclass(frozen=True)
class TaskRow:
    name: str
    ran_at: datetime | None
    due_at: datetime
    took_ms: int | None
    error: str


@dataclass(frozen=True)
class WorkerPage:
    queue: QueueState
    letters: list[DeadLetter]
    next_key: int | None
    tasks: list[TaskRow]
    may_manage: bool


def notice_page(user: User, *, before: int | None) -> NoticePage:
    rows = queries.notices_page(user, before=before)
    shown = [_notice_row(notice) for notice in rows[:NOTICES_PER_PAGE]]
    return NoticePage(shown, shown[-1].id if len(rows) > len(shown) else None, queries.unread_count(user))


def _notice_row(notice: Notice) -> NoticeRow:
    subject = notice.subject or worded(notice.kind, notice.facts)
    return NoticeRow(notice.pk, notice.kind, subject, notice.link, notice.created_at, notice.read_at)


def token_rows(user: User, *, now: datetime) -> list[TokenRow]:
    return [_token_row(token, now) for token in queries.tokens_of(user)]


def _token_row(token: ApiToken, now: datetime) -> TokenRow:
    state: tuple[str, Tone] = (_("有效"), "good")
    if token.revoked_at is not None:
        state = (_("已停用"), "neutral")
    elif token.expires_at <= now:
        state = (_("已过期"), "neutral")
    is_live = token.revoked_at is None and token.expires_at > now
    return TokenRow(token.pk, token.application, token.created_at, token.expires_at, is_live, *state)


def worker_page(user: User, *, before: int | None, now: datetime) -> WorkerPage:
    rows = queries.dead_letters(before=before)
    shown = rows[:DEAD_PER_PAGE]
    tasks = [TaskRow(t.name, t.ran_at, t.due_at, t.took_ms, t.error) for t in queries.periodic_tasks()]
    next_key = shown[-1].id if len(rows) > len(shown) else None
    return WorkerPage(queries.queue_state(now=now), shown, next_key, tasks, user.has_perm("accounts.manage_worker"))


def explain(form: Form, field: str, refusal: Refused) -> None:
    """Put a refusal of a service beside the field it is about."""
    reasons = refusal.details.get("reasons") or [refusal.sentence, refusal.remedy]
    for reason in filter(None, reasons):
        form.add_error(field, str(reason))


@dataclass(frozen=True)
class SessionRow:
    handle: str
    device: str
    place: str
    created_at: datetime | None
    seen_at: datetime | None
    is_this: bool


@dataclass(frozen=True)
class SecurityPage:
    user: User
    factor: SecondFactor
    is_demanded: bool
    may_verify_phone: bool
    sign_on: str
    is_linked: bool
    passkeys: list[Passkey]
    sessions: list[SessionRow]
    entries: list["EntryRow"]


@dataclass(frozen=True)
class AuthenticatorPage:
    secret: str
    qr_code: str


@dataclass(frozen=True)
class EntryRow:
    id: int
    at: datetime
    who: str
    username: str
    result: str
    tone: Tone
    method: str
    place: str
    device: str


@dataclass(frozen=True)
class EntriesPage:
    entries: list[EntryRow]
    next_key: int | None
    results: list[tuple[str, str]]
    days_kept: int


@dataclass(frozen=True)
class PersonRow:
    id: int
    username: str
    name: str
    role: str
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None


@dataclass(frozen=True)
class PeoplePage:
    people: list[PersonRow]
    next_key: str | None


@dataclass(frozen=True)
class GrantRow:
    id: int
    code: str
    role: str
    where: str
    is_named: bool
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class PersonPage:
    person: User
    grants: list[GrantRow]
    places: list[queries.GrantedAt]
    factor: SecondFactor
    sessions: list[SessionRow]
    entries: list[EntryRow]
    is_oneself: bool
    is_linked: bool

    @property
    def administrator(self) -> str:
        """Which of the three administrators the person is."""
        return next((grant.code for grant in self.grants if grant.code in ADMINISTRATORS), "")


_ENTRY_TONES: dict[str, Tone] = {
    EntryResult.SIGNED_IN: "good",
    EntryResult.WRONG: "warn",
    EntryResult.SECOND_WRONG: "warn",
    EntryResult.LOCKED: "bad",
}


def place_words(address: str) -> str:
    """Say where an address is, and the address without its last part."""
    words = {"here": _("本机"), "inside": _("内部网络"), "outside": _("互联网"), "unknown": _("不明")}
    mark = "." if "." in address else ":"
    shown = f"{address.rpartition(mark)[0]}{mark}*" if mark in address else ""
    return f"{words[address_class(address)]} {shown}".strip()


def security_page(user: User, *, session_key: str, now: datetime) -> SecurityPage:
    return SecurityPage(
        user=user,
        factor=queries.second_factor_of(user),
        is_demanded=queries.needs_second_factor(user),
        may_verify_phone=settings.MULIN_SMS_SIGN_IN and bool(user.work_phone),
        sign_on=sign_on_name(),
        is_linked=queries.is_linked_to_sign_on(user),
        passkeys=list(queries.passkeys_of(user)),
        sessions=[_session_row(row, session_key) for row in queries.live_sessions(user, now=now)],
        entries=[_entry_row(entry) for entry in queries.entries_of(user)],
    )


def _session_row(session: Session, current: str) -> SessionRow:
    return SessionRow(
        handle=queries.session_handle(session.session_key),
        device=session.device or _("不明设备"),
        place=place_words(session.address),
        created_at=session.created_at,
        seen_at=session.seen_at,
        is_this=session.session_key == current,
    )


def _entry_row(entry: Entry, *, in_full: bool = False, who: User | None = None) -> EntryRow:
    return EntryRow(
        id=entry.pk,
        at=entry.at,
        who=who.name if who else "",
        username=who.username if who else "",
        result=str(EntryResult(entry.result).label),
        tone=_ENTRY_TONES.get(entry.result, "neutral"),
        method=str(EntryMethod(entry.method).label) if entry.method else "",
        place=entry.address if in_full else place_words(entry.address),
        device=entry.device,
    )


def authenticator_page(user: User, secret: str) -> AuthenticatorPage:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Mulin")
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return AuthenticatorPage(grouped, segno.make(uri, error="m").svg_data_uri(scale=5, border=4))


def entries_page(*, before: int | None, result: str, username: str) -> EntriesPage:
    """The sign-in log for the audit administrator: addresses in full, because the log is read to find an intruder."""
    rows = queries.entries_page(before=before, result=result, username=username)
    shown = rows[:ENTRIES_PER_PAGE]
    return EntriesPage(
        entries=[_entry_row(entry, in_full=True, who=entry.user) for entry in shown],
        next_key=shown[-1].pk if len(rows) > len(shown) else None,
        results=[(value, str(label)) for value, label in EntryResult.choices],
        days_kept=settings.MULIN_SIGN_IN_LOG_DAYS,
    )


def administrator_names() -> dict[str, str]:
    return {
        "system_admin": _("系统管理员"),
        "security_admin": _("安全管理员"),
        "audit_admin": _("审计管理员"),
    }


def people_page(*, search: str, administrators: bool, after: str, now: datetime) -> PeoplePage:
    today = timezone.localdate(now)
    rows = queries.people_page(search=search, administrators=administrators, after=after, today=today)
    shown = rows[:PEOPLE_PER_PAGE]
    ids, names = [person.pk for person in shown], administrator_names()
    roles, secured = queries.administrator_roles(ids, today=today), queries.with_second_factor(ids)
    people = [
        PersonRow(
            person.pk,
            person.username,
            person.name,
            names.get(roles.get(person.pk, ""), ""),
            person.is_active,
            person.pk in secured,
            person.last_login,
        )
        for person in shown
    ]
    return PeoplePage(people, shown[-1].username if len(rows) > len(shown) else None)


def person_page(user: User, person: User, *, now: datetime) -> PersonPage:
    today = timezone.localdate(now)
    grants = queries.grants_of(person, today=today)
    places = queries.names_of_grants(grants)
    return PersonPage(
        person=person,
        grants=[_grant_row(grant, places.get(grant.pk, "")) for grant in grants],
        places=[] if user == person else queries.places_to_grant(today=today),
        factor=queries.second_factor_of(person),
        sessions=[_session_row(row, "") for row in queries.live_sessions(person, now=now)],
        entries=[_entry_row(entry) for entry in queries.entries_of(person)],
        is_oneself=user == person,
        is_linked=queries.is_linked_to_sign_on(person),
    )


def _grant_row(grant: Grant, place: str) -> GrantRow:
    where = place or (_("整个系统") if grant.scope == GrantScope.INSTALLATION else _("已撤销的地方或单位"))
    return GrantRow(grant.pk, grant.role_id, role_name(grant.role), where, bool(place), grant.starts_on, grant.ends_on)


def roles_offered() -> list[tuple[str, str]]:
    return [(role.code, role_name(role)) for role in queries.roles_to_grant()]


def role_name(role: Role) -> str:
    return role.name_en if (get_language() or "").startswith("en") else role.name_zh


@dataclass(frozen=True)
class WaysIn:
    """What stands on the sign-in page beside user name and password."""

    phone_code: bool
    single_sign_on: str
    """The words of the button; empty without a provider."""


def ways_in() -> WaysIn:
    return WaysIn(phone_code=settings.MULIN_SMS_SIGN_IN, single_sign_on=sign_on_name())


def sign_on_name() -> str:
    """Return what the city calls its single sign-on; empty where there is none."""
    return (settings.MULIN_OIDC_NAME or _("统一认证登录")) if single_sign_on.is_on() else ""
