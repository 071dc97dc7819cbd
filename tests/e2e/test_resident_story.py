"""One case on phones: 点单 → 接单 → 提级 → 吹哨 → 报到 → 办结 → 未解决 → 重办 → 办结 → 评单, every page seen."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from mulin.commands.seed import seed_reference
from mulin.domains.accounts.models import User
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.cases.states import Status
from mulin.domains.places import queries as places
from tests.e2e.conftest import PHONE, SCREENSHOTS, OpenPage
from tests.factories import make_town

pytestmark = pytest.mark.django_db(transaction=True)

LEAST_TARGET_PX = 44
# On a phone the window grows with what is too wide for it, so the screen is the measure.
TOO_WIDE = """() => document.documentElement.scrollWidth <= screen.width ? [] : [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > screen.width + 1).map(e => e.outerHTML.slice(0, 120))"""
SMALL_TARGETS = """least => [...document.querySelectorAll("button, .btn, input, select, summary")]
    .filter(e => e.closest("main") && e.offsetParent && !["hidden", "radio", "checkbox", "file"].includes(e.type))
    .filter(e => e.getBoundingClientRect().height < least).map(e => e.outerHTML.slice(0, 90))"""
NOISE = "楼上半夜拖椅子，老人睡不着"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seed_reference(now=timezone.now())
    return make_town()


def sign_in(page: Page, user: User, url: str) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def looked_at(page: Page, name: str) -> None:
    """Keep a picture; no axe finding, no sideways scrolling, nothing to press smaller than a finger."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"story-{name}.png", full_page=True)
    findings = Axe().run(page).response["violations"]
    assert [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in findings] == [], name
    assert page.evaluate(TOO_WIDE) == [], name
    assert page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX) == [], name


def in_dialog(page: Page, button: str, **fields: str) -> None:
    """Two taps: the button, and the button of the sheet it opens."""
    page.get_by_role("button", name=button, exact=True).first.click()
    sheet = page.locator("dialog[open]")
    for name, value in fields.items():
        field = sheet.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    sheet.locator("form .form-actions button").click()


def test_one_case_from_the_door_to_the_last_word(town, live_server, open_page: OpenPage):
    url = live_server.url
    resident, leader, worker, department = (open_page(PHONE) for _n in range(4))
    for page, role in ((leader, "leader"), (worker, "grid_worker"), (department, "department")):
        sign_in(page, town.users[role], url)
    follow_url = report(resident, url, town.board_code())
    case = Case.objects.get()
    escalate(leader, url)
    case.refresh_from_db()
    assert case.holder_tenure == town.tenures["grid_worker"]
    whistle(worker, url, case, str(town.organisations["URBAN_MANAGEMENT"].pk))
    come_and_answer(department, url)
    resolve(worker, url, case, "已和楼上约好，椅子加了脚垫")
    send_back(resident, follow_url)
    case.refresh_from_db()
    assert (case.round, case.status) == (2, Status.DISPATCHED)
    worker.goto(f"{url}/cases/{case.pk}/")
    worker.get_by_role("button", name="接单").click()
    expect(worker.get_by_text("已接单")).to_be_visible()
    resolve(worker, url, case, "换了静音脚垫，楼上写了承诺")
    resident.goto(follow_url)
    answer(resident, "解决了", "满意")
    expect(resident.get_by_text("已办结，谢谢您的评价")).to_be_visible()
    looked_at(resident, "13-closed")
    case.refresh_from_db()
    assert case.status == Status.CLOSED


def report(resident: Page, url: str, board_code: str) -> str:
    """Report at the building's door; return the address of the follow page."""
    resident.goto(f"{url}/report/?b={board_code}")
    looked_at(resident, "01-report")
    resident.get_by_label("发生了什么？").fill(NOISE)
    expect(resident.get_by_text("是这一类吗？")).to_be_visible()
    resident.get_by_text("留个联系方式").click()
    resident.get_by_label("怎么称呼您").fill("王阿姨")
    resident.get_by_label("电话").fill("13900001234")
    looked_at(resident, "02-report-written")
    resident.get_by_role("button", name="提交").click()
    expect(resident.get_by_role("heading", name="收到了")).to_be_visible()
    looked_at(resident, "03-receipt")
    resident.get_by_role("link", name="看进展").click()
    expect(resident.get_by_text("已交给承办人").first).to_be_visible()
    looked_at(resident, "04-progress")
    return resident.url


def escalate(leader: Page, url: str) -> None:
    """Accept in the list, then hand the case up: first without a reason, which is refused in the sheet."""
    leader.goto(f"{url}/today/")
    looked_at(leader, "05-today")
    leader.get_by_role("button", name="接单").click()
    expect(leader.get_by_role("button", name="接单")).to_have_count(0)
    leader.locator(".case-row-open").click()
    looked_at(leader, "06-detail")
    leader.get_by_role("button", name="提级").click()
    expect(leader.locator("dialog[open]")).to_be_visible()
    looked_at(leader, "07-escalate")
    leader.locator("dialog[open] .form-actions button").click()
    expect(leader.locator("dialog[open]").get_by_role("alert")).to_contain_text("reason_missing")
    leader.locator("dialog[open] textarea").fill("要请专业部门测噪声")
    leader.locator("dialog[open] .form-actions button").click()
    expect(leader.get_by_text("已提级")).to_be_visible()


def whistle(worker: Page, url: str, case: Case, organisation: str) -> None:
    worker.goto(f"{url}/cases/{case.pk}/")
    worker.get_by_role("button", name="接单").click()
    expect(worker.get_by_role("button", name="吹哨")).to_be_visible()
    in_dialog(worker, "吹哨", organisation=organisation, note="请到场测一下噪声")
    expect(worker.get_by_text("已吹哨")).to_be_visible()
    looked_at(worker, "08-whistled")


def come_and_answer(department: Page, url: str) -> None:
    department.goto(f"{url}/whistles/")
    looked_at(department, "09-whistles")
    department.get_by_role("button", name="报到").click()
    expect(department.get_by_text("已报到").first).to_be_visible()
    in_dialog(department, "联合办理结果", note="已上门测量并劝导")
    expect(department.get_by_text("已答复。")).to_be_visible()
    looked_at(department, "10-answered")


def send_back(resident: Page, follow_url: str) -> None:
    """Rate as not solved, and ask on the same page for it to be done again."""
    resident.goto(follow_url)
    looked_at(resident, "11-to-be-rated")
    answer(resident, "没解决", "不满意")
    expect(resident.get_by_label("现在是什么情况")).to_be_visible()
    looked_at(resident, "12-unsolved")
    resident.get_by_label("现在是什么情况").fill("昨晚又响了")
    resident.get_by_role("button", name="重新办理").click()
    expect(resident.get_by_text("已重新交办")).to_be_visible()


def resolve(page: Page, url: str, case: Case, result: str) -> None:
    page.goto(f"{url}/cases/{case.pk}/")
    in_dialog(page, "办结", result=result)
    expect(page.get_by_text("已办结").first).to_be_visible()


def answer(page: Page, solved: str, satisfied: str) -> None:
    page.locator(".choice", has_text=re.compile(f"^{solved}$")).click()
    page.locator(".choice", has_text=re.compile(f"^{satisfied}$")).click()
    page.get_by_role("button", name="提交评价").click()


def test_without_a_code_a_place_is_found_by_name_or_point(town, live_server, phone: Page, tmp_path: Path):
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": town.grids[1].lon, "latitude": town.grids[1].lat})
    phone.goto(f"{live_server.url}/report/")
    looked_at(phone, "20-where")
    phone.get_by_role("link", name="在地图上点选").click()
    expect(phone.locator("[data-map-ready]")).to_be_visible(timeout=30_000)
    phone.get_by_role("button", name="用手机定位").click()
    expect(phone.locator("#point-place")).to_contain_text("第2网格")
    looked_at(phone, "21-point")
    located = phone.locator("#id_lon").input_value()
    phone.locator("[data-map] canvas").click(position={"x": 60, "y": 60})
    expect(phone.locator("#id_lon")).not_to_have_value(located)
    phone.get_by_label("写小区、楼栋或者路名").fill("测试路1号")
    expect(phone.locator("#place-hits")).to_contain_text("1栋")
    phone.locator("#place-hits input").first.check()
    phone.get_by_label("发生了什么？").fill(NOISE)
    looked_at(phone, "22-found")
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_role("heading", name="收到了")).to_be_visible()
    assert Case.objects.get().building is not None


def test_a_mistake_loses_nothing_and_a_neighbour_joins(town, live_server, phone: Page):
    location = places.locate_board(town.board_code())
    services.report_case(actor=None, report=services.Report("一楼路灯坏了", "0102", location), now=timezone.now())
    phone.goto(f"{live_server.url}/report/?b={town.board_code()}")
    phone.get_by_label("发生了什么？").fill("路灯不亮" + "很黑" * 1200)
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("最多 2000 字").first).to_be_visible()
    looked_at(phone, "30-too-long")
    phone.get_by_label("发生了什么？").fill("楼下路灯不亮，很黑")
    expect(phone.get_by_text("邻居已经反映过同样的问题")).to_be_visible()
    looked_at(phone, "31-neighbours")
    phone.get_by_role("button", name="我也遇到").click()
    expect(phone.get_by_role("heading", name="已加入")).to_be_visible()
    looked_at(phone, "32-joined")
    assert Case.objects.count() == 1


def test_what_a_finger_is_on_is_not_replaced(town, live_server, phone: Page):
    """Advice on the category comes back while the neighbour's case is being pressed: the press still counts."""
    location = places.locate_board(town.board_code())
    services.report_case(actor=None, report=services.Report("一楼路灯坏了", "0102", location), now=timezone.now())
    phone.goto(f"{live_server.url}/report/?b={town.board_code()}")
    phone.get_by_label("发生了什么？").fill("楼下路灯不亮")
    join = phone.get_by_role("button", name="我也遇到")
    join.scroll_into_view_if_needed()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.route("**/report/suggest/", hold)
    with phone.expect_request("**/report/suggest/"):
        phone.get_by_label("发生了什么？").fill("楼下路灯不亮，垃圾也没人收，味道很大")
    join.hover()
    phone.mouse.down()
    with phone.expect_response("**/report/suggest/") as answer:
        held[0].continue_()
    answer.value.finished()
    phone.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    phone.mouse.up()
    expect(phone.get_by_role("heading", name="已加入")).to_be_visible()
    assert Case.objects.count() == 1


def test_large_type_and_english_and_the_small_pages(town, live_server, phone: Page):
    location = places.locate_board(town.board_code())
    words = "很长的一段话，没有标点也没有空格" * 40
    case = services.report_case(actor=None, report=services.Report(words, "0601", location), now=timezone.now())
    phone.goto(f"{live_server.url}/follow/")
    looked_at(phone, "40-code")
    phone.get_by_label("查询码").fill("ABCD-EFGH-0000")
    phone.get_by_role("button", name="查询").click()
    expect(phone.get_by_text("没有这个查询码")).to_be_visible()
    looked_at(phone, "41-wrong-code")
    phone.get_by_role("button", name="大字").click()
    for name, path in (
        ("42-large-report", f"/report/?b={town.board_code()}"),
        ("43-large-receipt", f"/receipt/{case.receipt_code}/"),
        ("44-large-progress", f"/f/{case.receipt_code}/"),
    ):
        phone.goto(f"{live_server.url}{path}")
        looked_at(phone, name)
    sign_in(phone, town.users["leader"], live_server.url)
    phone.goto(f"{live_server.url}/today/")
    looked_at(phone, "45-large-today")
    phone.goto(f"{live_server.url}/cases/{case.pk}/")
    looked_at(phone, "46-large-detail")
