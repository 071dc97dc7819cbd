"""The same pages in English: longer words must still fit on a phone and on a desk."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.e2e.conftest import DESK, PHONE, SCREENSHOTS, OpenPage
from tests.factories import Town, make_town

pytestmark = pytest.mark.django_db(transaction=True)

TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('main button, main .btn, main .figure-label, nav a')]
    .filter(e => e.offsetWidth && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 160))"""
DESK_PAGES = ("cases:queue", "cases:map", "cases:rates", "cases:emergency", "duty:coverage", "accounts:tokens")


@pytest.fixture
def town() -> Town:
    now = timezone.now()
    seed_reference(now=now)
    town = make_town()
    for _ in range(2):
        location = places.locate_board(town.board_code())
        case = services.report_case(actor=None, report=services.Report("楼道灯不亮", "0601", location), now=now)
        services.accept(actor=town.users["leader"], case=case, now=now)
    services.resolve(actor=town.users["leader"], case=case, result="修好了", now=now)
    return town


def addresses(town: Town) -> dict[str, list[str]]:
    first, last = Case.objects.order_by("pk")
    board = reverse("duty:board", args=[town.board_code()])
    report = f"{reverse('cases:report')}?board={town.board_code()}"
    return {
        "": [reverse("home"), board, report, reverse("cases:receipt", args=[first.receipt_code]),
             reverse("cases:follow", args=[last.receipt_code])],
        "leader": [reverse("cases:today"), reverse("cases:detail", args=[first.pk])],
        "county": [reverse("cases:detail", args=[first.pk]), *map(reverse, DESK_PAGES)],
    }  # fmt: skip


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_english_words_fit(town: Town, live_server, open_page: OpenPage, viewport) -> None:
    page = open_page(viewport)
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    misfits = {}
    for role, pages in addresses(town).items():
        if role:
            client = Client()
            client.force_login(town.users[role])
            session = client.cookies["sessionid"].value
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        for number, address in enumerate(pages):
            page.goto(live_server.url + address)
            page.screenshot(path=SCREENSHOTS / f"english-{viewport['width']}-{role}{number}.png", full_page=True)
            assert page.locator("html").get_attribute("lang") == "en"
            if found := page.evaluate(CUT_OFF) + ["page"] * page.evaluate(TOO_WIDE):
                misfits[role, address] = found
    assert misfits == {}
