"""Three people for every test: who may, who may see, a stranger."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from mulin.domains.accounts import services
from mulin.domains.accounts.models import Role, User
from tests.factories import NOW, SINCE, make_user

PASSWORD = "stone-lantern-7-river"


@dataclass
class People:
    may: User
    sees: User
    stranger: User


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    """Argon2 takes a third of a second on purpose; what is tested here does not depend on which hash it is."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def people(db, quick_hashing) -> People:
    """`may` runs the system, `sees` may look at the worker only, `stranger` has an account and nothing else."""
    services.seed_roles(now=NOW)
    Role.objects.create(code="looks", name_zh="值班", name_en="Watch", permissions=["accounts.see_worker"])
    made = People(*(make_user(name, name=f"测试{name}") for name in ("may", "sees", "stranger")))
    for user in (made.may, made.sees, made.stranger):
        user.password = make_password(PASSWORD)
        user.save()
    services.grant_role(actor=None, user=made.may, role_code="system_admin", starts_on=SINCE, now=NOW)
    services.grant_role(actor=None, user=made.sees, role_code="looks", starts_on=SINCE, now=NOW)
    return made


def as_(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
