"""Writes of accounts: users, roles, tokens, notices."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from mulin.core import csv_data
from mulin.domains.accounts.models import ApiToken, Grant, Notice, Role, User
from mulin.domains.accounts.queries import token_hash

DATA = Path(__file__).parent / "data"
TOKEN_LIFE = timedelta(days=365)


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
    return User.objects.create(
        username=username, name=name, work_phone=work_phone, password=make_password(password), created_at=now
    )


@transaction.atomic
def grant_role(*, actor: User | None, user: User, role_code: str, starts_on: date, now: datetime) -> Grant:
    grant, _created = Grant.objects.get_or_create(
        user=user, role_id=role_code, ends_on=None, defaults={"starts_on": starts_on}
    )
    return grant


@transaction.atomic
def issue_token(
    *, actor: User | None, user: User, now: datetime, application: str = "", life: timedelta = TOKEN_LIFE
) -> str:
    """Return a new API key; only its hash is kept, so it cannot be shown again."""
    key = f"mulin_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(
        user=user, application=application, key_hash=token_hash(key), created_at=now, expires_at=now + life
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
