from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from mulin.core.errors import Conflict
from mulin.web.context import ELDER_COOKIE, Shell
from mulin.web.csp import content_security_policy
from mulin.web.fragments import go_to, page_or_part
from mulin.web.middleware import RefusalMiddleware, SafeHeadersMiddleware, refusal_response

NAVIGATION = [
    {"url_name": "web:offline", "label": "甲", "icon": "map", "permission": "may.first"},
    {"url_name": "web:manifest", "label": "乙", "icon": "map", "permission": "may.second", "shells": ("desk",)},
]


class Person:
    is_authenticated = True

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def has_perm(self, permission: str) -> bool:
        return permission in self.permissions

    def __str__(self) -> str:
        return "王桂芳"


def asked(path: str = "/", user: object = None, **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.user = user or AnonymousUser()  # type: ignore[assignment]
    return request


def document(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=False)


@pytest.mark.parametrize("shell", ["desk", "phone"])
@override_settings(DEBUG=True)
def test_the_style_guide_shows_every_component(db: None, client: Client, shell: str) -> None:
    response = client.get(reverse("web:styleguide", args=[shell]))
    html = document(response)
    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert len(html.find_all("h1")) == 1
    assert html.find("a", class_="skip-link", href="#content") is not None
    assert html.find(id="content") is not None
    ids = [tag["id"] for tag in html.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_the_style_guide_is_for_developers(db: None, client: Client) -> None:
    assert client.get(reverse("web:styleguide", args=["desk"])).status_code == 404


@override_settings(DEBUG=True)
def test_elder_mode_is_in_the_first_byte_and_can_be_left_again(db: None, client: Client) -> None:
    guide = reverse("web:styleguide", args=["phone"])

    def classes() -> list[str]:
        root = document(client.get(guide)).html
        assert root is not None
        return list(root["class"])

    assert classes() == ["phone"]
    answer = client.post(reverse("web:set-elder"), {"elder": "1", "next": guide})
    assert (answer.status_code, answer.headers["Location"]) == (302, guide)
    assert client.cookies[ELDER_COOKIE]["httponly"]
    assert classes() == ["phone", "elder"]
    client.post(reverse("web:set-elder"), {"elder": "0", "next": guide})
    assert classes() == ["phone"]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_switch_never_leads_away(client: Client, target: str) -> None:
    assert client.post(reverse("web:set-elder"), {"elder": "1", "next": target}).headers["Location"] == "/"


def test_a_switch_cannot_be_thrown_from_elsewhere() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("web:set-elder"), {"elder": "1"}).status_code == 403
    assert strict.get(reverse("web:set-elder")).status_code == 405


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: Client(enforce_csrf_checks=True).post(reverse("web:set-elder"), {"elder": "1"}), "page_too_old"),
        (lambda: Client().get(reverse("web:set-elder")), "method_not_allowed"),
        (lambda: Client().get("/", headers={"host": "elsewhere.example"}), "not_understood"),
    ],
)
def test_what_django_refuses_says_what_to_do_in_our_words(db: None, answer: Callable[[], Any], code: str) -> None:
    page = document(answer())
    assert code in page.get_text()
    assert "回到上一页" in page.get_text()
    assert page.find("a", href="/") is not None


def test_a_program_that_asks_the_wrong_way_is_told_which_is_right(db: None) -> None:
    refused = Client().get(reverse("web:set-elder"))
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


@override_settings(DEBUG=True)
def test_the_language_can_be_switched(db: None, client: Client) -> None:
    guide = reverse("web:styleguide", args=["phone"])
    root = document(client.get(guide, headers={"accept-language": "zh-CN"})).html
    assert root is not None
    assert root["lang"] == "zh-CN"
    client.post(reverse("web:set-language"), {"language": "en", "next": guide})
    root = document(client.get(guide)).html
    assert root is not None
    assert root["lang"] == "en"


@override_settings(MULIN_NAVIGATION=NAVIGATION)
def test_navigation_shows_what_the_person_may_open() -> None:
    labels = {
        "both": [str(e.label) for e in Shell(asked(user=Person("may.first", "may.second"))).desk_navigation],
        "first": [str(e.label) for e in Shell(asked(user=Person("may.first"))).desk_navigation],
        "stranger": [str(e.label) for e in Shell(asked(user=Person())).desk_navigation],
        "visitor": [str(e.label) for e in Shell(asked()).desk_navigation],
        "phone": [str(e.label) for e in Shell(asked(user=Person("may.first", "may.second"))).phone_navigation],
    }
    assert labels == {"both": ["甲", "乙"], "first": ["甲"], "stranger": [], "visitor": [], "phone": ["甲"]}


@override_settings(MULIN_NAVIGATION=NAVIGATION)
def test_the_current_entry_is_marked() -> None:
    entries = Shell(asked(reverse("web:offline"), Person("may.first", "may.second"))).desk_navigation
    assert [entry.is_current for entry in entries] == [True, False]


@pytest.mark.parametrize(
    ("headers", "template"),
    [
        ({}, "mulin/offline.html"),
        ({"HX-Request": "true"}, "mulin/components/badge.html"),
        ({"HX-Request": "true", "HX-Boosted": "true"}, "mulin/offline.html"),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, "mulin/offline.html"),
    ],
)
def test_htmx_gets_the_part_and_people_the_page(headers: dict[str, str], template: str) -> None:
    context = {"label": "办理中", "tone": "good"}
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    answer = page_or_part(request, page="mulin/offline.html", part="mulin/components/badge.html", context=context)
    assert answer.content == render(request, template, context).content
    assert "HX-Request" in answer.headers["Vary"]


def test_after_a_write_htmx_is_told_where_to_go_and_a_browser_sent_there() -> None:
    assert go_to(asked(**{"HX-Request": "true"}), "/next").headers["HX-Redirect"] == "/next"
    assert go_to(asked(), "/next").headers["Location"] == "/next"


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict(remedy="请刷新。")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"accept": "text/html"}, "text/html; charset=utf-8"),
        ({"accept": "*/*", "HX-Request": "true"}, "text/html; charset=utf-8"),
        ({"accept": "application/json"}, "application/json"),
    ],
)
def test_a_refusal_says_code_sentence_and_remedy_to_everybody(headers: dict[str, str], kind: str) -> None:
    answer = RefusalMiddleware(refuse).process_exception(asked(**headers), Conflict(remedy="请刷新。"))
    assert answer is not None
    words = answer.content.decode("unicode_escape" if kind == "application/json" else "utf-8")
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, kind)
    assert all(part in words for part in ("conflict", "这条记录刚刚被别人改过。", "请刷新。"))


def test_only_refusals_are_answered() -> None:
    assert RefusalMiddleware(refuse).process_exception(asked(), ValueError()) is None


def test_htmx_gets_only_the_notice() -> None:
    answer = refusal_response(asked(**{"HX-Request": "true"}), Conflict())
    assert b"<html" not in answer.content
    assert b"data-refusal-sentence" in answer.content


def test_an_unknown_address_says_what_to_do(db: None, client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有找到您要的内容。" in answer.content.decode()


def test_a_broken_page_still_answers_in_words() -> None:
    from mulin.web.views import server_error

    answer = server_error(asked())
    assert answer.status_code == 500
    assert "系统出了差错" in answer.content.decode()


def test_what_was_made_for_a_person_is_not_kept_by_the_browser() -> None:
    def personal(request: HttpRequest) -> HttpResponse:
        request.session.get("anything")
        return HttpResponse("for you")

    request = asked()
    request.session = SessionBase()
    assert SafeHeadersMiddleware(personal)(request).headers["Cache-Control"] == "no-store"
    plain = SafeHeadersMiddleware(lambda _: HttpResponse("for all"))(asked())
    assert "Cache-Control" not in plain.headers
    assert "geolocation=(self)" in plain.headers["Permissions-Policy"]


def test_tiles_are_the_only_foreign_source_and_only_when_configured() -> None:
    assert "https:" not in str(content_security_policy())
    with_tiles = content_security_policy(["https://tiles.example"])["DIRECTIVES"]
    allowed = [name for name, sources in with_tiles.items() if "https://tiles.example" in sources]
    assert sorted(allowed) == ["connect-src", "img-src"]
    assert not any("unsafe-eval" in sources for sources in with_tiles.values())
