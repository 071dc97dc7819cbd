"""What every answer carries and no answer gives away, over every address of the permission table."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import NoReverseMatch, include, path, reverse
from django.utils import timezone
from PIL import Image

from mulin.commands.seed import seed_reference
from mulin.core import ratelimit
from mulin.core.errors import TooMany
from mulin.core.models import RefusedAttempt
from mulin.domains.accounts import queries
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import CodePurpose, PhoneCode
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Photo
from mulin.domains.places import queries as places
from mulin.web import guards
from tests.factories import NOW, make_town, make_user
from tests.permission_table import PERMISSION_TABLE

NAMES = sorted(PERMISSION_TABLE)
PAGES = [name for name in NAMES if not name.startswith("api")]
PASSWORD = "槐树下面纳凉的老王和小李"
ROLES = (None, "county", "leader")
ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "https:evil.example", "http:///evil.example",
    "javascript:alert(1)", " //evil.example", "/\t/evil.example", "data:text/html,x",
    "https://127.0.0.1@evil.example",
]  # fmt: skip


@pytest.fixture
def town(db):
    seed_reference(now=NOW)
    return make_town()


@pytest.fixture
def case(town):
    location = places.locate_board(town.board_code())
    return services.report_case(actor=None, report=services.Report("楼道灯不亮", "0601", location), now=timezone.now())


def addresses(names, case=None, board="x"):
    """Return an address for each name: its arguments are filled with what is there, or with something."""
    fillings = [
        (),
        (case.pk if case else 1,),
        (case.receipt_code if case else "x",),
        (board,),
        ("communities",),
        (1, 1),
        (1, "x"),
    ]
    for name in names:
        for arguments in fillings:
            try:
                yield name, reverse(name, args=arguments)
            except NoReverseMatch:
                continue
            break
        else:
            if name not in {"api:api-root", "api:openapi-json", "api:openapi-view"}:
                yield name, None


def inline_scripts(html):
    page = BeautifulSoup(html, "html.parser")
    scripts = [
        str(tag)[:80] for tag in page.find_all("script") if not tag.get("src") and "json" not in str(tag.get("type"))
    ]
    handlers = [f"{tag.name} {name}" for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
    links = [tag["href"] for tag in page.find_all(href=True) if tag["href"].strip().lower().startswith("javascript:")]
    return scripts + handlers + links


def unsafe(response):
    """Return what is missing or wrong in an answer."""
    headers, wrong = response.headers, []
    policy = headers.get("Content-Security-Policy", "")
    if "unsafe-eval" in policy or re.search(r"script-src[^;]*unsafe-inline", policy) or "default-src" not in policy:
        wrong.append(f"policy {policy!r}")
    if "frame-ancestors 'none'" not in policy or headers.get("X-Frame-Options") != "DENY":
        wrong.append("may stand in a frame")
    for name, value in (
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ):  # fmt: skip
        if headers.get(name) != value:
            wrong.append(f"{name}: {headers.get(name)}")
    if "Permissions-Policy" not in headers:
        wrong.append("no Permissions-Policy")
    wrong += [name for name in ("Server", "X-Powered-By", "Via") if name in headers]
    if "text/html" in headers.get("Content-Type", "") and not response.streaming:
        wrong += inline_scripts(response.content)
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_closed_to_scripts_frames_and_guesses(client, town, case, role):
    if role:
        client.force_login(town.users[role])
    wrong, seen, reached = {}, 0, set()
    for name, address in addresses(NAMES, case, town.board_code()):
        if address is None:
            continue
        response = client.get(address)
        seen += 1
        reached.add(response.status_code)
        if found := unsafe(response):
            wrong[name] = found
    assert seen > 150
    assert 200 in reached
    assert max(reached) < 500
    assert wrong == {}


def test_every_page_that_writes_asks_for_the_pages_own_token(town, case):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.users["county"])
    let_in = []
    for name, address in addresses(PAGES, case, town.board_code()):
        if address is not None and strict.post(address).status_code not in {403, 405}:
            let_in.append(name)
    assert let_in == []


def test_a_write_to_the_api_by_a_session_asks_for_it_too(town, case):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.users["leader"])
    answer = strict.post(f"/api/v1/cases/{case.pk}/moves/accept", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert Case.objects.get().status == case.status


def test_behind_a_proxy_cookies_and_transport_are_secure():
    script = (
        "import django; django.setup()\nfrom django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SECURE_HSTS_SECONDS,"
        " s.SECURE_PROXY_SSL_HEADER, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.DEBUG)"
    )
    environment = {**os.environ, "MULIN_BEHIND_PROXY": "1", "DJANGO_SETTINGS_MODULE": "mulin.config.settings"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    assert told.stdout.split(maxsplit=4)[:4] == ["True", "True", "True", "31536000"]
    assert "('HTTP_X_FORWARDED_PROTO', 'https') True Lax False" in told.stdout


@override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
def test_hsts_is_said_where_the_proxy_spoke_https(client, town):
    over_tls = client.get(reverse("cases:report"), headers={"X-Forwarded-Proto": "https"})
    assert over_tls.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in client.get(reverse("cases:report")).headers


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_leads_out_of_the_house(client, town, target):
    accounts.set_password(actor=None, user=town.users["leader"], password=PASSWORD, now=timezone.now())
    said = {"username": town.users["leader"].username, "password": PASSWORD, "next": target}
    answers = [
        client.post(reverse("web:set-elder"), {"elder": "1", "next": target}),
        client.post(reverse("web:set-language"), {"language": "en", "next": target}),
        client.post(reverse("web:set-language"), {"language": "en"}, headers={"Referer": target}),
        client.post(reverse("accounts:sign-in"), said),
        client.get(reverse("accounts:sign-in"), {"next": target}),
        client.get(target if target.startswith("/") and "\t" not in target else "/today/", follow=False),
    ]  # fmt: skip
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\")), location


def falls(request: HttpRequest) -> HttpResponse:
    secret = "geheim-4711"
    raise RuntimeError(f"{secret} in {request.path}")


urlpatterns = [path("falls/", falls), path("", include("mulin.config.urls"))]
handler400 = "mulin.web.views.bad_request"
handler403 = "mulin.web.views.permission_denied"
handler404 = "mulin.web.views.page_not_found"
handler500 = "mulin.web.views.server_error"


@override_settings(ROOT_URLCONF=__name__)
def test_a_crash_shows_neither_code_nor_values(db):
    client = Client(raise_request_exception=False)
    answer = client.get("/falls/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出了差错" in text
    for secret in ("geheim", "RuntimeError", "Traceback", "test_hardening", "site-packages"):
        assert secret not in text
    assert unsafe(answer) == []


def test_a_sign_in_takes_as_long_for_a_name_nobody_has(client, town):
    accounts.set_password(actor=None, user=town.users["leader"], password=PASSWORD, now=timezone.now())

    def seconds(username):
        began = time.perf_counter()
        client.post(reverse("accounts:sign-in"), {"username": username, "password": "wrong"})
        return time.perf_counter() - began

    seconds("warm-up")
    known = min(seconds(town.users["leader"].username) for _ in range(3))
    unknown = min(seconds(f"nobody-{n}") for n in range(3))
    assert unknown > known / 2
    assert known > unknown / 2


def test_wrong_and_ill_formed_codes_are_answered_alike(client, case):
    answers = {
        client.post(reverse("cases:follow-by-code"), {"code": code}).status_code for code in ("AAAA-BBBB-CCCC", "x", "")
    }
    texts = {client.get(f"/api/v1/follow/{code}").json()["message"] for code in ("AAAABBBBCCCC", "x1")}
    assert answers == {422}
    assert len(texts) == 1


def image(kind="JPEG", **more):
    file = BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, kind, **more)
    return file.getvalue()


def report_with(client, town, *contents, name="a.jpg", kind="image/jpeg"):
    photos = [SimpleUploadedFile(name, content, kind) for content in contents]
    said = {"text": "井盖坏了", "b": town.board_code(), "board": town.board_code(), "photos": photos}
    return client.post("/api/v1/reports/with-photos", said)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.jpg"),
        (b"<html><script>alert(1)</script></html>", "a.jpg"),
        (b"GIF89a" + b"\x00" * 100, "a.gif"),
        (b"%PDF-1.7\n", "a.pdf"),
        (b"MZ" + b"\x00" * 500, "a.jpg"),
        (b"PK\x03\x04" + b"\x00" * 500, "a.jpg"),
    ],
)
def test_what_an_upload_is_is_told_by_its_content(client, town, settings, tmp_path, content, name):
    settings.MEDIA_ROOT = tmp_path
    answer = report_with(client, town, content, name=name)
    assert (answer.status_code, answer.json()["code"]) == (400, "photo_unreadable")
    assert (Case.objects.count(), list(tmp_path.rglob("*.*"))) == (0, [])


def test_a_picture_that_hides_a_page_is_encoded_anew_and_served_as_a_picture(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    hidden = b"<script>alert(1)</script>"
    answer = report_with(client, town, image() + hidden, name="../../x.html", kind="text/html")
    assert answer.status_code == 201
    (kept,) = tmp_path.rglob("*.jpg")
    assert hidden not in kept.read_bytes()
    shown = client.get(reverse("cases:photo", args=[Photo.objects.get().pk]), {"code": answer.json()["receipt_code"]})
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")


def test_the_number_of_files_is_limited_before_they_are_read(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = report_with(client, town, *[image()] * 7)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_files")
    assert (Case.objects.count(), list(tmp_path.rglob("*.*"))) == (0, [])


def test_a_file_too_large_ends_the_call(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = report_with(client, town, image(), b"\x00" * (15 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert (Case.objects.count(), list(tmp_path.rglob("*.*"))) == (0, [])


@pytest.mark.parametrize("address", ["web:set-elder", "accounts:sign-in", "cases:follow-by-code"])
def test_a_form_that_takes_no_files_keeps_none(client, town, settings, tmp_path, address):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    small = client.post(reverse(address), {"elder": "1", "code": "x", "photos": SimpleUploadedFile("a", b"x" * 1000)})
    assert small.status_code < 500
    large = client.post(reverse(address), {"photos": SimpleUploadedFile("a", b"x" * 3_000_000)})
    assert large.status_code == 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_attempts_from_many_processes_are_all_counted():
    """The counter stands in the database: no process has a count of its own."""

    def guess():
        for _ in range(5):
            ratelimit.count_refused("guess:192.0.2.1", now=NOW)
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(RefusedAttempt.objects.values_list("count", flat=True)) == 20
    ratelimit.check("guess:192.0.2.1", most=21, now=NOW)
    with pytest.raises(TooMany):
        ratelimit.check("guess:192.0.2.1", most=20, now=NOW)


def test_a_flood_of_reports_is_slowed_down_by_pages_and_api_together(client, town):
    body = {"text": "路灯坏了", "board": town.board_code()}
    first = [client.post("/api/v1/reports", body, content_type="application/json").status_code for _ in range(30)]
    by_page = client.post(reverse("cases:report"), {"text": "路灯坏了", "b": town.board_code()})
    elsewhere = client.post("/api/v1/reports", body, content_type="application/json", REMOTE_ADDR="192.0.2.7")
    assert set(first) == {201}
    assert by_page.status_code == 429
    assert elsewhere.status_code == 201


QUESTIONS = {
    "find": ("get", "/places/find?q=路灯", {}),
    "suggest": ("post", "/report/suggest/", {"text": "路灯坏了"}),
    "place": ("get", "/report/place/?lon=106.9&lat=27.7", {}),
    "api suggest": ("post", "/api/v1/suggestions", {"text": "路灯坏了"}),
    "api similar": ("get", "/api/v1/reports/similar?board={board}&category=0601", {}),
    "api point": ("get", "/api/v1/locate/point?lon=106.9&lat=27.7", {}),
    "api board": ("get", "/api/v1/locate/board/{board}", {}),
    "api address": ("get", "/api/v1/locate/address?text=路灯", {}),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_who_asks_without_end_is_slowed_down_and_told_how_to_report_all_the_same(client, town, name):
    method, address, body = QUESTIONS[name]
    address = address.format(board=town.board_code())
    kind = {"content_type": "application/json"} if body and address.startswith("/api/") else {}

    def ask(**more):
        return getattr(client, method)(address, body or None, **kind, **more)

    assert ask().status_code not in (429, 500)
    counted = RefusedAttempt.objects.get(bucket="question:127.0.0.1")
    assert counted.count == 1
    RefusedAttempt.objects.filter(pk=counted.pk).update(count=guards.MOST_QUESTIONS)
    refused = ask()
    assert refused.status_code == 429
    told = refused.json()["remedy"] if "json" in refused["Content-Type"] else refused.content.decode()
    assert "不用查找也能反映" in told
    assert ask(REMOTE_ADDR="192.0.2.7").status_code != 429
    client.force_login(town.users["community"])
    assert ask().status_code != 429
    assert RefusedAttempt.objects.get(pk=counted.pk).count == guards.MOST_QUESTIONS


def test_a_disk_that_takes_no_count_keeps_nobody_from_an_answer(client, town):
    with read_only():
        assert client.get("/places/find", {"q": "路灯"}).status_code == 200
    assert not RefusedAttempt.objects.exists()


@contextmanager
def read_only():
    """Let the database refuse every write."""
    is_sqlite = connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET LOCAL transaction_read_only = on")
        try:
            yield
        finally:
            if is_sqlite:
                cursor.execute("PRAGMA query_only = 0")
            transaction.set_rollback(True)  # on PostgreSQL this ends it too


def test_guessing_one_phone_code_ends_after_five_from_wherever(db, settings):
    """Per code, not per address: five wrong tries, and the right one is worth nothing."""
    now, phone = timezone.now(), "13900001234"
    somebody = make_user("somebody", work_phone=phone)
    accounts.ask_code(actor=somebody, phone=phone, purpose=CodePurpose.SIGN_IN, address="127.0.0.1", now=now)
    right = PhoneCode.objects.get().sealed
    wrong = f"{(int(right) + 1) % 10**6:06}"
    hashed = queries.phone_hash(phone)

    def use(code):
        return accounts.use_phone_code(hashed_phone=hashed, purpose=CodePurpose.SIGN_IN, code=code, now=now)

    assert [use(wrong) for _ in range(5)] == [None] * 5
    assert use(right) is None
