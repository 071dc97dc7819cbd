from datetime import timedelta

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from mulin.commands.users import app
from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import Grant, User
from tests.factories import NOW, make_town, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "stone-lantern-7-river"


def run(*arguments: str, typed: str = ""):
    return CliRunner().invoke(app, list(arguments), input=typed)


@pytest.fixture(autouse=True)
def roles():
    services.seed_roles(now=NOW)


def test_an_administrator_is_added_and_may_run_the_system():
    result = run("add", "sysadmin", "系统管理员", "--role", "system_admin", "--password-stdin", typed=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert user.has_perm("accounts.manage_worker")


def test_a_password_is_asked_for_twice_and_never_echoed():
    result = run("add", "wang", "王芳", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert run("add", "li", "李强", typed=f"{PASSWORD}\nother\n").exit_code != 0
    assert queries.user_by_username("li") is None


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (("add", "wang", "王芳", "--role", "emperor", "--password-stdin"), PASSWORD),
        (("add", "wang", "王芳", "--password-stdin"), "short"),
        (("add", "wang", "王芳", "--password-stdin"), ""),
        (("add", "w ang", "王芳", "--no-password"), ""),
        (("add", "taken", "王芳", "--no-password"), ""),
        (("add", "w1", "王", "--role", "system_admin", "--role", "audit_admin", "--no-password"), ""),
        (("password", "nobody", "--password-stdin"), PASSWORD),
        (("token", "nobody"), ""),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(arguments, typed):
    make_user("taken")
    result = run(*arguments, typed=typed)
    assert result.exit_code == 1
    assert result.output.strip()
    assert [user.username for user in User.objects.all()] == ["taken"]


def test_a_changed_password():
    make_user("wang")
    assert run("password", "wang", "--password-stdin", typed=PASSWORD).exit_code == 0
    assert User.objects.get().check_password(PASSWORD)


def test_a_token_is_printed_alone_and_works():
    user = make_user("api")
    result = run("token", "api", "--application", "区平台", "--days", "30")
    assert queries.user_by_token(result.output.strip(), now=timezone.now()) == user


def test_the_list_names_everybody():
    for name in ("wang", "li", "zhao"):
        make_user(name)
    output = run("list").output
    assert all(name in output for name in ("wang", "li", "zhao"))


def test_a_role_is_granted_for_a_place_until_a_day_and_taken_back():
    town = make_town()
    user, until = town.users["stranger"], f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}"
    asked = run("grant", user.username, "community", typed=f"{town.community.code}\n{until}\n")
    assert asked.exit_code == 0, asked.output
    grant = Grant.objects.get(user=user)
    assert (grant.place_id, grant.role_id, f"{grant.ends_on:%Y-%m-%d}") == (town.community.pk, "community", until)
    assert run("withdraw", user.username, "community").exit_code == 0
    assert not User.objects.get(pk=user.pk).permissions
    assert run("withdraw", user.username, "community").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("community", "--at", "", "--until", ""), 1),
        (("community", "--at", "没有的地方", "--until", ""), 1),
        (("audit_admin", "--at", "520303001001", "--until", ""), 1),
        (("community", "--at", "520303001001", "--until", "2020-01-01"), 1),
        (("community", "--at", "520303001001", "--until", "明天"), 2),
    ],
)
def test_a_role_is_not_granted_nowhere_or_for_no_time(arguments, code):
    username = make_town().users["stranger"].username
    assert run("grant", username, *arguments).exit_code == code
    assert not Grant.objects.exists()


def test_a_new_account_gets_its_role_where_it_counts():
    town = make_town()
    result = run("add", "wu", "吴", "--no-password", "--role", "department", "--at", town.organisations["HOUSING"].code)
    assert result.exit_code == 0, result.output
    assert Grant.objects.get(user__username="wu").organisation_id == town.organisations["HOUSING"].pk
