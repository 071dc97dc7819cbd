import pytest
from django.utils import timezone
from typer.testing import CliRunner

from mulin.commands.users import app
from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import User
from tests.factories import NOW, make_user

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
