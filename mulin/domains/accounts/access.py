"""The only way from an id to a notice, token, session, passkey or account, and from a request's user to a person."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, NotAllowed, NotFound
from mulin.domains.accounts.models import ApiToken, Grant, Notice, Passkey, Session, User
from mulin.domains.accounts.queries import INSTALLATION, GrantedAt, granted_at, live_sessions, session_handle


class SignInNeeded(NotAllowed):
    code = "sign_in_needed"
    sentence = _("请先登录。")


class NoticeUnknown(NotFound):
    code = "notice_unknown"
    sentence = _("没有这条提醒。")


class TokenUnknown(NotFound):
    code = "token_unknown"
    sentence = _("没有这个令牌。")


class SessionUnknown(NotFound):
    code = "session_unknown"
    sentence = _("这个登录已经结束。")


class PasskeyUnknown(NotFound):
    code = "passkey_unknown"
    sentence = _("没有这个通行密钥。")


class AccountUnknown(NotFound):
    code = "account_unknown"
    sentence = _("没有这个账号。")


class GrantUnknown(NotFound):
    code = "grant_unknown"
    sentence = _("这个角色已经收回，或者不是此人的。")


class GrantPlaceUnknown(Invalid):
    code = "grant_place_unknown"
    sentence = _("没有这个地方或单位。")
    remedy = _("请写行政区划、网格或单位的代码或全名；角色可以给到区、街道、社区、网格或一个单位。")


class GrantPlaceAmbiguous(Invalid):
    code = "grant_place_ambiguous"
    sentence = _("叫这个名称的不止一个。")

    def __init__(self, found: list[GrantedAt]) -> None:
        choices = "；".join(f"{one.name} {one.code}" for one in found)
        super().__init__(remedy=_("请改写代码：{choices}").format(choices=choices))


def person(user: User | AnonymousUser) -> User:
    """Return the person signed in; raise SignInNeeded for a visitor."""
    if isinstance(user, User):
        return user
    raise SignInNeeded


def require(user: User | AnonymousUser, permission: str) -> User:
    """Return the person if they hold `permission`; raise SignInNeeded or NotAllowed."""
    if not (found := person(user)).has_perm(permission):
        raise NotAllowed
    return found


def own_notice(user: User, notice_id: int) -> Notice:
    found = Notice.objects.filter(pk=notice_id, user=user).first()
    if found is None:
        raise NoticeUnknown
    return found


def own_token(user: User, token_id: int) -> ApiToken:
    found = ApiToken.objects.filter(pk=token_id, user=user).first()
    if found is None:
        raise TokenUnknown
    return found


def own_session(user: User, handle: str, *, now: datetime) -> Session:
    for session in live_sessions(user, now=now):
        if session_handle(session.session_key) == handle:
            return session
    raise SessionUnknown


def own_passkey(user: User, passkey_id: int) -> Passkey:
    found = Passkey.objects.filter(pk=passkey_id, user=user).first()
    if found is None:
        raise PasskeyUnknown
    return found


def account(user: User, account_id: int) -> User:
    """Return somebody's account for whoever manages accounts."""
    found = User.objects.filter(pk=account_id).first() if user.has_perm("accounts.manage_users") else None
    if found is None:
        raise AccountUnknown
    return found


def grant_of(account: User, grant_id: int, *, now: datetime) -> Grant:
    """Return a role somebody has without a post, for whoever manages accounts and has found the account."""
    found = Grant.objects.select_related("user").filter(pk=grant_id, user=account).first()
    if found is None or (found.ends_on is not None and found.ends_on <= timezone.localdate(now)):
        raise GrantUnknown
    return found


def place_to_grant(text: str, *, now: datetime) -> GrantedAt:
    """Return where a role is to count, by code or name; nothing written means the installation itself.

    Raises GrantPlaceUnknown, GrantPlaceAmbiguous.
    """
    if not (wanted := " ".join(text.replace("\x00", "").split())):
        return INSTALLATION
    found = granted_at(wanted, today=timezone.localdate(now))
    if not found:
        raise GrantPlaceUnknown
    if len(found) > 1:
        raise GrantPlaceAmbiguous(found)
    return found[0]
