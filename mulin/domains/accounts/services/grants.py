"""Roles given without a post: for the installation, a place or an organisation, until a day or until taken."""

from datetime import date, datetime

from django.contrib.auth import get_backends
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import Grant, GrantScope, Role, User
from mulin.domains.accounts.queries import INSTALLATION, GrantedAt, role_codes
from mulin.domains.accounts.rules import ADMINISTRATORS, may_be_given, may_count_at_places, may_count_for_installation
from mulin.domains.accounts.services.sessions import end_sessions


class RoleUnknown(Invalid):
    code = "role_unknown"
    sentence = _("没有这个角色。")


class RoleNeedsPlace(Invalid):
    code = "role_needs_place"
    sentence = _("这个角色只在一个地方或一个单位起作用。")
    remedy = _("请写明地方或单位的名称或代码。")


class RoleOfInstallation(Invalid):
    code = "role_of_installation"
    sentence = _("这个角色管理整个系统，不能只给一个地方或单位。")
    remedy = _("请把范围留空，表示整个系统。")


class GrantNeverBegins(Invalid):
    code = "grant_never_begins"
    sentence = _("结束日期要晚于开始日期。")
    remedy = _("结束日期是不再有这个角色的第一天；不定期请留空。")


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
def grant_role(
    *,
    actor: User | None,
    user: User,
    role_code: str,
    starts_on: date,
    now: datetime,
    at: GrantedAt = INSTALLATION,
    ends_on: date | None = None,
) -> Grant:
    """Give a role without a post. A role somebody has there already gets the new end, and is given once.

    Raises RoleUnknown, RoleNeedsPlace, RoleOfInstallation, GrantNeverBegins, NotOneself, and for the three
    administrators (三员) AdministratorsSeparate, AdministratorInPost.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_where(role_code, at)
    if ends_on is not None and ends_on <= starts_on:
        raise GrantNeverBegins
    if actor == user:
        raise NotOneself
    today = timezone.localdate(now)
    if not may_be_given(role_code, role_codes(user, today=today)):
        raise AdministratorsSeparate
    if role_code in ADMINISTRATORS and _holds_post(user, now=now):
        raise AdministratorInPost
    lasting = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), user=user, role=role_code)
    grant = lasting.filter(place_id=at.place_id, organisation_id=at.organisation_id).first()
    if grant is None:
        grant = Grant(user=user, role_id=role_code, starts_on=starts_on, scope=_scope(at))
        grant.place_id, grant.organisation_id = at.place_id, at.organisation_id
        end_sessions(actor=actor, user=user, now=now)  # the next sign-in asks for what the role demands
    grant.ends_on = ends_on
    grant.save()
    return grant


def _check_where(role_code: str, at: GrantedAt) -> None:
    role = Role.objects.filter(pk=role_code).first()
    if role is None:
        raise RoleUnknown(role=role_code)
    if at == INSTALLATION and not may_count_for_installation(role.permissions):
        raise RoleNeedsPlace(role=role_code)
    if at != INSTALLATION and (role_code in ADMINISTRATORS or not may_count_at_places(role.permissions)):
        raise RoleOfInstallation(role=role_code)


def _scope(at: GrantedAt) -> GrantScope:
    if at.place_id is not None:
        return GrantScope.PLACE
    return GrantScope.INSTALLATION if at.organisation_id is None else GrantScope.ORGANISATION


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
    if role_codes(user, today=timezone.localdate(now)) & ADMINISTRATORS:
        raise PersonIsAdministrator


@transaction.atomic
def withdraw_role(*, actor: User | None, grant: Grant, now: datetime) -> None:
    """Take a role given without a post, from today. Raises NotOneself, so that one security administrator is left."""
    if actor == grant.user:
        raise NotOneself
    today = timezone.localdate(now)
    Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), pk=grant.pk).update(ends_on=today)
    end_sessions(actor=actor, user=grant.user, now=now)
