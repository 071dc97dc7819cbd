"""Script, markup, template and SQL strings in every text field of every form, and of every call of the API.

That nothing of it runs in a browser is seen in tests/e2e/test_injection.py.
"""

import json
import os

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.config.api import api
from mulin.domains.accounts import services as accounts
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.factories import SINCE, make_town, make_user
from tests.trust import hostile
from tests.web.test_hardening import PAGES, addresses, inline_scripts

pytestmark = pytest.mark.django_db

STAFF = ("leader", "grid_worker", "community", "county", "department")
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
PAYLOADS = (hostile.LONG, hostile.ALPINE, *hostile.SQL) if os.environ.get("MULIN_FULL") else (hostile.LONG,)
MARKUP = ("<img src=x", "<script>pwned", "<svg/onload", "<div hx-get=/")


@pytest.fixture
def town(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seed_reference(now=timezone.now())
    town = make_town()
    for role in ADMINISTRATORS:
        town.users[role] = make_user(role)
        accounts.grant_role(actor=None, user=town.users[role], role_code=role, starts_on=SINCE, now=timezone.now())
    return town


@pytest.fixture
def case(town):
    location = places.locate_board(town.board_code())
    return services.report_case(actor=None, report=services.Report("楼道灯不亮", "0601", location), now=timezone.now())


def starts_of(town, case, role):
    known = [address for _name, address in addresses(PAGES, case, town.board_code()) if address]
    return ["/", f"{reverse('cases:report')}?b={town.board_code()}", *known]


def entering(town, role):
    client = Client()
    if role:
        client.force_login(town.users[role])
    return client


@pytest.mark.parametrize("role", [None, *STAFF, *ADMINISTRATORS])
def test_every_text_field_of_every_form_takes_it_as_text(town, case, role):
    tables = set(connection.introspection.table_names())
    walker, sent, wrong = entering(town, role), 0, []
    pages = list(hostile.walk(walker, starts_of(town, case, role)))
    forms = {
        (hostile.kind_of(f.address), tuple(f.texts)): f
        for a, html in pages
        for f in hostile.forms_of(html, a)
        if f.texts
    }
    assert forms
    for form in forms.values():
        for payload in PAYLOADS:
            answer = _send(entering(town, role), form, payload)
            sent += 1
            wrong += [f"{form.address}: {what}" for what in _harm(answer)]
    for address, _html in pages:
        wrong += [f"{address}: {what}" for what in _harm(entering(town, role).get(address, follow=True))]
    assert wrong == []
    assert sent >= 1
    assert set(connection.introspection.table_names()) == tables
    assert Case.objects.exists()


def _send(client, form, payload):
    said = form.filled(payload)
    if form.method == "post":
        return client.post(form.address, said, follow=True)
    return client.get(form.address.partition("?")[0], said, follow=True)


def _harm(answer):
    """Return what is wrong with an answer to a hostile word."""
    if answer.status_code >= 500:
        return [f"status {answer.status_code}"]
    if answer.streaming or "text/html" not in answer.headers.get("Content-Type", ""):
        return []
    text = answer.content.decode()
    found = [mark for mark in MARKUP if mark in text] + inline_scripts(answer.content)
    return found + ([hostile.CALCULATED] if hostile.CALCULATED in text else [])


@pytest.mark.parametrize("word", hostile.SQL)
def test_a_search_finds_no_more_than_it_was_asked_for(town, case, word):
    client = entering(town, "county")
    assert client.get("/api/v1/cases", {"text": word}).status_code < 500
    listed = client.get(reverse("cases:queue"), {"text": word, "q": word, "word": word})
    found = client.get(reverse("places:find"), {"q": word})
    assert (listed.status_code, found.status_code) == (200, 200)
    follow = client.post(reverse("cases:follow-by-code"), {"code": word})
    assert follow.status_code == 422
    assert Case.objects.count() == 1


@pytest.mark.parametrize("payload", [hostile.LONG, hostile.SQL[0], hostile.ALPINE, "\u202e\u0000\ud7ff"])
def test_every_text_of_every_call_of_the_api_takes_it_as_text(town, case, token_headers, payload):
    schema = api.get_openapi_schema()
    called, wrong = 0, []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            answer = _call(path, method, operation, schema, case, payload, token_headers)
            called += 1
            if answer.status_code >= 500 or (
                answer.content and "json" not in _kind(answer) and b"pwned" in answer.content
            ):
                wrong.append(f"{method} {path}: {answer.status_code} {_kind(answer)}")
    assert called > 50
    assert wrong == []


@pytest.fixture
def token_headers(town):
    key = accounts.issue_token(actor=town.users["county"], user=town.users["county"], now=timezone.now())
    return {"Authorization": f"Bearer {key}"}


def _kind(answer):
    return answer.headers.get("Content-Type", "")


def _call(path, method, operation, schema, case, payload, headers):
    client, address, query = Client(), path, {}
    for one in operation.get("parameters", ()):
        is_number = one["schema"].get("type") == "integer"
        value = str(case.pk) if is_number else payload
        if one["in"] == "path":
            address = address.replace(f"{{{one['name']}}}", value if is_number else "x%27%22%3Cimg%3E")
        elif one["in"] == "query":
            query[one["name"]] = value
    body = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in body:
        return client.post(address, _text_of(body["multipart/form-data"]["schema"], schema, payload), headers=headers)
    if "application/json" in body:
        said = json.dumps(_text_of(body["application/json"]["schema"], schema, payload))
        return client.generic(method.upper(), address, said, content_type="application/json", headers=headers)
    return getattr(client, method)(address, query, headers=headers)


def _text_of(part, schema, payload):
    """Return a body with the payload in every text of a schema."""
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return {name: payload for name, one in part.get("properties", {}).items() if "string" in json.dumps(one)}
