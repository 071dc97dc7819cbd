"""The API under attack by schemathesis: signed in by session, by token, and as nobody; never a server error.

Its own security checks run besides ours: what needs an account answers nobody, a session writes nothing without the
page's mark against forgery, a method that is not offered is not done. MULIN_FULL=1 makes more than 20,000 calls.
"""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth, response_headers_conformance, unsupported_method

from mulin.config.wsgi import application
from mulin.domains.accounts.models import Session
from tests.api.test_schemathesis import made_real
from tests.factories import Town

# Who is let in is no matter of the database; what breaks it is found by tests/api on both.
pytestmark = [pytest.mark.slow, pytest.mark.any_database, pytest.mark.timeout(3600), pytest.mark.django_db]
FULL = bool(os.environ.get("MULIN_FULL"))
EXAMPLES, PHASES = (230, (Phase.explicit, Phase.generate)) if FULL else (3, (Phase.generate,))
CHECKS = [not_a_server_error, unsupported_method, response_headers_conformance, ignored_auth]
PEOPLE = ("community", "county", "grid_worker", "department", "stranger")
CSRF = "c" * 32
NOT_DONE = {405, 413}
calls: list[int] = []

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
Headers = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def counted() -> Iterator[None]:
    def count(**_more: object) -> None:
        calls.append(1)

    request_started.connect(count)
    yield
    request_started.disconnect(count)
    print(f"calls: {len(calls)}")
    assert calls


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests of a test share its transaction; Django's own test client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def session_of(town: Town) -> Callable[[str], str]:
    """The session key of somebody who has signed in, anew where a call has ended the session before."""
    keys: dict[str, str] = {}

    def signed_in(name: str) -> str:
        if name not in keys or not Session.objects.filter(session_key=keys[name]).exists():
            client = Client()
            client.force_login(town.users[name])
            keys[name] = client.cookies["sessionid"].value
        return keys[name]

    return signed_in


@pytest.fixture
def tokens(town: Town, token_of: Callable[..., Headers]) -> dict[str, Headers]:
    return {name: token_of(town.users[name]) for name in PEOPLE}


def needs_an_account(case: Any) -> bool:
    return {} not in case.operation.definition.raw.get("security", [])


@pytest.fixture
def attacked(
    one_connection: None, real: Any, session_of: Callable[[str], str], tokens: dict[str, Headers]
) -> Callable[..., None]:
    def attack(case: Any) -> None:
        chance = random.Random(repr(case.as_transport_kwargs()))
        made_real(case, real, chance)
        way, person = chance.choice(("nobody", "session", "forged", "token")), chance.choice(PEOPLE)
        # What schemathesis makes up for the document's security schemes gives way to real sessions and tokens.
        case.headers, case.cookies = {}, {}
        if way in {"session", "forged"}:
            case.cookies = {"sessionid": session_of(person), "csrftoken": CSRF}
        headers = {"session": {"X-CSRFToken": CSRF}, "token": tokens[person]}.get(way, {})
        response = case.call(headers=headers)
        if way == "nobody" and needs_an_account(case):
            assert response.status_code in {401, *NOT_DONE}, response.status_code
        if way == "forged" and case.method.upper() != "GET":
            assert response.status_code in {403, *NOT_DONE}, response.status_code
        assert response.headers["x-content-type-options"] == ["nosniff"]
        assert b"Traceback" not in response.content
        checks = CHECKS if way == "token" else CHECKS[:3]
        case.validate_response(response, checks=checks, headers=headers)

    return attack


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
def test_nobody_gets_more_than_is_theirs_and_nothing_breaks(case: Any, attacked: Callable[[Any], None]) -> None:
    attacked(case)
