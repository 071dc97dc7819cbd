from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from mulin.core.models import RefusedAttempt
from mulin.domains.accounts.models import Entry, EntryResult, FailedEntry, User
from mulin.domains.accounts.rules import (
    ADMINISTRATORS,
    FIRST_LOCK,
    FREE_FAILURES,
    LONGEST_LOCK,
    lock_after,
    may_be_given,
    username_problem,
)
from mulin.domains.accounts.views.steps import MOST_FAILURES_PER_ADDRESS
from tests.domains.accounts.people import PASSWORD, as_

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"


def try_in(client: Client, username: str = "stranger", password: str = PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more.pop("form", {})}, **more)


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_the_right_password_opens_the_door(client, people):
    response = try_in(client)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert who(client) == str(people.stranger.pk)


def test_the_session_key_is_new_after_signing_in(client, people):
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    try_in(client)
    assert client.session.session_key != before
    assert not client.session.exists(before)


def test_every_failure_looks_alike(client, people):
    User.objects.filter(username="sees").update(is_active=False)
    pages = [try_in(client, name, word) for name, word in (("may", "wrong"), ("nobody", "wrong"), ("sees", PASSWORD))]
    assert {page.status_code for page in pages} == {422}
    notices = {page.content.decode().split('role="alert"')[1].split("</div>")[0] for page in pages}
    assert len(notices) == 1
    assert who(client) is None


@pytest.mark.parametrize("username", ["", "a" * 61, "nul\x00", "' OR 1=1 --", "　"])
def test_strange_names_are_refused(client, people, username):
    assert try_in(client, username).status_code == 422
    assert who(client) is None


def fail(client: Client, times: int, username: str = "stranger") -> None:
    for _ in range(times):
        assert try_in(client, username, "wrong").status_code == 422


def sleep_off(by: timedelta) -> None:
    FailedEntry.objects.exclude(locked_until=None).update(locked_until=F("locked_until") - by)


def test_after_five_failures_even_the_right_password_waits(client, people):
    fail(client, FREE_FAILURES + 1)
    assert try_in(client).status_code == 429
    assert who(client) is None
    assert try_in(client, "may").status_code == 302
    assert try_in(Client(), REMOTE_ADDR="10.0.0.9").status_code == 302
    log = Entry.objects.filter(user=people.stranger).order_by("pk")
    assert [entry.result for entry in log][-2:] == ["LOCKED", "SIGNED_IN"]


def test_a_name_nobody_has_is_locked_alike(client, people):
    fail(client, FREE_FAILURES + 1, "nobody")
    unknown = try_in(client, "nobody", "wrong")
    fail(Client(), FREE_FAILURES + 1)
    known = try_in(Client(), password="wrong")
    assert (unknown.status_code, known.status_code) == (429, 429)
    assert unknown.content.split(b"<main")[1] == known.content.split(b"<main")[1]
    assert not Entry.objects.filter(user=None).exclude(result__in=["WRONG", "LOCKED"]).exists()


def test_each_lock_is_longer_and_success_forgives(client, people):
    fail(client, FREE_FAILURES + 1)
    sleep_off(FIRST_LOCK)
    fail(client, 1)
    sleep_off(FIRST_LOCK)
    assert try_in(client).status_code == 429
    sleep_off(FIRST_LOCK)
    assert try_in(client).status_code == 302
    assert not FailedEntry.objects.exists()


@given(st.integers(0, 1000))
def test_locks_grow_and_end(failures):
    before, after = lock_after(failures), lock_after(failures + 1)
    assert (after is None) == (failures < FREE_FAILURES)
    assert after is None or LONGEST_LOCK >= after >= (before or FIRST_LOCK)


def test_the_log_tells_who_came_and_keeps_no_unknown_name(client, people):
    try_in(client, "my-password-by-mistake", "wrong")
    try_in(client, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537"})
    client.post(reverse("accounts:sign-out"))
    rows = list(Entry.objects.order_by("pk").values_list("user", "result", "method", "address", "device"))
    mine = people.stranger.pk
    assert rows == [
        (None, EntryResult.WRONG, "PASSWORD", "127.0.0.1", ""),
        (mine, EntryResult.SIGNED_IN, "PASSWORD", "127.0.0.1", "Windows · Chrome"),
        (mine, EntryResult.SIGNED_OUT, "", "127.0.0.1", ""),
    ]


def test_guessing_many_names_from_one_address_is_slowed_down_too(client, people):
    RefusedAttempt.objects.all().delete()
    try_in(client, "nobody", "wrong")
    RefusedAttempt.objects.filter(bucket__startswith="sign-in-from:").update(count=MOST_FAILURES_PER_ADDRESS)
    assert try_in(client).status_code == 429


@pytest.mark.parametrize(
    ("target", "landing"),
    [
        ("/tokens/", "/tokens/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_stays_in_the_house(client, people, target, landing):
    assert try_in(client, form={"next": target}).headers["Location"] == landing
    assert client.get(SIGN_IN, {"next": target}).headers["Location"] == landing


def test_signing_out_needs_a_post_and_forgets_everything(people):
    client = as_(people.may)
    key = client.session.session_key or ""
    assert client.get(reverse("accounts:sign-out")).status_code == 405
    assert who(client) == str(people.may.pk)
    client.post(reverse("accounts:sign-out"))
    assert who(client) is None
    assert not client.session.exists(key)


def test_a_form_from_elsewhere_is_refused(people):
    client = Client(enforce_csrf_checks=True)
    assert try_in(client).status_code == 403
    assert who(client) is None


def test_the_sign_in_page_is_never_kept(client, people):
    response = client.get(SIGN_IN)
    assert "no-store" in response.headers["Cache-Control"]
    assert 'autocomplete="current-password"' in response.content.decode()


@given(
    st.sampled_from([*sorted(ADMINISTRATORS), "grid", "street"]), st.sets(st.sampled_from([*ADMINISTRATORS, "grid"]))
)
def test_nobody_is_administrator_and_anything_else(role, held):
    assert may_be_given(role, held) == (held <= {role} or not ({role} | held) & ADMINISTRATORS)


@pytest.mark.parametrize("name", ["a", "", "a b", "a\nb", "x" * 61, "<b>"])
def test_names_nobody_can_type_are_refused(name):
    assert username_problem(name)


@pytest.mark.parametrize("name", ["王芳", "wang.fang", "grid-12@hc"])
def test_names_people_use_are_fine(name):
    assert not username_problem(name)
