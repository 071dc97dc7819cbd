"""Passkeys in a real Chromium with a virtual authenticator: added, used to come in, removed; the pages in order."""

import pytest
from playwright.sync_api import Page, expect

from mulin.domains.accounts.models import Entry, Passkey, User
from tests.e2e.test_accounts import PASSWORD, administrator, enlarge, in_order

pytestmark = pytest.mark.django_db(transaction=True)
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
__all__ = ["administrator"]


def with_device(page: Page) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def home_of(live_server) -> str:
    """A passkey belongs to a host name; an address in numbers has none."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


def sign_in(page: Page, home: str, target: str = "/account/") -> None:
    page.goto(f"{home}/sign-in/?next={target}")
    page.get_by_label("用户名").fill("sysadmin")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="身边的事，说一声")).to_be_visible()


def test_a_passkey_from_first_to_last(desk: Page, live_server, administrator: User) -> None:
    page, home = desk, home_of(live_server)
    with_device(page)
    sign_in(page, home)
    page.get_by_label("给它起个名字").fill("办公室电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_text("通行密钥已添加")).to_be_visible()
    expect(page.get_by_text("办公室电脑")).to_be_visible()
    in_order(page)
    sign_out(page)

    page.goto(f"{home}/sign-in/?next=/tokens/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", name="接口令牌")).to_be_visible()
    sign_out(page)

    sign_in(page, home)
    expect(page.get_by_role("heading", name="第二步验证")).to_be_visible()
    in_order(page)
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", name="账号与安全")).to_be_visible()
    assert Passkey.objects.get(user=administrator).used_at is not None
    page.get_by_role("button", name="移除").click()
    page.locator("#confirm-dialog").get_by_role("button").last.click()
    expect(page.get_by_text("通行密钥已移除")).to_be_visible()
    assert not Passkey.objects.exists()
    assert set(Entry.objects.filter(result="SIGNED_IN").values_list("method", flat=True)) == {"PASSWORD", "PASSKEY"}


def test_somebody_elses_device_does_not_come_in(desk: Page, live_server, administrator: User) -> None:
    with_device(desk)
    desk.goto(f"{home_of(live_server)}/sign-in/")
    desk.get_by_role("button", name="用通行密钥登录").click()
    expect(desk.locator("[data-passkey-error]")).to_contain_text("没有通过验证")
    in_order(desk)


@pytest.mark.parametrize("large", [False, True], ids=["", "elder"])
@pytest.mark.parametrize("path", ["/account/", "/account/password/", "/account/authenticator/"])
def test_ones_own_pages_are_in_order(phone: Page, desk: Page, live_server, administrator, path, large) -> None:
    for page in (phone, desk):
        sign_in(page, home_of(live_server), path)
        page.wait_for_url(f"{home_of(live_server)}{path}")
        if large:
            enlarge(page)
        in_order(page)
