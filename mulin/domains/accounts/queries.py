"""What accounts tell: permissions of a person, users by name or token."""

import hashlib
from datetime import date, datetime

from django.db.models import Q, QuerySet

from mulin.domains.accounts.models import ApiToken, Grant, Notice, User


def granted_permissions(user: User, *, today: date) -> frozenset[str]:
    """Return the permissions of the roles granted without a post."""
    grants = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), user=user, starts_on__lte=today)
    return frozenset(p for permissions in grants.values_list("role__permissions", flat=True) for p in permissions)


def user_by_username(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def token_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def user_by_token(key: str, *, now: datetime) -> User | None:
    """Return the active user a live token acts for."""
    tokens = ApiToken.objects.filter(key_hash=token_hash(key), revoked_at=None, expires_at__gt=now)
    token = tokens.filter(user__is_active=True).select_related("user").first()
    return token.user if token else None


def unread_notices(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, read_at=None).order_by("-id")


def active_user(user_id: int) -> User | None:
    return User.objects.filter(pk=user_id, is_active=True).first()
