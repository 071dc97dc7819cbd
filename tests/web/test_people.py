"""A program without a cookie passes by what only people need; one with a session does not."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from mulin.web.people import PeopleMiddleware

pytestmark = pytest.mark.django_db


def seen(request: HttpRequest) -> HttpRequest:
    PeopleMiddleware(lambda _request: HttpResponse())(request)
    return request


def test_a_program_has_nobody_signed_in_and_no_session():
    request = seen(RequestFactory().get("/api/v1/categories"))
    assert isinstance(request.user, AnonymousUser)
    assert not hasattr(request, "session")


@pytest.mark.parametrize(("path", "cookies"), [("/", ""), ("/api/v1/me", "sessionid=abc")])
def test_a_browser_has_a_session(path, cookies):
    request = seen(RequestFactory().get(path, HTTP_COOKIE=cookies))
    assert hasattr(request, "session")
    assert hasattr(request, "_messages")
