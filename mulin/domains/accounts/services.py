"""Writes of accounts: users, roles, tokens, notices."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import csv_data, outbox
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import ApiToken, Grant, Notice, Role, User
from mulin.domains.accounts.queries import role_codes, token_hash
from mulin.domains.accounts.rules import may_be_given, username_problem

DATA = Path(__file__).parent / "data"
TOKEN_LIFE = timedelta(days=365)
MOST_TOKENS = 20


class UsernameInvalid(Invalid):
    code = "username_invalid"
    sentence = _("用户名不合适。")
    remedy = _("用户名为 2 至 60 个字母、数字、汉字或 . _ - @，不含空格。")


class UsernameTaken(Conflict):
    code = "username_taken"
    sentence = _("这个用户名已有人使用。")
    remedy = _("请换一个用户名。")


class PasswordWeak(Invalid):
    code = "password_weak"
    sentence = _("这个密码太容易被猜到。")
    remedy = _("请使用至少 10 个字符，不要用常见密码或自己的名字。")


class RoleUnknown(Invalid):
    code = "role_unknown"
    sentence = _("没有这个角色。")


class AdministratorsSeparate(Conflict):
    code = "administrators_separate"
    sentence = _("系统、安全、审计三种管理员必须由不同的人担任。")
    remedy = _("请把这个角色给另一个账号。")


class TooManyTokens(Conflict):
    code = "too_many_tokens"
    sentence = _("有效的令牌太多了。")
    remedy = _("请先停用不再使用的令牌。")


class MessageNotDead(Conflict):
    code = "message_not_dead"
    sentence = _("这条消息已经重新排队或已送达。")


@transaction.atomic
def seed_roles(*, now: datetime) -> int:
    """Create the roles that come with Mulin; roles a district has edited stay as they are."""
    rows = [
        Role(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            permissions=row["permissions"].split(),
        )
        for row in csv_data.rows(DATA / "roles.csv")
    ]
    return len(Role.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def create_user(
    *, actor: User | None, username: str, name: str, now: datetime, work_phone: str = "", password: str | None = None
) -> User:
    """Create an account; without a password nobody can sign in with it. Raises UsernameInvalid, UsernameTaken."""
    if username_problem(username):
        raise UsernameInvalid
    try:
        with transaction.atomic():
            return User.objects.create(
                username=username, name=name, work_phone=work_phone, password=make_password(password), created_at=now
            )
    except IntegrityError as taken:
        raise UsernameTaken from taken


@transaction.atomic
def add_user(
    *,
    actor: User | None,
    username: str,
    name: str,
    now: datetime,
    work_phone: str = "",
    password: str | None = None,
    role_codes: Iterable[str] = (),
) -> User:
    """Create an account with a password worth the name and its roles, or nothing at all."""
    user = create_user(actor=actor, username=username, name=name, work_phone=work_phone, now=now)
    if password is not None:
        set_password(actor=actor, user=user, password=password, now=now)
    for role_code in role_codes:
        grant_role(actor=actor, user=user, role_code=role_code, starts_on=timezone.localdate(now), now=now)
    return user


@transaction.atomic
def set_password(*, actor: User | None, user: User, password: str, now: datetime) -> None:
    """Change a password; everybody signed in with the old one is signed out. Raises PasswordWeak."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise PasswordWeak(reasons=list(weak.messages)) from weak
    User.objects.filter(pk=user.pk).update(password=make_password(password))


@transaction.atomic
def grant_role(*, actor: User | None, user: User, role_code: str, starts_on: date, now: datetime) -> Grant:
    """Give a role without a post. Raises RoleUnknown, and AdministratorsSeparate for a second of the three (三员)."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not Role.objects.filter(pk=role_code).exists():
        raise RoleUnknown(role=role_code)
    if not may_be_given(role_code, role_codes(user)):
        raise AdministratorsSeparate
    return Grant.objects.get_or_create(user=user, role_id=role_code, ends_on=None, defaults={"starts_on": starts_on})[0]


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
    *, actor: User | None, user_ids: Iterable[int], source: str, kind: str, subject: str, link: str, now: datetime
) -> None:
    """Tell people that something waits for them; the same `source` tells each of them once."""
    Notice.objects.bulk_create(
        [
            Notice(user_id=user_id, source=source, kind=kind, subject=subject[:200], link=link, created_at=now)
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
