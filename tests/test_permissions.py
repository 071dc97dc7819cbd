"""The permission table walked: everybody × every address × every method, pages and API, and the code each is answered.

The people are a visitor, somebody without a role, and one person for every role there is. Every request is made for
real and undone afterwards. A refusal writes nothing, and what residents wrote is told to nobody who may not see it.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, ClientHandler, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.config.api import api
from mulin.core import versions
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import Role, User
from mulin.domains.accounts.queries import GrantedAt
from mulin.domains.accounts.rules import ADMINISTRATORS
from mulin.domains.cases import services as cases
from mulin.domains.cases.models import Case
from mulin.domains.duty import services as duty
from mulin.domains.places import queries as places
from tests.factories import NOW, SINCE, Town, make_town, make_user
from tests.permission_table import MORE_NEEDED, PERMISSION_TABLE, PUBLIC, SIGNED_IN, methods

pytestmark = pytest.mark.django_db
VISITOR = "visitor"
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all: a handler of its own would load the middleware for every request."""
A_WEEK = timedelta(weeks=1)
NEVER = date(2099, 1, 1)
ALL_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
SECRETS = ("柜子里的猫不见了", "13912345678", "王翠翠", "8-8808室")
"""What a resident wrote: the words, the number, the name, the room."""
# Written whoever asks: refused attempts and sign-ins, the audit, the session that was read.
KEPT_OF_REFUSALS = re.compile(r"core_(refusedattempt|audit\w*|reading\w*)|accounts_(session|entry|failedentry)")
WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
SIGN_IN = "/sign-in/?next="
EXAMPLES = {"date": "2026-03-05", "date-time": "2099-03-05T10:00:00+08:00", "area": "520303001001", "name": "grids"}
FOR_ALL_ALIKE = {"api:openapi-json", "api-reference", "api:api-root"}
COMPUTED = {"planning:micro-grids", "api:draw_micro_grids"}
"""Takes seconds where it may: asked of a place that is not there."""
NOWHERE: dict[str, object] = {"area_code": "999999999999"}
TELLING = {VISITOR, "stranger", "leader", "department", "community", "county", "granted_elsewhere", *ADMINISTRATORS}
SEES_NOTHING = {VISITOR, "stranger", "department", "housing", "granted_elsewhere", *ADMINISTRATORS}


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    route: str = ""

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")

    @property
    def needed(self) -> str:
        return PERMISSION_TABLE[self.name]


@dataclass
class World:
    """A town with a case in it, and one person of every kind."""

    people: dict[str, User]
    known: dict[str, object]
    keys: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def roles(self) -> list[str]:
        """Everybody with MULIN_FULL=1; otherwise those whose roles differ most."""
        everybody = [VISITOR, *self.people]
        return everybody if os.environ.get("MULIN_FULL") == "1" else [role for role in everybody if role in TELLING]

    def holds(self, role: str, permission: str) -> bool:
        return role in self.people and User.objects.get(pk=self.people[role].pk).has_perm(permission)

    def ask(self, role: str, method: str, address: Address) -> HttpResponseBase:
        """Send a request as somebody: pages by session as a browser does, the API by token, with a body that fits."""
        client = Client(headers={"Authorization": f"Bearer {self.keys[role]}"} if role in self.keys else {})
        client.handler = HANDLER
        if role in self.cookies and not address.is_api:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[role]
        with transaction.atomic():
            if address.is_api:
                answer = client.generic(method, *fitting(address, method))
            else:
                answer = client.generic(method, address.path, headers={"Accept": "text/html"})
            transaction.set_rollback(True)
        versions.forget_all()
        return answer


@cache
def schema() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


def fitting(address: Address, method: str) -> tuple[str, str | bytes, str]:
    """Return path, body and its type that the API's own description calls whole: so it is the person who is refused."""
    operation = schema()["paths"].get(address.route, {}).get(method.lower(), {})
    asked = [part for part in operation.get("parameters", []) if part["in"] == "query" and part.get("required")]
    query = urlencode({part["name"]: an_example(part["schema"], part["name"]) for part in asked})
    path = f"{address.path}?{query}" if query else address.path
    contents = operation.get("requestBody", {}).get("content", {})
    if form := contents.get("multipart/form-data"):
        return path, encode_multipart(BOUNDARY, an_example(form["schema"])), MULTIPART_CONTENT
    content = contents.get("application/json")
    return path, json.dumps(an_example(content["schema"]) if content else None), "application/json"


def an_example(described: dict[str, Any], name: str = "") -> Any:
    """Return something small that fits a JSON schema."""
    if "$ref" in described:
        return an_example(schema()["components"]["schemas"][described["$ref"].rpartition("/")[2]], name)
    if "anyOf" in described:
        return an_example(described["anyOf"][0], name)
    match described.get("type"):
        case "object":
            needed = described.get("required", [])
            return {part: an_example(described["properties"][part], part) for part in needed}
        case "array":
            return [an_example(described["items"], name)] * described.get("minItems", 1)
        case "integer" | "number":
            return max(described.get("minimum", 1), 1)
        case "boolean":
            return True
        case "string" if described.get("format") == "binary":
            return SimpleUploadedFile("file", b"")
        case _:
            return described.get("enum", [EXAMPLES.get(described.get("format", name), "x" * 12)])[0]


@pytest.fixture
def world(db: None) -> World:
    seed_reference(now=NOW)
    town = make_town()
    people = {name: town.users[name] for name in town.users}
    for role in sorted(ADMINISTRATORS):
        people[role] = make_user(role)
        accounts.grant_role(actor=None, user=people[role], role_code=role, starts_on=SINCE, now=NOW)
    elsewhere = make_town(community_code="520303001002", grids=1, buildings=1, households=1, staffed=False)
    for name, there in (("granted", town), ("granted_elsewhere", elsewhere)):
        people[name] = make_user(name)
        at = GrantedAt(place_id=there.community.pk)
        accounts.grant_role(
            actor=None, user=people[name], role_code="community", at=at, starts_on=SINCE, ends_on=NEVER, now=NOW
        )
    made = World(people, known_in(town))
    now = timezone.now()
    for role, user in people.items():
        made.keys[role] = accounts.issue_token(actor=user, user=user, application="", now=now)
        client = Client()
        client.force_login(user)
        made.cookies[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return made


def known_in(town: Town) -> dict[str, object]:
    """What stands in addresses, by the name of the part; what is not named here is nobody's."""
    case, now = reported(town), timezone.now()
    absence = duty.begin_absence(
        actor=None, tenure=town.tenures["leader"], begins_at=now + A_WEEK, ends_at=now + 2 * A_WEEK, now=now
    )
    return {
        "case_id": case.pk, "place_id": town.buildings[0].pk, "account_id": town.users["stranger"].pk,
        "organisation_id": town.organisations["COMMUNITY_COMMITTEE"].pk, "tenure_id": town.tenures["leader"].pk,
        "post": "building_leader", "seat": 1, "absence_id": absence.pk,
        "area_code": town.community.code, "board_code": town.board_code(), "kind": "xlsx", "move": "accept",
        "field": "cases.reporters", "object_id": case.pk, "shell": "desk", "layer": "grids",
    }  # fmt: skip


def reported(town: Town) -> Case:
    words, phone, name, room = SECRETS
    where = places.locate_board(town.board_code())
    report = cases.Report(words, "0601", where, contact=cases.Contact(name, phone, room))
    return cases.report_case(actor=None, report=report, now=timezone.now())


@cache
def patterns() -> list[tuple[str, list[URLPattern | URLResolver]]]:
    return list(_patterns(get_resolver(), "", []))


def _patterns(
    resolver: URLResolver, namespace: str, above: list[URLPattern | URLResolver]
) -> Iterator[tuple[str, list[URLPattern | URLResolver]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _patterns(entry, inner, [*above, entry])
        else:
            yield f"{namespace}{entry.name or entry.pattern}", [*above, entry]


def addresses(known: dict[str, object]) -> list[Address]:
    asked = ((name, chain, NOWHERE if name in COMPUTED else known) for name, chain in patterns())
    return [Address(name, _path(chain, parts), _path(chain, {}, as_route=True)) for name, chain, parts in asked]


def _path(chain: list[URLPattern | URLResolver], known: dict[str, object], *, as_route: bool = False) -> str:
    return "/" + "".join(_filled(entry, known, as_route=as_route) for entry in chain)


def _filled(entry: URLPattern | URLResolver, known: dict[str, object], *, as_route: bool) -> str:
    def value(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        if as_route:
            return f"{{{name}}}"
        return str(known.get(name, 999_999 if kind == "int" or name.endswith("_id") else "unknown"))

    return re.sub(r"<([^>]+)>", value, str(entry.pattern))


def wanted(world: World, address: Address, role: str, method: str) -> int | None:
    """Return the code the table promises; None where the door is open and the code depends on what is asked."""
    needed = MORE_NEEDED.get((address.name, method), address.needed)
    if needed == PUBLIC:
        return None
    if role == VISITOR:
        return 401 if address.is_api else 302
    return None if needed == SIGNED_IN or world.holds(role, needed) else 403


def is_as_wanted(answer: HttpResponseBase, address: Address, code: int | None) -> bool:
    to_sign_in = answer.headers.get("Location", "").startswith(SIGN_IN)
    if code is None:
        is_shut = to_sign_in or (address.is_api and answer.status_code == 401)
        return not is_shut and answer.status_code < 500 and answer.status_code != 405
    return answer.status_code == code and to_sign_in == (code == 302)


def body(answer: HttpResponseBase) -> str:
    parts = getattr(answer, "streaming_content", None)
    content: bytes = b"".join(parts) if parts is not None else getattr(answer, "content", b"")
    words = content.decode(errors="replace")
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return json.dumps(json.loads(words), ensure_ascii=False) if is_json else words


@pytest.mark.timeout(600)
def test_everybody_is_answered_as_the_table_says(world: World) -> None:
    wrong, written, told = [], [], []
    for address in addresses(world.known):
        for method in sorted(methods(address.name)):
            for role in [VISITOR] if address.name in FOR_ALL_ALIKE else world.roles():
                tables: list[str] = []
                with connection.execute_wrapper(partial(note_table, tables)):
                    answer = world.ask(role, method, address)
                line = f"{role} {method} {address.path} ({address.name}): {answer.status_code}"
                code = wanted(world, address, role, method)
                if not is_as_wanted(answer, address, code):
                    wrong.append(line)
                if code is not None:
                    written += [f"{line} wrote {table}" for table in tables]
                if role in SEES_NOTHING:
                    told += [f"{line} told {secret}" for secret in SECRETS if secret in body(answer)]
    assert (wrong, written, told) == ([], [], [])


def note_table(tables: list[str], execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    found = WRITE.match(sql)
    if found and not KEPT_OF_REFUSALS.fullmatch(found[1]):
        tables.append(found[1])
    return execute(sql, params, many, context)


def test_other_methods_are_taken_nowhere(world: World) -> None:
    """Asked as somebody who may, so that it is the method that is refused."""
    open_at: dict[str, set[str]] = {}
    for address in addresses(world.known):
        open_at.setdefault(address.path, set()).update(methods(address.name))
    wrong = []
    for address in addresses(world.known):
        holder = next(role for role in world.people if wanted(world, address, role, "GET") is None)
        for method in sorted(ALL_METHODS - open_at[address.path]):
            code = world.ask(holder, method, address).status_code
            wrong += [f"{method} {address.path} ({address.name}): {code}"] if code != 405 else []
    assert wrong == []


def test_who_may_is_told(world: World) -> None:
    """Without this the silence of the test above would prove nothing."""
    case = world.known["case_id"]
    page = Address("cases:detail", f"/cases/{case}/")
    program = Address("api:case", f"/api/v1/cases/{case}")
    for role in ("leader", "community", "granted"):
        assert SECRETS[0] in body(world.ask(role, "GET", page)), role
    for role in ("community", "granted"):
        assert SECRETS[0] in body(world.ask(role, "GET", program)), role


def test_every_permission_of_a_role_opens_something() -> None:
    """A permission nobody asks for is a promise without a door."""
    seed_reference(now=NOW)
    given = {
        permission for permissions in Role.objects.values_list("permissions", flat=True) for permission in permissions
    }
    assert {needed for needed in PERMISSION_TABLE.values() if needed not in {PUBLIC, SIGNED_IN}} <= given
