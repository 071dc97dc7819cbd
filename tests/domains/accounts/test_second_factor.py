"""The second step: authenticator app and recovery codes, set up, asked for, demanded by role, lost and reset."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.domains.accounts import services
from mulin.domains.accounts.models import Authenticator, RecoveryCode, User
from mulin.domains.accounts.rules import FREE_FAILURES
from mulin.domains.accounts.sessions import ENTERED_AT
from tests.domains.accounts.people import as_
from tests.domains.accounts.test_sign_in import sleep_off, try_in, who
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SECOND, SET_UP, OWN = "/sign-in/second/", "/sign-in/set-up/", "/account/authenticator/"


def code_of(user: User, at: datetime | None = None) -> str:
    secret = Authenticator.objects.get(user=user).secret
    return pyotp.TOTP(secret).at(at or timezone.now())


def with_app(user: User, *, now: datetime | None = None) -> list[str]:
    """Set up an hour ago, so that the code of now is a fresh one."""
    at = now or timezone.now() - timedelta(hours=1)
    services.begin_authenticator(actor=user, now=at)
    return services.confirm_authenticator(actor=user, code=code_of(user, at), now=at)


def at_second_step(user: User) -> Client:
    client = Client()
    assert try_in(client, user.username, form={"next": "/tokens/"}).headers["Location"] == SECOND
    assert who(client) is None
    return client


def test_password_alone_does_not_open_what_an_app_guards(people):
    with_app(people.stranger)
    client = at_second_step(people.stranger)
    assert client.get("/tokens/").status_code == 302
    assert client.post(SECOND, {"code": "000000"}).status_code == 422
    assert client.post(SECOND, {"code": code_of(people.stranger)}).headers["Location"] == "/tokens/"
    assert who(client) == str(people.stranger.pk)


def test_a_code_is_good_once(people):
    with_app(people.stranger)
    code = code_of(people.stranger)
    assert at_second_step(people.stranger).post(SECOND, {"code": code}).status_code == 302
    again = at_second_step(people.stranger)
    assert (again.post(SECOND, {"code": code}).status_code, who(again)) == (422, None)


def test_codes_of_the_half_minute_before_and_after_are_taken_and_no_others(people):
    with_app(people.stranger, now=NOW)
    for seconds, good in ((90, False), (-90, False), (30, True)):
        code = code_of(people.stranger, NOW + timedelta(hours=1, seconds=seconds))
        if good:
            assert services.use_code(actor=people.stranger, code=code, now=NOW + timedelta(hours=1))
        else:
            with pytest.raises(services.CodeWrong):
                services.use_code(actor=people.stranger, code=code, now=NOW + timedelta(hours=1))


def test_a_recovery_code_replaces_the_app_once(people):
    codes = with_app(people.stranger)
    assert at_second_step(people.stranger).post(SECOND, {"code": codes[0].upper()}).status_code == 302
    again = at_second_step(people.stranger)
    assert again.post(SECOND, {"code": codes[0]}).status_code == 422
    assert again.post(SECOND, {"code": codes[1].replace("-", " ")}).status_code == 302
    assert RecoveryCode.objects.filter(used_at=None).count() == len(codes) - 2


def test_codes_of_another_person_are_worth_nothing(people):
    codes = with_app(people.may)
    with_app(people.stranger)
    client = at_second_step(people.stranger)
    for code in (codes[0], code_of(people.may)):
        assert client.post(SECOND, {"code": code}).status_code == 422
    assert RecoveryCode.objects.filter(user=people.may, used_at=None).count() == len(codes)


def test_guessing_codes_locks_the_second_step(people):
    with_app(people.stranger)
    client = at_second_step(people.stranger)
    for _ in range(FREE_FAILURES + 1):
        assert client.post(SECOND, {"code": "000000"}).status_code == 422
    assert client.post(SECOND, {"code": code_of(people.stranger)}).status_code == 429
    elsewhere = at_second_step(people.stranger)
    assert elsewhere.post(SECOND, {"code": code_of(people.stranger)}, REMOTE_ADDR="10.0.0.9").status_code == 429
    sleep_off(timedelta(minutes=6))
    assert client.post(SECOND, {"code": code_of(people.stranger)}).status_code == 302


def test_the_steps_do_not_wait_for_ever(people):
    with_app(people.stranger)
    client = at_second_step(people.stranger)
    session = client.session
    session["on_the_way"] = {**session["on_the_way"], "began_at_s": 0}
    session.save()
    assert client.post(SECOND, {"code": code_of(people.stranger)}).status_code == 403
    assert who(client) is None


@pytest.mark.parametrize(
    ("setting", "demanded"), [("off", set()), ("administrators", {"may", "sees"}), ("all", {"may", "sees", "stranger"})]
)
def test_it_is_demanded_from_whom_the_setting_says(people, settings, setting, demanded):
    settings.MULIN_SECOND_FACTOR = setting
    sent = {name for name in ("may", "sees", "stranger") if try_in(Client(), name).headers["Location"] == SET_UP}
    assert sent == demanded


def test_who_must_have_one_sets_it_up_on_the_way_in(people, settings):
    settings.MULIN_SECOND_FACTOR = "administrators"
    client = Client()
    try_in(client, "may", form={"next": "/worker/"})
    assert "data:image/svg+xml" in client.get(SET_UP).content.decode()
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    assert (who(client), client.get("/worker/").status_code) == (None, 302)
    codes_page = client.post(SET_UP, {"code": code_of(people.may)}).content.decode()
    assert (codes_page.count("<li><code>"), "/worker/" in codes_page) == (services.factors.RECOVERY_CODES, True)
    assert client.get("/worker/").status_code == 200
    assert client.post(reverse("accounts:remove-authenticator")).status_code == 409
    assert Authenticator.objects.filter(user=people.may).exists()


def test_an_app_already_set_up_is_not_replaced_on_the_way_in(people, settings):
    settings.MULIN_SECOND_FACTOR = "all"
    with_app(people.stranger)
    before = Authenticator.objects.get().secret
    client = at_second_step(people.stranger)
    assert client.get(SET_UP).headers["Location"] == SECOND
    assert client.post(SET_UP, {"code": code_of(people.stranger)}).headers["Location"] == SECOND
    assert (Authenticator.objects.get().secret, who(client)) == (before, None)


def test_set_up_and_removed_by_oneself_while_fresh(people):
    client = as_(people.stranger)
    client.get(OWN)
    assert client.post(OWN, {"code": code_of(people.stranger)}).content.decode().count("<li><code>") == 10
    renewed = client.post(reverse("accounts:recovery-codes")).content.decode()
    assert renewed.count("<li><code>") == 10
    session = client.session
    session[ENTERED_AT] -= 3600
    session.save()
    for name in ("remove-authenticator", "recovery-codes", "ask-new-passkey"):
        assert client.post(reverse(f"accounts:{name}")).status_code == 403
    assert Authenticator.objects.exists()
    session[ENTERED_AT] += 3600
    session.save()
    client.post(reverse("accounts:remove-authenticator"))
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_a_stolen_database_gives_no_code(people):
    codes = with_app(people.stranger)
    secret = Authenticator.objects.get().secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        stored = bytes(cursor.fetchone()[0])
        cursor.execute("SELECT code_hash FROM accounts_recoverycode")
        hashes = "".join(row[0] for row in cursor.fetchall())
    assert secret.encode() not in stored
    assert not [code for code in codes if code.replace("-", "") in hashes]


def test_passkeys_are_refused_unless_they_answer_our_question(people):
    client = as_(people.stranger)
    url = reverse("accounts:add-passkey")
    made_up = {"credential": {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, "name": "x"}
    bodies: tuple[Any, ...] = ({}, [], made_up, {"credential": "x"})
    for body in bodies:
        assert client.post(url, body, content_type="application/json").status_code == 400
    asked = client.post(reverse("accounts:ask-new-passkey"))
    assert asked.json()["authenticatorSelection"]["userVerification"] == "required"
    assert client.post(url, made_up, content_type="application/json").status_code == 400
    visitor = Client()
    assert visitor.post(reverse("accounts:ask-passkey")).json()["allowCredentials"] == []
    entered = visitor.post(reverse("accounts:sign-in-by-passkey"), made_up, content_type="application/json")
    assert (entered.status_code, who(visitor)) == (400, None)


def test_times_are_those_of_the_clock_given(people):
    """The app's clock and ours: a code of another day is worth nothing."""
    services.begin_authenticator(actor=people.may, now=NOW)
    with pytest.raises(services.CodeWrong):
        services.confirm_authenticator(
            actor=people.may, code=code_of(people.may, datetime(2020, 1, 1, tzinfo=UTC)), now=NOW
        )
    assert Authenticator.objects.get().confirmed_at is None
