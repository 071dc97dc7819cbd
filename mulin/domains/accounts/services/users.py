"""Writes of accounts: people, the roles that come with Mulin, locks."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import csv_data
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import Role, User
from mulin.domains.accounts.queries import INSTALLATION, GrantedAt
from mulin.domains.accounts.rules import username_problem
from mulin.domains.accounts.services.grants import NotOneself, grant_role
from mulin.domains.accounts.services.passwords import give_first_password, set_password
from mulin.domains.accounts.services.sessions import end_sessions

DATA = Path(__file__).parent.parent / "data"


class UsernameInvalid(Invalid):
    code = "username_invalid"
    sentence = _("用户名不合适。")
    remedy = _("用户名为 2 至 60 个字母、数字、汉字或 . _ - @，不含空格。")


class UsernameTaken(Conflict):
    code = "username_taken"
    sentence = _("这个用户名已有人使用。")
    remedy = _("请换一个用户名。")


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
    *,
    actor: User | None,
    username: str,
    name: str,
    now: datetime,
    work_phone: str = "",
    password: str | None = None,
    must_change_password: bool = False,
) -> User:
    """Create an account; without a password nobody can sign in with it. Raises UsernameInvalid, UsernameTaken."""
    if username_problem(username):
        raise UsernameInvalid
    draft = User(
        username=username,
        name=name,
        work_phone=work_phone,
        password=make_password(password),
        must_change_password=must_change_password,
        created_at=now,
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError as taken:
        raise UsernameTaken from taken
    return draft


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
    at: GrantedAt = INSTALLATION,
    ends_on: date | None = None,
) -> User:
    """Create an account with a password worth the name and its roles, or nothing at all."""
    user = create_user(actor=actor, username=username, name=name, work_phone=work_phone, now=now)
    if password is not None:
        set_password(actor=actor, user=user, password=password, now=now)
    for role_code in role_codes:
        starts_on = timezone.localdate(now)
        grant_role(actor=actor, user=user, role_code=role_code, at=at, starts_on=starts_on, ends_on=ends_on, now=now)
    return user


@transaction.atomic
def lock_user(*, actor: User, user: User, now: datetime) -> None:
    """Let nobody in with this account, neither by a session nor by a token. Raises NotOneself."""
    if actor == user:
        raise NotOneself
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_sessions(actor=actor, user=user, now=now)


@transaction.atomic
def unlock_user(*, actor: User, user: User, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)


@transaction.atomic
def add_with_first_password(
    *, actor: User, username: str, name: str, work_phone: str, now: datetime
) -> tuple[User, str]:
    """Create an account and return it with a password that has to be changed at the first sign-in."""
    user = create_user(actor=actor, username=username, name=name, work_phone=work_phone, now=now)
    return user, give_first_password(actor=actor, user=user, now=now)


@transaction.atomic
def reset_password(*, actor: User, user: User, now: datetime) -> str:
    """Return a first password for somebody who has forgotten theirs. Raises NotOneself."""
    if actor == user:
        raise NotOneself
    return give_first_password(actor=actor, user=user, now=now)
