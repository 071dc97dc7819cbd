"""The only way from an id to a notice or a token, and from a request's user to a person."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed, NotFound
from mulin.domains.accounts.models import ApiToken, Notice, User


class SignInNeeded(NotAllowed):
    code = "sign_in_needed"
    sentence = _("请先登录。")


class NoticeUnknown(NotFound):
    code = "notice_unknown"
    sentence = _("没有这条提醒。")


class TokenUnknown(NotFound):
    code = "token_unknown"
    sentence = _("没有这个令牌。")


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
