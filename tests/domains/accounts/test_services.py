from datetime import timedelta

import pytest
from django.contrib.auth import authenticate

from mulin.domains.accounts import services
from mulin.domains.accounts.models import Grant, User
from tests.domains.accounts.people import PASSWORD, as_
from tests.factories import NOW, SINCE

pytestmark = pytest.mark.django_db


def test_a_user_is_made_once(people):
    user = services.create_user(actor=None, username="王芳", name="王芳", password=PASSWORD, now=NOW)
    assert authenticate(username="王芳", password=PASSWORD) == user
    with pytest.raises(services.UsernameTaken):
        services.create_user(actor=None, username="王芳", name="另一个王芳", now=NOW)
    with pytest.raises(services.UsernameInvalid):
        services.create_user(actor=None, username="王 芳", name="王芳", now=NOW)
    assert User.objects.filter(username__contains="芳").count() == 1


def test_without_a_password_nobody_signs_in(people):
    services.create_user(actor=None, username="quiet", name="静", now=NOW)
    for guess in ("", "None", "!", PASSWORD):
        assert authenticate(username="quiet", password=guess) is None


@pytest.mark.parametrize("weak", ["", "short", "1234567890", "password123", "stranger-1"])
def test_a_weak_password_changes_nothing(people, weak):
    with pytest.raises(services.PasswordWeak):
        services.set_password(actor=None, user=people.stranger, password=weak, now=NOW)
    assert authenticate(username="stranger", password=PASSWORD) == people.stranger


def test_a_new_password_signs_everybody_out(people):
    client = as_(people.stranger)
    assert client.get("/notices/").status_code == 200
    services.set_password(actor=None, user=people.stranger, password="another-lantern-9", now=NOW)
    assert client.get("/notices/").status_code == 302
    assert authenticate(username="stranger", password=PASSWORD) is None


def test_the_three_administrators_are_three_people(people):
    with pytest.raises(services.AdministratorsSeparate):
        services.grant_role(actor=None, user=people.may, role_code="audit_admin", starts_on=SINCE, now=NOW)
    services.grant_role(actor=None, user=people.stranger, role_code="audit_admin", starts_on=SINCE, now=NOW)
    assert Grant.objects.filter(role="audit_admin").get().user == people.stranger


def test_granting_twice_is_granting_once(people):
    services.grant_role(actor=None, user=people.may, role_code="system_admin", starts_on=SINCE, now=NOW)
    assert Grant.objects.filter(user=people.may).count() == 1
    with pytest.raises(services.RoleUnknown):
        services.grant_role(actor=None, user=people.may, role_code="emperor", starts_on=SINCE, now=NOW)


def test_a_role_counts_from_its_day_to_its_day(people):
    later = NOW.date() + timedelta(days=365 * 10)
    services.grant_role(actor=None, user=people.stranger, role_code="security_admin", starts_on=later, now=NOW)
    assert not User.objects.get(pk=people.stranger.pk).has_perm("accounts.manage_users")
    Grant.objects.filter(user=people.may).update(ends_on=SINCE + timedelta(days=1))
    assert not User.objects.get(pk=people.may.pk).has_perm("accounts.see_worker")
