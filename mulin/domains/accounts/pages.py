"""What the pages of accounts show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _

from mulin.domains.accounts import queries
from mulin.domains.accounts.models import ApiToken, Notice, User
from mulin.domains.accounts.queries import DEAD_PER_PAGE, NOTICES_PER_PAGE, DeadLetter, QueueState

Tone = Literal["neutral", "info", "progress", "good", "warn", "bad"]


@dataclass(frozen=True)
class NoticePage:
    notices: list[Notice]
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
    shown = rows[:NOTICES_PER_PAGE]
    return NoticePage(shown, shown[-1].pk if len(rows) > len(shown) else None, queries.unread_count(user))


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
