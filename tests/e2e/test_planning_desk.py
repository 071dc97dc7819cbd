"""The desk plans at 1440×900 and on a phone: staffing drafted, changed by hand, published; grid map, nets, groups."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mulin.commands.seed import seed_reference
from mulin.domains.duty.models import Tenure, TenureState
from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.e2e.test_desk_story import looked_at, sign_in
from tests.factories import Town, make_town, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    seed_reference(now=timezone.now())
    return make_town(grids=3, buildings=6, households=12)


def test_staffing_is_drafted_changed_and_published(open_page: OpenPage, live_server, town: Town) -> None:
    make_user("newcomer", name="新来的人")
    page = open_page(DESK)
    sign_in(page, town.users["county"], live_server.url)

    page.goto(f"{live_server.url}/planning/staffing/")
    page.select_option("#area", town.community.code)
    page.select_option("#post", "grid_worker")
    page.get_by_role("button", name="起草").click()
    page.fill("#q", "新来")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="新来的人").click()
    row = page.locator("tr", has_text="新来的人").first
    expect(row).to_contain_text("新任")
    page.get_by_role("link", name="调整 新来的人").click()
    page.get_by_label("去哪个网格").select_option(label=town.grids[2].name)
    page.get_by_role("button", name="保存安排").click()
    expect(page.locator("tr", has_text="新来的人").first).to_contain_text(town.grids[2].name)
    looked_at(page, "staffing")

    page.get_by_role("button", name="发布人员安排").click()
    page.locator("dialog[open]").get_by_role("button").last.click()
    expect(page.get_by_text("已发布，自")).to_be_visible()
    held = Tenure.objects.filter(holder__username="newcomer", state=TenureState.ACTIVE)
    assert [tenure.place_id for tenure in held] == [town.grids[2].pk]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_this_part_is_clean(open_page: OpenPage, live_server, town: Town, viewport) -> None:
    page: Page = open_page(viewport)
    sign_in(page, town.users["street"], live_server.url)
    for name, address in {
        "staffing-list": "/planning/staffing/",
        "grid-map": f"/planning/grid-map/?area={town.community.code}",
        "nets": "/planning/nets/",
        "crosswalk": "/planning/crosswalk/",
        "groups": f"/planning/groups/area/{town.community.code}/",
    }.items():
        page.goto(live_server.url + address)
        looked_at(page, f"planning-{name}")
