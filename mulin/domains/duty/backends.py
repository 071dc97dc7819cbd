"""Sign-in by password; permissions from granted roles and from the tenures a person holds today."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from mulin.core.listed import listed
from mulin.domains.accounts import queries as accounts
from mulin.domains.accounts.models import Grant, User
from mulin.domains.accounts.queries import GrantedAt
from mulin.domains.duty import queries
from mulin.domains.duty.queries import grants


class TenureBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        user = accounts.user_by_username(username) if username and "\x00" not in username else None
        if user is None or password is None:
            make_password(password)  # costs the same as a check, so that a name cannot be probed by time
            return None
        return user if check_password(password, user.password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return accounts.active_user(user_id)

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: object = None) -> set[str]:
        if not isinstance(user_obj, User):
            return set()
        return set(queries.scope_of(user_obj, now=timezone.now()).permissions)

    def holds_post(self, user: User, *, now: datetime) -> bool:
        return queries.has_post_now_or_later(user, now=now)

    def role_label(self, user: User) -> str:
        """Return the post the person holds, or else the roles granted without one."""
        now = timezone.now()
        label = queries.post_label(user, now=now)
        return label or listed(grants.labels(accounts.grants_now(user, today=timezone.localdate(now))))

    def granted_at(self, text: str, *, today: date) -> list[GrantedAt]:
        return grants.named(text, today=today)

    def places_to_grant(self, *, today: date) -> list[GrantedAt]:
        return grants.offered(today=today)

    def names_of_grants(self, found: Sequence[Grant]) -> dict[int, str]:
        return grants.names(found)
