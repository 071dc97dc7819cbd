"""Writes of accounts: people, the roles they are given without a post, locks."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth import get_backends
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import csv_data
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import Grant, Role, User
from mulin.domains.accounts.queries import role_codes
from mulin.domains.accounts.rules import ADMINISTRATORS, may_be_given, username_problem
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


class RoleUnknown(Invalid):
    code = "role_unknown"
    sentence = _("没有这个角色。")


class AdministratorsSeparate(Conflict):
    code = "administrators_separate"
    sentence = _("系统、安全、审计三种管理员必须由不同的人担任，也不兼其他角色。")
    remedy = _("请把这个角色给另一个账号。")


class AdministratorInPost(Conflict):
    """None of the three administrators reads what residents write; who has a post does."""

    code = "administrator_in_post"
    sentence = _("这个账号有办理事项的权限，不能同时担任管理员。")
    remedy = _("请为管理员另建一个账号，或先结束其任职。")


class PersonIsAdministrator(Conflict):
    code = "person_is_administrator"
    sentence = _("系统、安全、审计管理员不能任职，也不能代班。")
    remedy = _("请换一个人，或为此人另建一个任职用的账号。")


class NotOneself(Conflict):
    code = "not_oneself"
    sentence = _("不能对自己的账号这样做。")
    remedy = _("请由另一位安全管理员办理。")


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
) -> User:
    """Create an account with a password worth the name and its roles, or nothing at all."""
    user = create_user(actor=actor, username=username, name=name, work_phone=work_phone, now=now)
    if password is not None:
        set_password(actor=actor, user=user, password=password, now=now)
    for role_code in role_codes:
        grant_role(actor=actor, user=user, role_code=role_code, starts_on=timezone.localdate(now), now=now)
    return user


@transaction.atomic
def grant_role(*, actor: User | None, user: User, role_code: str, starts_on: date, now: datetime) -> Grant:
    """Give a role without a post.

    Raises RoleUnknown, NotOneself, and for the three administrators (三员) AdministratorsSeparate, AdministratorInPost.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not Role.objects.filter(pk=role_code).exists():
        raise RoleUnknown(role=role_code)
    if actor == user:
        raise NotOneself
    if not may_be_given(role_code, role_codes(user)):
        raise AdministratorsSeparate
    if role_code in ADMINISTRATORS and _holds_post(user, now=now):
        raise AdministratorInPost
    grant, is_new = Grant.objects.get_or_create(
        user=user, role_id=role_code, ends_on=None, defaults={"starts_on": starts_on}
    )
    if is_new:
        end_sessions(actor=actor, user=user, now=now)  # the next sign-in asks for what the role demands
    return grant


def _holds_post(user: User, *, now: datetime) -> bool:
    """Ask the backends that know posts whether the person has one, will have one, or stands in for somebody."""
    tellers = (getattr(backend, "holds_post", None) for backend in get_backends())
    return any(tell(user, now=now) for tell in tellers if tell)


@transaction.atomic
def prepare_for_post(*, actor: User | None, user: User, now: datetime) -> None:
    """Hold the account until the end of the transaction, so that nobody makes its person an administrator meanwhile.

    Raises PersonIsAdministrator.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if role_codes(user) & ADMINISTRATORS:
        raise PersonIsAdministrator


@transaction.atomic
def withdraw_role(*, actor: User, user: User, role_code: str, now: datetime) -> None:
    """Take a role given without a post. Raises NotOneself, so that one security administrator is always left."""
    if actor == user:
        raise NotOneself
    today = timezone.localdate(now)
    Grant.objects.filter(user=user, role_id=role_code, ends_on=None).update(ends_on=today)
    end_sessions(actor=actor, user=user, now=now)


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


@transaction.atomic
def make_administrator(*, actor: User, user: User, role_code: str, now: datetime) -> Grant:
    """Give one of the three administrators' roles, and no other. Raises as grant_role does."""
    if role_code not in ADMINISTRATORS:
        raise RoleUnknown(role=role_code)
    return grant_role(actor=actor, user=user, role_code=role_code, starts_on=timezone.localdate(now), now=now)


@transaction.atomic
def end_administrator(*, actor: User, user: User, now: datetime) -> None:
    """Take back whichever of the three roles somebody has. Raises NotOneself."""
    for role_code in sorted(role_codes(user) & ADMINISTRATORS):
        withdraw_role(actor=actor, user=user, role_code=role_code, now=now)
