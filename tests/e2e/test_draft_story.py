"""A district draws its grids anew: ask, watch, move a building by list and by drag, undo, put in force."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from mulin.commands.seed import seed_reference
from mulin.domains.planning import computing
from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.services import drafting
from mulin.domains.planning.states import DraftState
from tests.domains.planning.drafting import claimed
from tests.e2e.conftest import DESK, PHONE, SCREENSHOTS, OpenPage
from tests.e2e.test_desk_story import TOO_WIDE, sign_in
from tests.factories import make_town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town():
    now = timezone.now()
    seed_reference(now=now)
    return make_town(buildings=24, grids=4, households=10, now=now)


@contextmanager
def half_done() -> Iterator[None]:
    """The worker's child has found a first plan and saved it; it ends when it learns that it is to stop."""
    draft_id, lease = claimed(at=timezone.now())
    draft = plans.draft(draft_id)
    arrays = ground.problem_of(draft.area_code, on=timezone.localdate())
    drafting.take_snapshot(actor=None, draft_id=draft_id, arrays=arrays, now=timezone.now())
    figures = figures_of(arrays, arrays.present, plans.bounds_of(draft), params_of(draft.weights))
    drafting.save_progress(
        actor=None, draft_id=draft_id, lease=lease, grid=arrays.present, figures=figures, now=timezone.now()
    )
    yield
    computing.compute(draft_id, lease)


def looked_at(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"draft-{name}.png", full_page=True)
    findings = Axe().run(page).response["violations"]
    assert [(f["id"], [n["html"][:160] for n in f["nodes"]]) for f in findings] == [], name
    assert not page.evaluate(TOO_WIDE), name


def ask_for_a_draft(page: Page, area_code: str) -> None:
    page.locator("[data-dialog-open=ask-draft]").click()
    ask = page.locator("#ask-draft")
    ask.locator("[name=area]").select_option(area_code)
    ask.locator("[name=name]").fill("明年的网格")
    ask.locator("[name=lowest]").fill("40")
    ask.locator("[name=highest]").fill("80")
    ask.locator("[name=seconds]").select_option("5")
    ask.locator("button.btn-primary").click()
    expect(page.locator("h1")).to_have_text("明年的网格")


def watch_and_stop(page: Page) -> None:
    expect(page.locator("[data-plan-stop]")).to_be_visible()
    with half_done():
        expect(page.locator("[data-plan-grid] option")).not_to_have_count(0)
        looked_at(page, "growing")
        page.locator("[data-plan-stop]").click()
        expect(page.get_by_text("正在停下")).to_be_visible()
    expect(page.locator("[data-plan-ready]")).to_be_attached(timeout=20_000)


def move_and_undo(page: Page) -> None:
    page.locator("[data-plan-grid]").select_option(index=0)
    page.locator("[data-plan-buildings]").select_option(index=[0])
    page.locator("[data-plan-choose]").click()
    page.locator("[data-plan-to]").select_option(index=2)
    page.locator("[data-plan-move]").click()
    expect(page.locator("[data-plan][data-plan-moves='1']")).to_be_attached()
    looked_at(page, "moved")
    page.locator("[data-plan-undo]").click()
    expect(page.locator("[data-plan][data-plan-moves='2']")).to_be_attached()


def test_a_draft_is_asked_for_watched_moved_undone_and_put_in_force(town, live_server, open_page: OpenPage):
    page = open_page(DESK)
    sign_in(page, town.users["county"], live_server.url)
    page.goto(f"{live_server.url}/planning/drafts/")
    ask_for_a_draft(page, town.community.code)
    watch_and_stop(page)
    draft = Draft.objects.get()
    assert draft.state == DraftState.READY
    looked_at(page, "ready")
    move_and_undo(page)
    draft.refresh_from_db()
    assert (draft.head.kind, PlanVersion.objects.count()) == ("COMPUTED", 2)
    page.locator("a[href$='/publish/']").click()
    page.locator("[name=from_date]").fill(timezone.localdate().isoformat())
    looked_at(page, "publish")
    page.locator("form.card button").click()
    expect(page.locator("h1")).to_contain_text("生效情况")
    looked_at(page, "publication")
    draft.refresh_from_db()
    assert draft.state == DraftState.PUBLISHED
    see_on_a_phone(open_page(PHONE), town, live_server.url, draft)


def see_on_a_phone(phone: Page, town, url: str, draft: Draft) -> None:
    sign_in(phone, town.users["community"], url)
    phone.goto(f"{url}/planning/drafts/{draft.pk}/")
    expect(phone.locator("[data-plan-ready]")).to_be_attached(timeout=20_000)
    looked_at(phone, "phone")
    phone.goto(f"{url}/planning/drafts/")
    looked_at(phone, "phone-list")
