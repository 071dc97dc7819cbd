"""Sessions: seen, ended one by one or all at once, asleep after a while, and cheap."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as DjangoSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mulin.domains.accounts import queries, services
from mulin.domains.accounts.models import Entry, EntryResult, Session
from mulin.domains.accounts.presence import LIVE_HEADER, WRITTEN_AT_MOST_EVERY_S
from mulin.domains.accounts.sessions import SEEN_AT
from tests.domains.accounts.people import as_
from tests.domains.accounts.test_sign_in import try_in

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile Safari/537"
DESK = "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140"
PAGE = "/account/"


def signed_in(agent: str = DESK) -> Client:
    client = Client(headers={"User-Agent": agent})
    try_in(client)
    return client


def handle_of(client: Client) -> str:
    return queries.session_handle(client.session.session_key or "")


def last_heard_of(client: Client, seconds_ago: int) -> None:
    session = client.session
    session[SEEN_AT] = int(timezone.now().timestamp()) - seconds_ago
    session.save()


def test_one_sees_where_one_is_signed_in_and_never_the_key(people):
    desk, phone, other = signed_in(), signed_in(PHONE), as_(people.may)
    page = desk.get(PAGE).content.decode()
    for words in ("Windows · Edge", "Android · Chrome", "本次登录", "本机 127.0.0.*"):
        assert words in page
    assert page.count("row-card-title") == 2
    for client in (desk, phone, other):
        assert (client.session.session_key or "?") not in page
    assert handle_of(other) not in page
    assert DjangoSession.objects.count() == 0


def test_one_session_is_ended_by_its_owner_only(people):
    desk, phone = signed_in(), signed_in(PHONE)
    url = reverse("accounts:end-session", args=[handle_of(phone)])
    assert as_(people.may).post(url).status_code == 404
    assert as_(None).post(url).status_code == 302
    assert phone.get(PAGE).status_code == 200
    assert desk.post(url).status_code == 302
    assert (phone.get(PAGE).status_code, desk.get(PAGE).status_code) == (302, 200)
    assert Entry.objects.filter(user=people.stranger, result=EntryResult.ENDED, device="Android · Chrome").count() == 1
    assert desk.post(url).status_code == 404


def test_all_the_others_are_ended_at_once(people):
    here, others, foreign = signed_in(), [signed_in(), signed_in(PHONE)], as_(people.may)
    here.post(reverse("accounts:end-other-sessions"))
    assert [client.get(PAGE).status_code for client in (here, *others, foreign)] == [200, 302, 302, 200]


def test_a_desk_sleeps_sooner_than_a_phone(people, settings):
    desk, phone = signed_in(), signed_in(PHONE)
    now = timezone.now()
    lives = [client.session.get_expiry_date() - now for client in (desk, phone)]
    wanted = [timedelta(minutes=m) for m in (settings.MULIN_IDLE_MINUTES, settings.MULIN_IDLE_MINUTES_PHONE)]
    assert [abs(life - want) < timedelta(minutes=1) for life, want in zip(lives, wanted, strict=True)] == [True, True]
    Session.objects.filter(session_key=desk.session.session_key).update(expire_date=now)
    assert (desk.get(PAGE).status_code, phone.get(PAGE).status_code) == (302, 200)


def test_being_seen_is_written_every_few_minutes_not_at_every_request(people):
    client = signed_in()
    key = client.session.session_key
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get("/notices/")
    assert [q["sql"] for q in seen.captured_queries if q["sql"].startswith(("UPDATE", "INSERT"))] == []
    last_heard_of(client, WRITTEN_AT_MOST_EVERY_S + 1)
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() + timedelta(minutes=1))
    client.get("/notices/")
    row = Session.objects.get(session_key=key)
    assert row.seen_at is not None
    assert timezone.now() - row.seen_at < timedelta(minutes=1)
    assert row.expire_date - timezone.now() > timedelta(hours=7)


def test_a_page_that_refreshes_itself_keeps_nobody_awake(people):
    client = signed_in()
    last_heard_of(client, WRITTEN_AT_MOST_EVERY_S + 1)
    before = Session.objects.get(session_key=client.session.session_key)
    client.get(reverse("accounts:notice-count"), headers={LIVE_HEADER: "1"})
    assert Session.objects.get(pk=before.pk).seen_at == before.seen_at


def test_what_is_past_its_time_is_forgotten(people, settings):
    client, now = signed_in(), timezone.now()
    services.forget_old_entries(now=now + timedelta(days=8))
    assert (Session.objects.count(), Entry.objects.count()) == (0, 1)
    services.forget_old_entries(now=now + timedelta(days=settings.MULIN_SIGN_IN_LOG_DAYS + 1))
    assert Entry.objects.count() == 0
    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize("count", [3, 6])
def test_the_page_costs_the_same_however_many(people, count, django_assert_max_num_queries):
    client = signed_in()
    for _ in range(count):
        signed_in()
    with django_assert_max_num_queries(14):
        client.get(PAGE)
