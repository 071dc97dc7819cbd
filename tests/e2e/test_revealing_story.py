"""A holder calls from the phone; a child's data takes two people; a list is taken out; the auditor sees it all."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mulin.commands.seed import seed_reference
from mulin.core.audit import sealing, verifying
from mulin.core.audit.models import AuditRecord
from mulin.domains.accounts.models import Grant, Role
from mulin.domains.cases import services
from mulin.domains.cases.models import Case
from mulin.domains.places import queries as places
from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.e2e.test_desk_story import looked_at, sign_in
from tests.factories import Town, make_town, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PHONE_NUMBER = "13912345678"


@pytest.fixture
def town(settings, tmp_path) -> Town:
    settings.MEDIA_ROOT, settings.MULIN_EXPORT_ROOT = tmp_path / "media", tmp_path / "exports"
    seed_reference(now=timezone.now())
    return make_town()


@pytest.fixture
def case(town: Town) -> Case:
    contact = services.Contact("王小明", PHONE_NUMBER, "2单元301")
    location = places.locate_board(town.board_code(0))
    report = services.Report("楼上周末一早砸墙", "0601", location, address_text="2单元301室门口", contact=contact)
    return services.report_case(actor=None, report=report, now=timezone.now())


def opened(open_page: OpenPage, viewport, user, live_server, path: str) -> Page:
    page = open_page(viewport)
    sign_in(page, user, live_server.url)
    page.goto(live_server.url + path)
    return page


def reveal(page: Page, purpose: str = "CONTACT") -> None:
    page.locator("details.reveal summary").first.click()
    page.locator(f"details.reveal button[value={purpose}]").first.click()


def test_a_holder_calls_in_two_taps_and_sees_no_number_before(town, case, live_server, open_page):
    phone = opened(open_page, PHONE, town.users["leader"], live_server, "/today/")
    assert PHONE_NUMBER not in phone.content()
    looked_at(phone, "reveal-today")
    phone.get_by_role("button", name="打电话").click()
    expect(phone.locator(f"a[href='tel:{PHONE_NUMBER}']")).to_be_visible()
    phone.goto(f"{live_server.url}/cases/{case.pk}/")
    assert PHONE_NUMBER not in phone.content()
    phone.locator("details.reveal summary").first.click()
    looked_at(phone, "reveal-open-phone")
    phone.locator("details.reveal [name=purpose_note]").first.fill("居委会要求")
    phone.locator("details.reveal [name=purpose_note]").first.press("Enter")
    expect(phone.locator(".is-revealed")).to_contain_text("2单元301室门口")
    assert AuditRecord.objects.latest("pk").purpose == "OTHER"
    looked_at(phone, "reveal-shown-phone")
    phone.reload()
    assert PHONE_NUMBER not in phone.content()


def test_a_childs_data_takes_two_people_and_the_auditor_sees_who(town, case, live_server, open_page):
    page = f"/cases/{case.pk}/"
    desk = opened(open_page, DESK, town.users["community"], live_server, page)
    desk.get_by_text("加特别保护").click()
    looked_at(desk, "protect-open")
    desk.locator("[name=under_14]").check()
    desk.get_by_role("button", name="加上保护").click()
    expect(desk.get_by_text("涉及不满 14 周岁的人")).to_be_visible()
    reveal(desk, "VERIFY")
    expect(desk.get_by_text("等另一位同事同意")).to_be_visible()
    street = opened(open_page, PHONE, town.users["street"], live_server, "/approvals/")
    looked_at(street, "approvals-phone")
    street.get_by_role("button", name="同意", exact=True).click()
    expect(street.get_by_text("没有等您决定的申请")).to_be_visible()
    desk.goto(live_server.url + page)
    looked_at(desk, "approved")
    reveal(desk, "VERIFY")
    expect(desk.locator(".is-revealed")).to_contain_text(PHONE_NUMBER)
    desk.goto(f"{live_server.url}/approvals/")
    looked_at(desk, "approvals")
    desk.goto(f"{live_server.url}/desk/")
    desk.locator("[data-dialog-open=export]").click()
    desk.locator("#export [name=purpose]").select_option("VERIFY")
    looked_at(desk, "export-dialog")
    desk.locator("#export button[value=xlsx]").click()
    looked_at(desk, "exports")
    with desk.expect_download() as file:
        desk.get_by_role("link", name="下载").click()
    assert file.value.suggested_filename.endswith(".xlsx")
    _the_auditor_sees_who(live_server, open_page)


def _the_auditor_sees_who(live_server, open_page) -> None:
    sealing.seal_all(now=timezone.now())
    verifying.verify(now=timezone.now())
    auditor = make_user("auditor")
    Grant.objects.create(user=auditor, role=Role.objects.get(code="audit_admin"), starts_on=timezone.localdate())
    for viewport, name in ((DESK, "audit"), (PHONE, "audit-phone")):
        page = opened(open_page, viewport, auditor, live_server, "/audit/?kind=READ")
        expect(page.get_by_text("查看反映人信息").first).to_be_visible()
        assert PHONE_NUMBER not in page.content()
        looked_at(page, name)
