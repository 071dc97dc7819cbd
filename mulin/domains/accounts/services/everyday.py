"""Writes of every day: tokens, notices, messages put back in the queue."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core import outbox
from mulin.core.errors import Conflict
from mulin.core.notice_words import kinds
from mulin.domains.accounts.models import ApiToken, Notice, User
from mulin.domains.accounts.queries import token_hash

TOKEN_LIFE = timedelta(days=365)
MOST_TOKENS = 20


class TooManyTokens(Conflict):
    code = "too_many_tokens"
    sentence = _("有效的令牌太多了。")
    remedy = _("请先停用不再使用的令牌。")


class MessageNotDead(Conflict):
    code = "message_not_dead"
    sentence = _("这条消息已经重新排队或已送达。")


@transaction.atomic
def issue_token(
    *, actor: User | None, user: User, now: datetime, application: str = "", life: timedelta = TOKEN_LIFE
) -> str:
    """Return a new API key; only its hash is kept, so it cannot be shown again. Raises TooManyTokens."""
    if ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
        raise TooManyTokens(most=MOST_TOKENS)
    key = f"mulin_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(
        user=user, application=application[:60], key_hash=token_hash(key), created_at=now, expires_at=now + life
    )
    return key


@transaction.atomic
def revoke_token(*, actor: User, token: ApiToken, now: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


@transaction.atomic
def notify(
    *,
    actor: User | None,
    user_ids: Iterable[int],
    source: str,
    kind: str,
    facts: Mapping[str, Any],
    link: str,
    now: datetime,
) -> None:
    """Tell people that something waits for them; the same `source` tells each of them once.

    `facts` are what the words of its kind need (`core.notice_words`), names included: what is told later stays true.
    """
    if kind not in kinds():
        raise ValueError(f"no domain words notices of the kind {kind}")
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, source=source, kind=kind, facts=dict(facts), link=link, created_at=now)
            for user_id in user_ids
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def read_notices(*, actor: User, now: datetime) -> int:
    return Notice.objects.filter(user=actor, read_at=None).update(read_at=now)


@transaction.atomic
def read_notice(*, actor: User, notice: Notice, now: datetime) -> None:
    Notice.objects.filter(pk=notice.pk, user=actor, read_at=None).update(read_at=now)


@transaction.atomic
def revive_message(*, actor: User, message_id: int, now: datetime) -> None:
    """Put a dead letter back in the queue. Raises MessageNotDead."""
    if not outbox.revive(message_id=message_id, now=now):
        raise MessageNotDead
