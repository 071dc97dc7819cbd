"""Writes of passwords: rules, what was in use before, the first one that has to be changed."""

import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.domains.accounts import queries
from mulin.domains.accounts.models import FormerPassword, User
from mulin.domains.accounts.services.sessions import end_sessions

FIRST_PASSWORD_BYTES = 12


class PasswordWeak(Invalid):
    code = "password_weak"
    sentence = _("这个密码太容易被猜到。")
    remedy = format_lazy(
        _("请使用至少 {least} 个字符，不要用常见密码或自己的名字。"),
        least=lazystr(settings.MULIN_PASSWORD_LENGTH),
    )


class PasswordUsedBefore(PasswordWeak):
    code = "password_used_before"
    sentence = _("这个密码您最近用过。")
    remedy = _("请换一个没有用过的密码。")


class PasswordWrong(Invalid):
    code = "password_wrong"
    sentence = _("现在的密码不对。")


@transaction.atomic
def set_password(
    *, actor: User | None, user: User, password: str, now: datetime, keep_session: str | None = None
) -> None:
    """Change a password; every other session of the person ends. Raises PasswordWeak, PasswordUsedBefore."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise PasswordWeak(reasons=list(weak.messages)) from weak
    if any(check_password(password, old) for old in queries.recent_passwords(user, settings.MULIN_PASSWORD_HISTORY)):
        raise PasswordUsedBefore
    _replace(user, password, must_change=False, now=now)
    end_sessions(actor=actor, user=user, now=now, keep=keep_session)


@transaction.atomic
def change_own_password(
    *, actor: User, current: str, password: str, now: datetime, keep_session: str | None = None
) -> None:
    """Change one's own password, knowing the one in use. Raises PasswordWrong, PasswordWeak, PasswordUsedBefore."""
    if not check_password(current, actor.password):
        raise PasswordWrong
    set_password(actor=actor, user=actor, password=password, now=now, keep_session=keep_session)


@transaction.atomic
def give_first_password(*, actor: User | None, user: User, now: datetime) -> str:
    """Return a new password that lets the person in once, to choose their own; it is kept nowhere."""
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    _replace(user, password, must_change=True, now=now)
    end_sessions(actor=actor, user=user, now=now)
    return password


def _replace(user: User, password: str, *, must_change: bool, now: datetime) -> None:
    before = User.objects.select_for_update().get(pk=user.pk)
    if before.has_usable_password():
        FormerPassword.objects.create(user=before, password=before.password, replaced_at=now)
    user.password, user.must_change_password, user.password_set_at = make_password(password), must_change, now
    user.save(update_fields=["password", "must_change_password", "password_set_at"])
    kept = FormerPassword.objects.filter(user=user).order_by("-pk").values("pk")[: settings.MULIN_PASSWORD_HISTORY]
    FormerPassword.objects.filter(user=user).exclude(pk__in=[row["pk"] for row in kept]).delete()
