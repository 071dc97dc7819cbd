"""Passwords: rules, no return to the last ones, the first one changed, the sessions a change ends."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.domains.accounts import services
from mulin.domains.accounts.models import FormerPassword, Session, User
from mulin.domains.accounts.rules import FREE_FAILURES
from tests.domains.accounts.people import PASSWORD, as_
from tests.domains.accounts.test_sign_in import try_in, who
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NEW = "another-lantern-9"
CHANGE = "/account/password/"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str | None = None):
    return client.post(CHANGE, {"current": current, "password": new, "again": new if again is None else again})


def test_one_changes_ones_own_and_stays_while_the_others_go(people):
    here, elsewhere, other = as_(people.may), as_(people.may), as_(people.stranger)
    assert change(here).status_code == 302
    assert (here.get(CHANGE).status_code, elsewhere.get(CHANGE).status_code) == (200, 302)
    assert other.get(CHANGE).status_code == 200
    assert Session.objects.filter(user=people.may).count() == 1
    assert User.objects.get(pk=people.may.pk).check_password(NEW)


@pytest.mark.parametrize(
    ("current", "new", "again"),
    [("wrong", NEW, NEW), (PASSWORD, NEW, "other"), (PASSWORD, "short", "short"), (PASSWORD, "password123", None),
     (PASSWORD, PASSWORD, PASSWORD), ("", "", "")],
)  # fmt: skip
def test_what_is_refused_changes_nothing(people, current, new, again):
    client = as_(people.may)
    assert change(client, current, new, again).status_code == 422
    assert User.objects.get(pk=people.may.pk).check_password(PASSWORD)
    assert client.get(CHANGE).status_code == 200


def test_an_open_desk_is_no_place_to_guess_the_password(people):
    client = as_(people.may)
    for _ in range(FREE_FAILURES + 1):
        change(client, current="wrong")
    assert change(client).status_code == 429
    assert User.objects.get(pk=people.may.pk).check_password(PASSWORD)


def test_the_last_five_are_not_taken_again(people, settings):
    settings.MULIN_PASSWORD_HISTORY = 3
    used = [f"lantern-number-{number}" for number in range(4)]
    for password in used:
        services.set_password(actor=None, user=people.may, password=password, now=NOW)
    for password in used[1:]:
        with pytest.raises(services.PasswordUsedBefore):
            services.set_password(actor=None, user=people.may, password=password, now=NOW)
    services.set_password(actor=None, user=people.may, password=used[0], now=NOW)
    assert FormerPassword.objects.filter(user=people.may).count() == 3
    assert not FormerPassword.objects.filter(password__contains="lantern").exists()


def test_a_first_password_lets_in_only_to_be_changed(people):
    first = services.give_first_password(actor=people.may, user=people.stranger, now=NOW)
    client = Client()
    answer = try_in(client, password=first, form={"next": "/tokens/"})
    assert answer.headers["Location"] == reverse("accounts:first-password")
    assert (who(client), client.get("/tokens/").status_code) == (None, 302)
    page = "/sign-in/new-password/"
    assert client.post(page, {"password": first, "again": first}).status_code == 422
    assert who(client) is None
    assert client.post(page, {"password": NEW, "again": NEW}).headers["Location"] == "/tokens/"
    assert who(client) == str(people.stranger.pk)
    assert try_in(Client(), password=NEW).headers["Location"] == "/"


def test_nobody_enters_by_the_later_steps_alone(client, people):
    for page in ("second/", "set-up/", "new-password/"):
        assert client.get(f"/sign-in/{page}").status_code == 403
        assert client.post(f"/sign-in/{page}", {"password": NEW, "again": NEW, "code": "123456"}).status_code == 403
    assert who(client) is None


def test_a_password_grows_too_old_only_where_the_setting_says_so(people, settings):
    User.objects.update(password_set_at=timezone.now() - timedelta(days=91))
    assert try_in(Client()).headers["Location"] == "/"
    settings.MULIN_PASSWORD_DAYS = 90
    assert try_in(Client()).headers["Location"] == reverse("accounts:first-password")
