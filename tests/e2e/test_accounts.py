"""The front door, signing in by keyboard, and the pages of whoever runs the system, in both sizes and in large type."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Page, expect

from mulin.commands.seed import seed_reference
from mulin.core.models import DeliveryState, OutboxMessage, PeriodicTask
from mulin.domains.accounts import services
from mulin.domains.accounts.models import EntryMethod, EntryResult, PhoneCode, User
from mulin.domains.cases import services as cases
from mulin.domains.places import queries as places
from tests.e2e.conftest import SCREENSHOTS
from tests.factories import SINCE, make_town, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "stone-lantern-7-river"
LEAST_TARGET_PX = 44
SMALL_TARGETS = """least => [...document.querySelectorAll("main button, main .btn, main input")]
    .filter(e => e.offsetParent && !["hidden", "radio"].includes(e.type) && e.getBoundingClientRect().height < least)
    .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def administrator(settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    now = timezone.now()
    services.seed_roles(now=now)
    user = make_user("sysadmin", name="石敏")
    user.password = make_password(PASSWORD)
    user.save()
    services.grant_role(actor=None, user=user, role_code="system_admin", starts_on=SINCE, now=now)
    for number in range(4):
        services.notify(
            actor=None, user_ids=[user.pk], source=f"demo:{number}", kind="draft", link="/worker/", now=now,
            facts={"name": "锦绣华庭社区网格调整，先把3幢和5幢分到一格再看", "has_plan": True},
        )  # fmt: skip
    OutboxMessage.objects.create(
        event="cases.reported", handler="mulin.domains.cases.handlers.dispatch_case", payload={}, attempts=8,
        state=DeliveryState.DEAD, published_at=now - timedelta(hours=3), due_at=now, error="ValueError: no seat",
    )  # fmt: skip
    for name, error in (("core.prune_outbox", ""), ("cases.clocks", "OperationalError: database is locked")):
        PeriodicTask.objects.create(name=name, due_at=now + timedelta(minutes=5), ran_at=now, took_ms=41, error=error)
    return user


def in_order(page: Page) -> None:
    """No axe finding, no sideways scrolling, nothing to press smaller than a finger."""
    findings = Axe().run(page).response["violations"]
    assert [(f["id"], [n["target"] for n in f["nodes"]]) for f in findings] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX)
    assert small == []


def enlarge(page: Page) -> None:
    page.get_by_role("button", name="大字").click()
    expect(page.get_by_role("button", name="标准字")).to_be_visible()


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
def test_the_front_door(phone: Page, desk: Page, live_server, large) -> None:
    make_town(staffed=False)
    for page in (phone, desk):
        page.goto(f"{live_server.url}/")
        if large:
            enlarge(page)
        page.get_by_label("哪个小区、哪栋楼").press_sequentially("ceshilu2")
        expect(page.get_by_role("radio", name="测试路2号")).to_be_visible()
        page.get_by_role("radio", name="测试路2号").check()
        in_order(page)


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
def test_signing_in_by_keyboard_and_out_again(phone: Page, desk: Page, live_server, administrator, large) -> None:
    for page in (phone, desk):
        page.goto(f"{live_server.url}/tokens/")
        if large:
            enlarge(page)
        page.get_by_label("用户名").fill("sysadmin")
        page.get_by_label("密码").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
        in_order(page)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="接口令牌")).to_be_visible()
        expect(page.get_by_text("4 条未读")).to_be_attached()
        page.get_by_label("给谁用").fill("区平台对接")
        page.get_by_role("button", name="新建").click()
        expect(page.get_by_text("mulin_")).to_be_visible()
        in_order(page)
        page.locator(".person-menu summary").click()
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_role("heading", name="身边的事，说一声")).to_be_visible()


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
@pytest.mark.parametrize("path", ["/worker/", "/notices/"])
def test_pages_of_whoever_runs_the_system(
    phone: Page, desk: Page, live_server, administrator, client, path, large
) -> None:
    client.force_login(administrator)
    for page in (phone, desk):
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}{path}")
        if large:
            enlarge(page)
        in_order(page)


@pytest.fixture
def all_ways_in(settings) -> None:
    settings.MULIN_SMS_SIGN_IN = settings.MULIN_SMS_RESIDENTS = True
    settings.MULIN_OIDC_ISSUER, settings.MULIN_OIDC_CLIENT_ID = "https://sso.example.gov.cn", "mulin"
    settings.MULIN_OIDC_NAME = "城市统一身份认证"


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
def test_every_way_in(phone: Page, desk: Page, live_server, administrator, all_ways_in, large) -> None:
    for page in (phone, desk):
        page.goto(f"{live_server.url}/sign-in/")
        if large:
            enlarge(page)
        expect(page.get_by_role("link", name="城市统一身份认证")).to_be_visible()
        in_order(page)
        page.get_by_role("link", name="用短信验证码登录").click()
        in_order(page)
        page.get_by_label("工作手机号").fill("13800000001")
        page.get_by_role("button", name="发送验证码").click()
        page.wait_for_url("**/sign-in/code/enter/")
        page.get_by_label("验证码").fill("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("验证码不对或已过期")).to_be_visible()
        in_order(page)


def keep_accounts(settings) -> tuple[User, User]:
    """A security administrator and an audit administrator, and somebody with everything that can be undone."""
    now = timezone.now()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    security, audit = make_user("security", name="安敏"), make_user("audit", name="审慎")
    for user, role in ((security, "security_admin"), (audit, "audit_admin")):
        services.grant_role(actor=None, user=user, role_code=role, starts_on=SINCE, now=now)
    for result in (EntryResult.SIGNED_IN, EntryResult.WRONG, EntryResult.LOCKED):
        origin = services.Origin("203.0.113.77", "Windows · Chrome")
        services.record_entry(actor=security, result=result, origin=origin, now=now, method=EntryMethod.PASSWORD)
    return security, audit


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
def test_accounts_and_the_sign_in_log(phone: Page, desk: Page, live_server, administrator, client, settings, large):
    security, audit = keep_accounts(settings)
    services.use_sign_on(issuer="https://sso.example", subject="1", claim="sysadmin", now=timezone.now())
    paths = {security: ("/people/", "/people/add/", f"/people/{administrator.pk}/"), audit: ("/entries/", "/audit/")}
    for user, pages in paths.items():
        client.force_login(user)
        for page in (phone, desk):
            page.context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
            for number, path in enumerate(pages):
                page.goto(f"{live_server.url}{path}")
                if large and user == security and number == 0:
                    enlarge(page)
                in_order(page)
                width = page.viewport_size["width"] if page.viewport_size else 0
                look = f"accounts{'-elder' if large else ''}{path.replace('/', '-')}{width}.png"
                page.screenshot(path=SCREENSHOTS / look, full_page=True)


def test_a_resident_confirms_the_number_they_left(phone: Page, live_server, all_ways_in) -> None:
    now = timezone.now()
    seed_reference(now=now)
    town = make_town()
    contact = cases.Contact("王翠翠", "13912345678", "8-801")
    where = places.locate_board(town.board_code())
    case = cases.report_case(actor=None, report=cases.Report("楼道灯不亮", "0601", where, contact=contact), now=now)
    page = phone
    page.goto(f"{live_server.url}/f/{case.receipt_code}/")
    page.get_by_text("确认我留的手机号").click()
    in_order(page)
    page.get_by_role("button", name="给我发验证码").click()
    expect(page.get_by_text("验证码已发往您留的手机号")).to_be_visible()
    page.get_by_label("短信里的六位数字").fill("000000")
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_text("验证码不对或已过期")).to_be_visible()
    in_order(page)
    page.get_by_label("短信里的六位数字").fill(PhoneCode.objects.get().sealed)
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_text("您留的手机号已确认")).to_be_visible()
    in_order(page)
