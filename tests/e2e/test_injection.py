"""Hostile words, typed by a resident and by staff, and standing in imported names: seen literally, never run.

`open_page` also fails on any breach of the page's policy, so markup that came through would be found even where the
policy stops it.
"""

import os

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Dialog, Page, expect

from mulin.commands.seed import seed_reference
from mulin.core import versions
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Category
from mulin.domains.organisations.models import Organisation
from mulin.domains.places import queries as places
from mulin.domains.places.models import Building, Place
from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.factories import SINCE, Town, make_town, make_user
from tests.trust.hostile import CALCULATED, LONG, SHORT, walk

pytestmark = pytest.mark.django_db(transaction=True)

# What the words call if any of them runs; and markup that became an element of the page.
WATCH = "window.pwned = () => { window.hasRun = true; }"
HAS_RUN = "() => window.hasRun === true"
CAME_THROUGH = (
    "() => [...document.querySelectorAll('img[src=x], svg[onload], [onerror], [onload]')].map(e => e.outerHTML)"
)
WORDS = f"楼道灯不亮 {LONG}"
DIALOGS: list[str] = []
ROLES: tuple[str, ...] = ("leader", "county", "department", "security_admin")
if os.environ.get("MULIN_FULL"):
    ROLES += ("grid_worker", "community", "system_admin", "audit_admin")


@pytest.fixture(autouse=True)
def no_dialogs() -> None:
    DIALOGS.clear()


@pytest.fixture
def town(settings, tmp_path) -> Town:
    settings.MEDIA_ROOT = tmp_path
    seed_reference(now=timezone.now())
    town = make_town()
    for role in ("system_admin", "security_admin", "audit_admin"):
        town.users[role] = make_user(role)
        accounts.grant_role(actor=None, user=town.users[role], role_code=role, starts_on=SINCE, now=timezone.now())
    return town


def sign_in(page: Page, user: User | None, url: str) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return client


def watched(page: Page) -> Page:
    """Let the page notice if a word runs; a dialog of its own making counts as that too."""
    page.add_init_script(WATCH)
    page.on("dialog", _note)
    return page


def _note(dialog: Dialog) -> None:
    DIALOGS.append(dialog.message)
    dialog.dismiss()


def harm(page: Page) -> list[str]:
    found = [f"came through: {html[:120]}" for html in page.evaluate(CAME_THROUGH)]
    found += ["ran"] if page.evaluate(HAS_RUN) else []
    found += [f"dialog {text}" for text in DIALOGS]
    return found + (["calculated"] if CALCULATED in page.locator("body").inner_text() else [])


def literally(page: Page, words: str) -> None:
    """The words stand on the page as they were typed, as text or as the value of a field."""
    shown = page.locator("body").inner_text() + " ".join(
        page.locator("input, textarea").evaluate_all("all => all.map(e => e.value)")
    )
    assert words in " ".join(shown.split()), page.url


def test_what_a_resident_types_is_read_by_staff_as_typed(town, live_server, open_page: OpenPage):
    url = live_server.url
    resident, leader = watched(open_page(PHONE)), watched(open_page(PHONE))
    resident.goto(f"{url}/report/?b={town.board_code()}")
    resident.get_by_label("发生了什么？").fill(WORDS)
    resident.get_by_text("留个联系方式").click()
    resident.get_by_label("怎么称呼您").fill(SHORT)
    resident.get_by_role("button", name="提交").click()
    expect(resident.get_by_role("heading", name="收到了")).to_be_visible()
    case = Case.objects.get()
    assert case.text == WORDS
    for address in (
        reverse("cases:receipt", args=[case.receipt_code]),
        reverse("cases:follow", args=[case.receipt_code]),
    ):
        resident.goto(url + address)
        assert harm(resident) == []
    literally(resident, WORDS)
    holder = case.holder_tenure.holder
    sign_in(leader, holder, url)
    leader.goto(f"{url}/today/")
    assert harm(leader) == []
    leader.goto(f"{url}/cases/{case.pk}/")
    literally(leader, WORDS)
    leader.get_by_role("button", name="接单").click()
    expect(leader.get_by_text("已接单")).to_be_visible()
    leader.get_by_role("button", name="办结", exact=True).first.click()
    leader.locator("dialog[open] [name=result]").fill(LONG)
    leader.locator("dialog[open] form .form-actions button").click()
    expect(leader.get_by_text("已办结").first).to_be_visible()
    resident.goto(f"{url}{reverse('cases:follow', args=[case.receipt_code])}")
    literally(resident, LONG)
    assert (harm(resident), harm(leader)) == ([], [])


def everything_is_hostile(town: Town) -> None:
    """Names that come with imported files, and words of staff, all over the town."""
    now = timezone.now()
    Place.objects.filter(pk__in=[p.pk for p in (*town.grids, *town.buildings, town.community)]).update(name=SHORT)
    Building.objects.update(address=LONG)
    Organisation.objects.update(name=SHORT)
    User.objects.filter(pk__in=[town.users[role].pk for role in ("leader", "grid_worker", "contact")]).update(
        name=SHORT
    )
    Category.objects.filter(code="0601").update(name_zh=SHORT, name_en=SHORT)
    versions.forget_all()
    location = places.locate_board(town.board_code())
    contact = services.Contact(SHORT, "13900001234", "101")
    said = services.Report(LONG, "0601", location, address_text=LONG, contact=contact)
    case = services.report_case(actor=None, report=said, now=now)
    services.accept(actor=town.users["leader"], case=case, now=now)
    services.add_note(actor=town.users["leader"], case=case, note=LONG, now=now)
    services.escalate(actor=town.users["leader"], case=case, reason=LONG, now=now)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_no_page_runs_what_stands_in_names_and_notes(town, live_server, open_page: OpenPage, role):
    everything_is_hostile(town)
    case, url = Case.objects.get(), live_server.url
    page = watched(open_page(DESK if role in ("community", "county") else PHONE))
    client = sign_in(page, town.users[role] if role else None, url)
    starts = [
        "/",
        f"/report/?b={town.board_code()}",
        f"/f/{case.receipt_code}/",
        reverse("duty:board", args=[town.board_code()]),
    ]
    starts += [
        reverse("cases:detail", args=[case.pk]),
        reverse("cases:queue"),
        reverse("duty:coverage"),
        reverse("cases:map"),
    ]
    found, seen = {}, 0
    for address, _html in walk(client, starts):
        page.goto(url + address, wait_until="load")
        seen += 1
        if wrong := harm(page):
            found[address] = wrong
    assert seen >= 4
    assert found == {}


def test_the_watch_would_see_it(chromium: Browser):
    """A check that cannot fail proves nothing."""
    page = watched(chromium.new_page())
    page.goto("about:blank")
    page.set_content(f"<p>{LONG}</p>")
    page.wait_for_function(HAS_RUN)
    assert "ran" in harm(page)
    assert any(wrong.startswith("came through") for wrong in harm(page))
    page.close()
