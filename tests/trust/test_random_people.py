"""Random people of every role, in several places, do random things by pages and API: nobody reads what is not theirs.

Every case carries marks no other text has. Who may see it is told by `may_see`, in the words of the issue and out of
plain rows; it shares nothing with the product's `visible_to`. An answer that holds a mark of a case its reader may
not see is a leak. MULIN_FULL=1 makes 10,000 requests.
"""

import json
import os
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from mulin.commands.seed import seed_reference
from mulin.config.api import api
from mulin.core import versions, worker
from mulin.domains.accounts.models import Grant, User
from mulin.domains.accounts.queries import GrantedAt
from mulin.domains.accounts.services import grant_role, issue_token
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Step, Whistle
from mulin.domains.cases.moving import FIELDS
from mulin.domains.duty.models import Tenure, TenureState
from mulin.domains.duty.services import end_tenure
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place
from tests.factories import NOW, SINCE, Town, make_town, make_user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.django_db]

FULL = bool(os.environ.get("MULIN_FULL"))
REQUESTS = 10_000 if FULL else 100
EXAMPLES, STEPS = (40, 60) if FULL else (12, 30)
CODES = ("520303001001", "520303001002", "520303002001", "520304009001")
"""Two communities of a street, one of another street, one of another county."""
DIGITS = {"community_desk": 12, "street_desk": 9, "county_desk": 6}
GRID_POSTS = {"grid_leader", "grid_worker", "first_grid_leader"}
NEIGHBOURS = {"building_leader", "household_contact"}
MARK = re.compile(r"ZQ\d{6}X")
CHANCE = st.randoms(use_true_random=False)
PART = re.compile(r"<(?:\w+:)?(\w+)>")


AREA_ROLES, GRID_ROLES = {"community", "street", "county"}, {"grid", "first_grid"}


def granted_to_see(case: Case, grants: list[Grant], worked: set[int], asked: set[tuple[int, int]]) -> bool:
    """A role without a post shows the cases of its own area, grid or office."""
    for held in grants:
        place = Place.objects.get(pk=held.place_id) if held.place_id is not None else None
        if place is not None and held.role_id in AREA_ROLES and case.area_code.startswith(place.code.rstrip("0")):
            return True
        if place is not None and held.role_id in GRID_ROLES and case.grid_id == place.pk:
            return True
        office = held.organisation_id
        if office is not None and (
            case.pk in worked or (case.pk, office) in asked or case.holder_organisation_id == office
        ):
            return True
    return False


def may_see(case: Case, user: User, posts: list[Tenure], worked: set[int], asked: set[tuple[int, int]]) -> bool:
    """A desk sees the cases of its place, a grid post its grid's, others what they hold or have worked on."""
    for held in posts:
        post, holds = held.post_kind.code, case.holder_tenure_id == held.pk
        if post in DIGITS and case.area_code[: DIGITS[post]] == held.place.area_code[: DIGITS[post]]:
            return True
        if post in GRID_POSTS and (holds or case.grid_id == held.place_id):
            return True
        if post in NEIGHBOURS and (holds or case.pk in worked):
            return True
        office = held.organisation_id
        if post == "department_officer" and (
            case.pk in worked or (case.pk, office) in asked or case.holder_organisation_id == office
        ):
            return True
    return False


def marks_hidden_from(user: User | None) -> dict[str, int]:
    """Return the marks of cases `user` may not see, each with its case."""
    cases = list(Case.objects.all())
    if user is not None:
        active = Tenure.objects.filter(holder=user, state=TenureState.ACTIVE).select_related("post_kind", "place")
        posts, worked = list(active), set(Step.objects.filter(actor=user).values_list("case_id", flat=True))
        asked = set(Whistle.objects.values_list("case_id", "organisation_id"))
        grants = list(Grant.objects.filter(user=user, ends_on=None))
        cases = [
            one
            for one in cases
            if not may_see(one, user, posts, worked, asked) and not granted_to_see(one, grants, worked, asked)
        ]
    return {mark: case.pk for case in cases for mark in marks_of(case)}


def marks_of(case: Case) -> set[str]:
    return set(MARK.findall(case.text))


def addresses() -> list[str]:
    """Every address of a page, as a pattern."""

    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                yield from walk(one, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield "/" + before + str(one.pattern)

    return [one for one in walk(get_resolver(), "") if not one.startswith("/api/")]


def granted_in(town: Town) -> Iterator[Grant]:
    """Give roles without a post in a town: a desk, somebody who looks at a grid, an officer of a department."""
    office = town.organisations["URBAN_MANAGEMENT"]
    for role, at in (
        ("community", GrantedAt(place_id=town.community.pk)),
        ("first_grid", GrantedAt(place_id=town.grids[0].pk)),
        ("department", GrantedAt(organisation_id=office.pk)),
    ):
        name = f"granted-{role}-{town.community.code}"
        user = town.users[f"granted_{role}"] = make_user(name)
        yield grant_role(actor=None, user=user, role_code=role, at=at, starts_on=SINCE, now=NOW)


class World:
    """Four communities with their people, made once; what an example does in it is undone."""

    def __init__(self) -> None:
        seed_reference(now=NOW)
        self.towns = [make_town(community_code=code, buildings=2, households=2) for code in CODES]
        self.grants = [grant for town in self.towns[:3] for grant in granted_in(town)]
        self.people: list[User | None] = [None, *(user for town in self.towns for user in town.users.values())]
        self.clients: dict[int | None, Client] = {}
        self.tokens: dict[int | None, dict[str, str]] = {None: {}}
        for user in self.people:
            client = self.clients[user.pk if user else None] = Client()
            if user:
                client.force_login(user)
                key = issue_token(actor=user, user=user, now=timezone.now(), application="test")
                self.tokens[user.pk] = {"Authorization": f"Bearer {key}"}
        self.pages = addresses()
        self.questions = [
            (path, [one["name"] for one in found["get"].get("parameters", []) if one["in"] == "query"])
            for path, found in api.get_openapi_schema()["paths"].items()
            if "get" in found
        ]
        self.places = [place.pk for town in self.towns for place in (*town.buildings, *town.grids, town.community)]
        self.organisations = [one.pk for town in self.towns for one in town.organisations.values()]
        self.tenures = [one.pk for town in self.towns for one in town.tenures.values()]


class RandomPeople(RuleBasedStateMachine):
    world: ClassVar[World]
    requests: ClassVar[Counter[str]] = Counter()
    seen: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.number = 0
        versions.forget_all()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        versions.forget_all()

    @initialize()
    def begin(self) -> None:
        for town in self.world.towns:
            self.file(town, 0)
            self.file(town, 1)

    def file(self, town: Town, building: int) -> Case:
        self.number += 1
        text = f"楼道灯坏了三天 ZQ{self.number:06}X"
        contact = services.Contact(f"王ZQ{self.number:06}X", "13912345678", "201")
        location = places.locate_board(town.board_code(building))
        wanted = services.Report(text, "0601", location, contact=contact)
        return services.report_case(actor=None, report=wanted, now=timezone.now())

    @rule(chance=CHANCE)
    def report(self, chance: random.Random) -> None:
        self.file(chance.choice(self.world.towns), chance.randrange(2))

    @rule(chance=CHANCE)
    def open_a_page(self, chance: random.Random) -> None:
        path = self.filled(chance, chance.choice(self.world.pages))
        query = self.query(chance, ["text", "area", "grid", "status", "place", "b", "q", "selected"])
        self.ask(chance, "GET", path, query, by_token=False)

    @rule(chance=CHANCE)
    def look_at_a_case(self, chance: random.Random) -> None:
        path = chance.choice(["/cases/{}/", "/api/v1/cases/{}", "/api/v1/cases/{}/related"])
        self.ask(chance, "GET", path.format(self.case(chance).pk), {}, by_token=path.startswith("/api"))

    @rule(chance=CHANCE)
    def ask_the_api(self, chance: random.Random) -> None:
        path, names = chance.choice(self.world.questions)
        self.ask(chance, "GET", self.filled(chance, path), self.query(chance, names), by_token=True)

    @rule(chance=CHANCE)
    def move_a_case(self, chance: random.Random) -> None:
        case, move = self.case(chance), chance.choice(sorted(FIELDS))
        by_token = chance.random() < 0.5
        path = f"/api/v1/cases/{case.pk}/moves/{move}" if by_token else f"/cases/{case.pk}/move/{move}/"
        self.ask(chance, "POST", path, self.fields(chance), by_token=by_token)

    @rule(chance=CHANCE)
    def send_a_form(self, chance: random.Random) -> None:
        path = self.filled(chance, chance.choice([one for one in self.world.pages if "sign-out" not in one]))
        self.ask(chance, "POST", path, self.fields(chance), by_token=False)

    @precondition(lambda self: self.number)
    @rule()
    def let_the_worker_work(self) -> None:
        worker.work_once(now=timezone.now(), tasks=False)

    @rule(chance=CHANCE)
    def end_a_tenure(self, chance: random.Random) -> None:
        tenure = Tenure.objects.get(pk=chance.choice(self.world.tenures))
        if tenure.state == TenureState.ACTIVE and chance.randrange(5) == 0:
            end_tenure(actor=None, tenure=tenure, now=timezone.now())

    @rule(chance=CHANCE)
    def take_a_role(self, chance: random.Random) -> None:
        grant = Grant.objects.get(pk=chance.choice(self.world.grants).pk)
        if grant.ends_on is None and chance.randrange(5) == 0:
            Grant.objects.filter(pk=grant.pk).update(ends_on=timezone.localdate())

    def case(self, chance: random.Random) -> Case:
        return chance.choice(list(Case.objects.order_by("pk")))

    def known(self, chance: random.Random, name: str) -> Any:
        """A value that means something for a part of an address or a field of a question."""
        case = self.case(chance)
        pools: dict[str, list[Any]] = {
            "case_id": [case.pk], "whistle_id": list(Whistle.objects.values_list("pk", flat=True)),
            "place_id": self.world.places, "organisation_id": self.world.organisations,
            "tenure_id": self.world.tenures, "area_code": list(CODES), "area": [*CODES, "520303000000"],
            "grid": self.world.places, "board_code": [town.board_code() for town in self.world.towns],
            "code": [case.receipt_code if chance.randrange(10) == 0 else "000000000000"],
            "kind": ["xlsx", "csv"], "format": ["csv", "xlsx"], "layer": ["grids", "buildings", "cases"],
            "account_id": [user.pk for user in self.world.people if user], "bbox": ["106,27,108,29"],
            "text": sorted(marks_of(case)), "q": sorted(marks_of(case)), "status": ["DISPATCHED", ""],
            "post": ["grid_worker"], "seat": [1], "name": ["return_reasons"], "shell": ["desk"],
        }  # fmt: skip
        return chance.choice(pools.get(name) or [1, 2, 3])

    def filled(self, chance: random.Random, pattern: str) -> str:
        path = re.sub(r"{(\w+)}", r"<\1>", pattern)
        path = PART.sub(lambda part: str(self.known(chance, part[1])), path)
        return (
            path if not pattern.startswith("/api") and "{" not in pattern else f"/api/v1{path.removeprefix('/api/v1')}"
        )

    def query(self, chance: random.Random, names: list[str]) -> dict[str, Any]:
        chosen = chance.sample(names, min(len(names), chance.randrange(3)))
        return {name: self.known(chance, name) for name in chosen}

    def fields(self, chance: random.Random) -> dict[str, Any]:
        case = self.case(chance)
        return {
            "note": "已经知道了", "tenure": chance.choice(self.world.tenures), "result": "换好了",
            "into": case.pk, "category": "0602", "text": "另一件事", "amount": 1, "return_reason": "WRONG_PLACE",
            "reject_reason": "NOT_OURS", "until": "2026-12-01T10:00", "case": case.pk, "cases": case.pk,
            "purpose": "VISIT",
        }  # fmt: skip

    def ask(self, chance: random.Random, method: str, path: str, said: dict[str, Any], *, by_token: bool) -> None:
        user = chance.choice(self.world.people)
        key = user.pk if user else None
        asked = {mark for value in said.values() for mark in MARK.findall(str(value))}
        hidden = marks_hidden_from(user)
        note(f"{method} {path} {said} as {user}")
        client = Client() if by_token or user is None else self.world.clients[key]
        headers = self.world.tokens[key] if by_token else {}
        if method == "GET":
            response = client.get(path, said, headers=headers)
        else:
            kind: Any = {"content_type": "application/json"} if by_token else {}
            response = client.post(path, said, headers=headers, **kind)
        type(self).requests[str(response.status_code)] += 1
        assert response.status_code < 500, path
        text = words_of(response)
        found = set(MARK.findall(text))
        still = marks_hidden_from(user)
        receipt = f"{path} {said}"
        leaks = {mark: hidden[mark] for mark in found & hidden.keys() & still.keys() - asked}
        own = {pk for pk in leaks.values() if Case.objects.get(pk=pk).receipt_code in receipt}
        assert not set(leaks.values()) - own, f"{user} read {leaks} at {method} {path} {said}"
        type(self).seen += len(found)


def words_of(response: Any) -> str:
    """All words of an answer; a workbook is unpacked."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    if raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            raw = b"\n".join(archive.read(name) for name in archive.namelist())
    text = raw.decode("utf-8", "replace")
    return text + json.dumps(text) if "\\u" in text else text


def test_nobody_reads_what_is_not_theirs(settings_of_media: None) -> None:
    RandomPeople.world, RandomPeople.requests, RandomPeople.seen = World(), Counter(), 0
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=False,
    )
    while sum(RandomPeople.requests.values()) < REQUESTS:
        run_state_machine_as_test(RandomPeople, settings=chosen)
    print(f"requests: {dict(RandomPeople.requests)}, marks read by who may: {RandomPeople.seen}")
    assert RandomPeople.requests["200"]
    assert RandomPeople.seen > 0, "nobody read anything: the walk shows nothing"


@pytest.fixture
def settings_of_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
