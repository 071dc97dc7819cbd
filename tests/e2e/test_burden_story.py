"""An exception from the burden rules, asked for in an emergency: on a computer, read by a community on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mulin.commands.seed import seed_reference
from mulin.domains.cases.services import emergencies
from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.e2e.test_resident_story import looked_at, sign_in
from tests.factories import make_town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town():
    seed_reference(now=timezone.now())
    return make_town()


def test_an_exception_is_asked_for_refused_and_read(town, live_server, open_page: OpenPage):
    now, url = timezone.now(), live_server.url
    emergencies.begin(
        actor=town.users["county"], area=town.county, reason="特大暴雨", ends_at=now + timedelta(hours=10), now=now
    )
    desk, phone = open_page(DESK), open_page(PHONE)
    sign_in(desk, town.users["county"], url)
    sign_in(phone, town.users["community"], url)
    desk.goto(f"{url}/emergency/")
    desk.get_by_role("button", name="申请减负例外").click()
    looked_at(desk, "burden-1-asking")
    sheet = desk.locator("dialog[open]")
    sheet.get_by_label("要求什么").fill("网格员巡查轨迹")
    sheet.get_by_label("理由").fill("想看人在哪里")
    sheet.get_by_label("依据").fill("《防汛应急预案》第十二条")
    sheet.get_by_role("button", name="申请并记录").click()
    expect(desk.get_by_text("禁止情形（四）").first).to_be_visible()
    desk.goto(f"{url}/emergency/")
    desk.get_by_role("button", name="申请减负例外").click()
    sheet.get_by_label("要求什么").fill("安置点值守签到")
    sheet.get_by_label("理由").fill("清点安置点值守人员")
    sheet.get_by_label("依据").fill("《防汛应急预案》第十二条")
    sheet.get_by_role("button", name="申请并记录").click()
    expect(desk.get_by_text("例外已记录")).to_be_visible()
    looked_at(desk, "burden-2-recorded")
    phone.goto(f"{url}/emergency/")
    expect(phone.get_by_text("安置点值守签到")).to_be_visible()
    looked_at(phone, "burden-3-read")
