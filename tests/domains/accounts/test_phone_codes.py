"""Codes by short message: to come in by a verified work phone, to verify it; never telling which numbers are known."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mulin.domains.accounts import services
from mulin.domains.accounts.models import CodePurpose, Entry, PhoneCode, User
from mulin.domains.accounts.services.phone_codes import MOST_ATTEMPTS
from tests.domains.accounts.people import as_
from tests.domains.accounts.test_second_factor import with_app
from tests.domains.accounts.test_sign_in import who

pytestmark = pytest.mark.django_db
PHONE, OTHER = "13800000001", "13800000002"
ASK, ENTER, VERIFY = "/sign-in/code/", "/sign-in/code/enter/", "/account/phone/"


class Inbox:
    """A gateway run by the test: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.keys: list[str] = []
        self.status = 200

    def code(self) -> str:
        services.send_waiting_codes(now=timezone.now())
        found = re.search(r"\d{6}", self.messages[-1]["text"])
        assert found is not None
        return found[0]


@pytest.fixture
def inbox(settings) -> Iterator[Inbox]:
    box = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.status == 200:
                box.messages.append(json.loads(body))
                box.keys.append(self.headers["Authorization"])
            self.send_response(box.status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Silence: the test says what came."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MULIN_SMS_SIGN_IN, settings.MULIN_SMS_GATEWAY = True, "webhook"
    settings.MULIN_SMS_URL, settings.MULIN_SMS_KEY = f"http://127.0.0.1:{server.server_port}/send", "gateway-key"
    yield box
    server.shutdown()
    server.server_close()


@pytest.fixture
def worker(people) -> User:
    User.objects.filter(pk=people.stranger.pk).update(work_phone=PHONE, verified_phone=PHONE)
    return User.objects.get(pk=people.stranger.pk)


def asked(phone: str = PHONE) -> Client:
    client = Client()
    assert client.post(ASK, {"phone": phone}).headers["Location"] == ENTER
    return client


def test_a_code_opens_the_door_once(worker, inbox):
    client, code = asked(" +86 138-0000-0001"), inbox.code()
    assert (inbox.messages[0]["phone"], inbox.keys) == (PHONE, ["Bearer gateway-key"])
    assert client.post(ENTER, {"code": code}).status_code == 302
    assert who(client) == str(worker.pk)
    other = asked_without_new_code(worker)
    assert other.post(ENTER, {"code": code}).status_code == 422
    assert Entry.objects.filter(user=worker, method="PHONE_CODE", result="SIGNED_IN").count() == 1


def asked_without_new_code(worker: User) -> Client:
    """Somebody who has reached the page for the same number, but whose own code never came."""
    client = asked()
    PhoneCode.objects.order_by("-pk")[0].delete()
    return client


def test_unknown_numbers_are_answered_alike_and_sent_nothing(worker, inbox):
    known, unknown = asked(PHONE), asked(OTHER)
    services.send_waiting_codes(now=timezone.now())
    assert [message["phone"] for message in inbox.messages] == [PHONE]
    pages = [client.post(ENTER, {"code": "xxxxxx"}) for client in (known, unknown)]
    assert [page.status_code for page in pages] == [422, 422]
    assert len({page.content.split(b"<main")[1].split(b"csrfmiddlewaretoken")[0] for page in pages}) == 1
    assert PhoneCode.objects.count() == 2


def test_a_number_not_verified_or_shared_by_two_is_nobodys(worker, inbox, people):
    User.objects.filter(pk=people.sees.pk).update(work_phone=PHONE, verified_phone=PHONE)
    asked(PHONE)
    User.objects.filter(pk=people.may.pk).update(work_phone=OTHER)
    asked(OTHER)
    assert services.send_waiting_codes(now=timezone.now()) == 0


def test_a_code_is_not_guessed(worker, inbox):
    client, code = asked(), inbox.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for number in range(MOST_ATTEMPTS):
        answer = client.post(ENTER, {"code": wrong}, REMOTE_ADDR=f"10.0.0.{number}")
        assert answer.status_code == 422
    assert client.post(ENTER, {"code": code}, REMOTE_ADDR="10.0.1.1").status_code == 422
    assert who(client) is None


def test_a_code_expires_and_a_newer_one_replaces_it(worker, inbox):
    first, old = asked(), inbox.code()
    asked()
    newest = inbox.code()
    if old != newest:
        assert first.post(ENTER, {"code": old}).status_code == 422
    PhoneCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert first.post(ENTER, {"code": newest}).status_code == 422


def test_few_codes_per_phone_and_per_address(worker, inbox):
    for _ in range(3):
        asked()
    assert Client().post(ASK, {"phone": PHONE}).status_code == 429
    assert Client().post(ASK, {"phone": PHONE}, REMOTE_ADDR="10.0.0.7").status_code == 429
    for number in range(17):
        asked(f"1390000{number:04}")
    assert Client().post(ASK, {"phone": OTHER}).status_code == 429
    assert PhoneCode.objects.count() == 20


def test_a_gateway_that_is_down_is_asked_again(worker, inbox):
    client = asked()
    inbox.status = 503
    assert services.send_waiting_codes(now=timezone.now()) == 0
    inbox.status = 200
    assert client.post(ENTER, {"code": inbox.code()}).status_code == 302
    assert len(inbox.messages) == 1


def test_the_second_step_still_follows(worker, inbox):
    with_app(worker)
    client = asked()
    assert client.post(ENTER, {"code": inbox.code()}).headers["Location"] == "/sign-in/second/"
    assert who(client) is None


def test_a_work_phone_is_verified_by_its_owner(people, inbox):
    User.objects.filter(pk=people.stranger.pk).update(work_phone=PHONE)
    client = as_(people.stranger)
    client.post(VERIFY)
    assert client.post(VERIFY, {"code": "000000"}).status_code == 422
    assert not User.objects.get(pk=people.stranger.pk).has_verified_phone
    assert client.post(VERIFY, {"code": inbox.code()}).status_code == 302
    assert User.objects.get(pk=people.stranger.pk).has_verified_phone
    User.objects.filter(pk=people.stranger.pk).update(work_phone=OTHER)
    assert not User.objects.get(pk=people.stranger.pk).has_verified_phone


def test_a_code_to_verify_is_none_to_come_in(worker, inbox):
    services.ask_code(
        actor=worker, phone=PHONE, purpose=CodePurpose.VERIFY_PHONE, address="127.0.0.1", now=timezone.now()
    )
    code = inbox.code()
    client = asked_without_new_code(worker)
    assert client.post(ENTER, {"code": code}).status_code == 422


def test_off_unless_switched_on(people, settings):
    settings.MULIN_SMS_SIGN_IN = False
    assert Client().get(ASK).status_code == 404
    assert Client().get(ENTER).status_code == 403
    assert ASK not in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize("phone", ["", "12345", "23800000001", "1380000000a", "' OR 1=1"])
def test_what_is_no_phone_is_refused(worker, inbox, phone):
    assert Client().post(ASK, {"phone": phone}).status_code == 422
    assert not PhoneCode.objects.exists()


def test_a_stolen_database_holds_neither_number_nor_code(worker, inbox):
    asked(OTHER)
    asked(PHONE)
    code = inbox.code()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_phonecode ORDER BY id")
        row = cursor.fetchall()[1]
    stored = b"|".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row)
    assert (PHONE.encode() in stored, code.encode() in stored) == (False, False)
    assert PhoneCode.objects.get(user=worker).sealed == ""
