"""Whoever reads English finds no Chinese on any page but what people wrote and what things are called."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from mulin.commands.seed import seed_reference
from mulin.core.notice_words import kinds, worded
from mulin.core.outbox import deliver_pending
from mulin.domains.accounts.models import NobodysName, Notice, User
from mulin.domains.accounts.services import grant_role
from mulin.domains.accounts.services.retention import erase_accounts
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Category, Emergency, Reporter, Step, Whistle
from mulin.domains.cases.services import emergencies
from mulin.domains.cases.states import Status
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places.models import Building, Place
from tests.domains.cases.walking import MOVES
from tests.factories import SINCE, Town, make_town, make_user

pytestmark = pytest.mark.django_db

HAN = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff00-\uff60]+")
LIVES = (
    "", "merge", "reassign", "to_department", "accept contact", "accept pause", "accept pause resume extend",
    "accept pause resume_by_clock", "return", "return refuse_return", "accept escalate", "escalate_by_clock",
    "accept resolve", "accept resolve rate", "accept resolve rate reopen", "accept resolve lapse", "reject",
    "withdraw", "split", "recategorise", "add_note", "accept whistle", "accept whistle answer",
)  # fmt: skip
REPORTER, CAUSES = "王阿姨", ("楼道灯", "噪声")
"""Whom the desk sees, whole or hidden; words of a report for which a category was suggested."""
FRAMES = (
    "home", "accounts:sign-in", "accounts:notices", "accounts:tokens", "accounts:worker", "web:offline", "cases:report",
    "cases:follow-by-code", "cases:today", "cases:whistles", "cases:queue", "cases:map", "cases:map-list",
    "cases:rates", "cases:emergency", "duty:coverage", "api-reference",
)  # fmt: skip
WRITTEN: dict[type[models.Model], tuple[str, ...]] = {
    Place: ("name",),
    Building: ("address",),
    Organisation: ("name",),
    User: ("name",),
    Case: ("text", "result_text", "address_text"),
    Step: ("note", "public_note"),
    Whistle: ("ask", "answer"),
    Emergency: ("reason",),
}
"""What people wrote and what things are called: it stays as it is in every language."""


@pytest.fixture
def town() -> Town:
    now = timezone.now()
    seed_reference(now=now)
    town = make_town()
    for life in LIVES:
        location = places.locate_board(town.board_code())
        contact = services.Contact(REPORTER, "13912345678", "301")
        case = services.report_case(
            actor=None, report=services.Report("楼道灯不亮", "0601", location, contact=contact), now=now
        )
        for move in life.split():
            case.refresh_from_db()
            MOVES[move](case, town, now)
    contact_is_corrected_and_taken_back(town, now)
    somebody_has_left(town, now)
    emergencies.begin(
        actor=town.users["county"], area=town.community, reason="暴雨", ends_at=now + timedelta(hours=3), now=now
    )
    deliver_pending(now=now, limit=500)
    return town


def contact_is_corrected_and_taken_back(town: Town, now: datetime) -> None:
    """The system notes both with the case, and leaves nothing written by anybody."""
    contact = services.Contact(REPORTER, "13912345678", "301")
    location = places.locate_board(town.board_code())
    case = services.report_case(
        actor=None, report=services.Report("楼道灯不亮", "0601", location, contact=contact), now=now
    )
    for do in (services.correct_contact, services.withdraw_contact):
        more = {"contact": contact} if do is services.correct_contact else {}
        do(actor=None, case=case, reporter=Reporter.objects.get(case=case), now=now, **more)


def somebody_has_left(town: Town, now: datetime) -> None:
    """Whose account is erased is named by nobody any more, where they acted too."""
    gone = make_user("gone", name="离去者")
    gone.is_active = False
    gone.save()
    over = emergencies.begin(actor=gone, area=town.community, reason="暴雨", ends_at=now + timedelta(hours=1), now=now)
    emergencies.end(actor=gone, emergency=over, now=now)
    erase_accounts(ids=[gone.pk], now=now)


@pytest.fixture
def written() -> list[str]:
    return pieces_of(WRITTEN, REPORTER, f"{REPORTER[0]}**", *CAUSES)


def pieces_of(written: Mapping[type[models.Model], tuple[str, ...]], *more: str) -> list[str]:
    """Every piece of data with Chinese in it, the longest first so that no part of a name is left over."""
    found = set(more)
    for model, fields in written.items():
        for row in model._default_manager.values_list(*fields):
            found |= {text for text in row if HAN.search(text or "")}
    return sorted(found - set(NobodysName.values), key=len, reverse=True)


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Every address without arguments, from the URL table itself."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern.url_patterns, space)
        elif pattern.name and not pattern.pattern.converters:
            yield reverse(prefix + pattern.name)


def chinese_in(html: str, written: list[str]) -> list[str]:
    page = BeautifulSoup(html, "html.parser")
    for marked in page.select("body [lang^=zh], body [translate=no]"):
        marked.decompose()
    rest = str(page)
    for text in written:
        rest = rest.replace(text, "")
    return [rest[max(0, m.start() - 60) : m.end() + 20] for m in HAN.finditer(rest)]


def for_residents(town: Town) -> list[str]:
    """What a resident opens by a code."""
    cases = Case.objects.all()
    return [
        reverse("duty:board", args=[town.board_code()]),
        reverse("cases:report") + f"?board={town.board_code()}",
        reverse("cases:follow", args=["no-such-code"]),
        *(reverse("cases:receipt", args=[case.receipt_code]) for case in cases[:2]),
        *(reverse("cases:follow", args=[case.receipt_code]) for case in cases),
    ]


def for_staff(town: Town) -> list[str]:
    """A case after each of its lives, and the posts of places and organisations."""
    return [
        *(reverse("cases:detail", args=[case.pk]) for case in Case.objects.all()),
        *(reverse("duty:place-posts", args=[place.pk]) for place in (town.community, town.grids[1], town.groups[0])),
        reverse("duty:organisation-posts", args=[town.organisations["HOUSING"].pk]),
        reverse("duty:appoint", args=[town.buildings[1].pk, "building_leader", 1]),
        reverse("duty:begin-absence", args=[town.tenures["leader"].pk]),
    ]


def people(town: Town) -> dict[str, User | None]:
    admin = make_user("system", name="System")
    grant_role(actor=None, user=admin, role_code="system_admin", starts_on=SINCE, now=timezone.now())
    auditor = make_user("auditor", name="Auditor")
    grant_role(actor=None, user=auditor, role_code="audit_admin", starts_on=SINCE, now=timezone.now())
    return {"nobody": None, "system": admin, "auditor": auditor, **town.users}


def reader(language: str, user: User | None = None) -> Client:
    client = Client(headers={"Accept-Language": language})
    if user:
        client.force_login(user)
    return client


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.timeout(600)
def test_no_page_in_english_shows_chinese(town: Town, written: list[str]) -> None:
    assert {case.status for case in Case.objects.all()} == set(Status.values) - {Status.REPORTED}
    frames = [address for address in addresses(get_resolver().url_patterns) if not address.startswith("/api/v1/c")]
    shown: set[str] = set()
    untranslated: dict[str, tuple[str, str]] = {}
    for role, user in people(town).items():
        client = reader("en", user)
        for address in [*frames, *(for_staff(town) if user else for_residents(town))]:
            answer = client.get(address)
            assert answer.status_code < 500, address
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                untranslated |= dict.fromkeys(chinese_in(answer.content.decode(), written), (role, address))
                shown |= {address} if answer.status_code == 200 else set()
    assert untranslated == {}
    assert set(Notice.objects.values_list("kind", flat=True)) >= {"dispatch", "reassign", "return", "reopen", "whistle"}
    assert shown >= {reverse(name) for name in FRAMES}
    assert shown >= {*for_staff(town), *for_residents(town)} - {reverse("cases:follow", args=["no-such-code"])}


@pytest.mark.parametrize("kind", kinds())
def test_every_notice_has_english_words(kind: str) -> None:
    seed_reference(now=timezone.now())
    case = {"move": kind, "number": "20260101-000001", "category_id": Category.objects.values_list("pk", flat=True)[0]}
    for outcome in (True, False):
        facts = {**case, "name": "A", "granted": outcome, "has_plan": outcome}
        with translation.override("zh-hans"):
            assert HAN.search(worded(kind, facts))
        with translation.override("en"):
            assert not HAN.search(worded(kind, facts))


def test_the_search_finds_chinese(town: Town, written: list[str]) -> None:
    page = reader("zh-hans").get(reverse("cases:report")).content.decode()
    assert any("发生了什么" in text for text in chinese_in(page, written))
    data = f'<body><p lang="zh-CN">睦邻</p><p title="{town.community.name}">Well</p></body>'
    assert chinese_in(data, written) == []
