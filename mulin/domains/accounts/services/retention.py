"""What of accounts is over: old notices, and everything of people who left long ago but who they acted as."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from mulin.domains.accounts.models import (
    ApiToken,
    Authenticator,
    FormerPassword,
    NobodysName,
    Notice,
    Passkey,
    RecoveryCode,
    SignOnLink,
    User,
)

GONE = "gone-"


def notices_over(*, before: datetime) -> QuerySet[Any]:
    return Notice.objects.filter(created_at__lt=before)


def delete_notices(*, ids: list[Any], now: datetime) -> None:
    Notice.objects.filter(pk__in=ids).delete()


def accounts_over(*, before: datetime) -> QuerySet[Any]:
    """Return disabled accounts nobody came in with since, that are not erased yet."""
    silent = Q(last_login__lt=before) | Q(last_login=None, created_at__lt=before)
    return User.objects.filter(silent, is_active=False).exclude(username__startswith=GONE)


def erase_accounts(*, ids: list[Any], now: datetime) -> None:
    """Past acts stay those of one person; the account no longer says who that was."""
    for model in (ApiToken, Authenticator, FormerPassword, Passkey, RecoveryCode, SignOnLink):
        model.objects.filter(user__in=ids).delete()
    for pk in ids:
        User.objects.filter(pk=pk).update(
            username=f"{GONE}{pk}",
            name=NobodysName.GONE,
            work_phone="",
            verified_phone="",
            password="!",
            last_login=None,
        )
