"""The only way from an id to a notice, token, session, passkey or account, and from a request's user to a person."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed, NotFound
from mulin.domains.accounts.models import ApiToken, Notice, Passkey, Session, User
from mulin.domains.accounts.queries import live_sessions, session_handle


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
