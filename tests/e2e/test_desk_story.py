"""A desk at 1440×900: queue → one case → reassign → accept → whistle; bulk dispatch; map, rates, emergency mode."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from mulin.commands.seed import seed_reference
from mulin.domains.accounts.models import User
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Whistle
from mulin.domains.places import queries as places
from tests.e2e.conftest import DESK, PHONE, SCREENSHOTS, OpenPage
from tests.factories import Town, make_town

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = (
    ("0601", "楼上装修，周末早上六点就开始砸墙，孩子和老人都休息不好，已经和楼上说过三次没有用"),
    ("0601", "楼上周末一早砸墙装修，老人孩子睡不好"),
    ("0301", "垃圾桶满了两天没有清运，天热味道很大"),
    ("0704", "三单元电梯停在七楼不动，有老人被困"),
    ("0501", "小区北门外夜间烧烤油烟和噪声，凌晨一点还没有散；" * 12),
)
TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def town(settings, tmp_path) -> Town:
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now() - timedelta(hours=3)
    seed_reference(now=now)
    town = make_town()
    for n, (category, text) in enumerate(TEXTS):
        location = places.locate_board(town.board_code(n % 3 if n > 1 else 0))
        contact = services.Contact("王小明", f"1391234567{n}", "201")
        report = services.Report(text, category, location, contact=contact)
        services.report_case(actor=None, report=report, now=now + timedelta(minutes=n))
    return town


def sign_in(page: Page, user: User, url: str) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def looked_at(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"desk-{name}.png", full_page=True)
    findings = Axe().run(page).response["violations"]
    assert [(f["id"], [n["html"][:160] for n in f["nodes"]]) for f in findings] == [], name
    assert not page.evaluate(TOO_WIDE), name


def in_dialog(page: Page, move: str, **fields: str) -> None:
    opener = page.locator(f"[data-dialog-open=move-{move}]")
    if not opener.is_visible():
        page.locator(".case-actions summary").click()
    opener.click()
    dialog = page.locator(f"#move-{move}")
    for name, value in fields.items():
        field = dialog.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    dialog.locator(".sheet-actions button").last.click()


def test_a_case_is_found_reassigned_and_whistled(town, live_server, open_page: OpenPage):
    page = open_page(DESK)
    sign_in(page, town.users["community"], live_server.url)
    page.goto(f"{live_server.url}/desk/")
    expect(page.locator("tr[data-row]")).to_have_count(len(TEXTS))
    looked_at(page, "queue")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.locator("[data-search]").fill("砸墙")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("装修")
    looked_at(page, "case")
    in_dialog(page, "reassign", tenure=str(town.tenures["community"].pk), note="社区统一处理")
    expect(page.locator(".holder-name")).to_have_text("测试community")
    in_dialog(page, "accept")
    in_dialog(page, "whistle", organisation=str(town.organisations["HOUSING"].pk), note="请到场核实违规装修")
    expect(page.locator(".row-card-title")).to_have_text("区住房和城乡建设局")
    assert Whistle.objects.get().organisation == town.organisations["HOUSING"]
    page.locator("#reporters summary").first.click()
    page.locator("#reporters button[value=CONTACT]").first.click()
    expect(page.locator("#reporters")).to_contain_text("1391234567")
    page.locator(".clock-line summary").first.click()
    looked_at(page, "case-whistled")
    page.locator(".similar button").first.click()
    page.locator("#confirm-dialog button[value=yes]").click()
    expect(page.locator(".case-head")).to_contain_text("已并单")


def test_many_are_dispatched_at_once(town, live_server, open_page: OpenPage):
    page = open_page(DESK)
    sign_in(page, town.users["community"], live_server.url)
    page.goto(f"{live_server.url}/desk/")
    for box in page.locator("[data-row] input[type=checkbox]").all()[:3]:
        box.check()
    expect(page.locator("[data-bulk-bar]")).to_be_visible()
    page.locator("[data-bulk-bar] button").click()
    page.locator("#bulk-dialog option[value^=tenure]").first.wait_for(state="attached")
    page.locator("#bulk-to").select_option(f"tenure:{town.tenures['community'].pk}")
    looked_at(page, "bulk-dialog")
    page.locator("#bulk-dialog .btn-primary").click()
    expect(page.locator("tbody .pill-good")).to_have_count(3)
    looked_at(page, "bulk-result")
    assert Case.objects.filter(holder_tenure=town.tenures["community"]).count() >= 3


@pytest.mark.parametrize("size", ["desk", "phone", "elder"])
def test_every_page_can_be_read(town, live_server, open_page: OpenPage, size):
    page = open_page(PHONE if size == "phone" else DESK)
    sign_in(page, town.users["county"], live_server.url)
    if size == "elder":
        page.context.add_cookies([{"name": "mulin_elder", "value": "1", "url": live_server.url}])
    case = Case.objects.latest("pk")
    for name, path in (
        ("queue", "/desk/?since=2026-01-01"),
        ("empty", "/desk/?text=没有这样的话"),
        ("case", f"/cases/{case.pk}/"),
        ("map", "/desk/map/"),
        ("rates", "/rates/"),
        ("emergency", "/emergency/"),
    ):
        page.goto(f"{live_server.url}{path}")
        if name == "map":
            expect(page.locator("[data-map-ready]")).to_be_attached(timeout=30_000)
        looked_at(page, f"{size}-{name}")
