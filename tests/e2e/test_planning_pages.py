"""Pages of planning with much on them and long names: at a desk, and on a phone in large type."""

from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mulin.commands.seed import seed_reference
from mulin.domains.places.models import Place
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import Draft
from mulin.domains.planning.queries import ground
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Outcome, Wish
from mulin.kernels.partition.problem import Bounds
from mulin.web.context import ELDER_COOKIE
from tests.domains.planning.ground_files import bow_tie, checked, geojson, house
from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.e2e.test_desk_story import looked_at, sign_in
from tests.factories import Town, make_town

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "湘江商业综合体及周边沿街商铺和安置小区"


@pytest.fixture
def town() -> Town:
    seed_reference(now=timezone.now())
    town = make_town(grids=4, buildings=24, households=12)
    for place in (town.community, *town.grids):
        Place.objects.filter(pk=place.pk).update(name=LONG + place.name)
    return town


def draft_that(town: Town, name: str, *, bends: bool) -> Draft:
    """A draft of today's grids, or of one in which two buildings have changed places."""
    arrays = ground.problem_of(town.community.code, on=timezone.localdate())
    grid = arrays.present.copy()
    if bends:
        west, east = int(np.argmin(arrays.xy[:, 0])), int(np.argmax(arrays.xy[:, 0]))
        grid[[west, east]] = grid[[east, west]]
    figures = figures_of(arrays, grid, Bounds(40, 80), params_of({}))
    return drafting.take_in(
        actor=town.users["county"], area_code=town.community.code, wish=Wish(name, 40, 80), arrays=arrays,
        outcome=Outcome(grid, figures), now=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize(("viewport", "elder"), [(DESK, "0"), (PHONE, "1")], ids=["desk", "phone-large-type"])
def test_full_pages_with_long_names_are_clean(
    open_page: OpenPage, live_server, town: Town, tmp_path: Path, settings, viewport, elder
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    bent, plain = draft_that(town, f"{LONG}二〇二七年网格调整方案", bends=True), draft_that(town, "照旧", bends=False)
    rows = [(house(0), {"编号": "N0", "户数": 20}), (bow_tie(1), {"编号": "N1", "户数": 20})]
    job = checked(geojson(tmp_path / f"{LONG}楼栋.geojson", rows), GroundKind.BUILDINGS)
    page = open_page(viewport)
    sign_in(page, town.users["county"], live_server.url)
    page.context.add_cookies([{"name": ELDER_COOKIE, "value": elder, "url": live_server.url}])
    for name, address in {
        "drafts": "drafts/",
        "draft": f"drafts/{bent.pk}/",
        "compare": f"drafts/{bent.pk}/compare/{plain.pk}/",
        "changes": f"drafts/{bent.pk}/changes/",
        "publish": f"drafts/{bent.pk}/publish/",
        "ground": "ground/",
        "findings": f"ground/{job.pk}/",
        "circle": f"circle/?area={town.community.code}",
    }.items():
        page.goto(f"{live_server.url}/planning/{address}")
        if name == "draft":
            expect(page.locator("[data-plan-ready]")).to_be_attached(timeout=20_000)
            page.locator("summary", has_text="网格一览").click()
        looked_at(page, f"planning-{name}-{elder}")


def test_a_building_is_moved_by_keys_alone(open_page: OpenPage, live_server, town: Town) -> None:
    draft = draft_that(town, "键盘", bends=False)
    page = open_page(DESK)
    sign_in(page, town.users["county"], live_server.url)
    page.goto(f"{live_server.url}/planning/drafts/{draft.pk}/")
    expect(page.locator("[data-plan-ready]")).to_be_attached(timeout=20_000)
    page.locator("[data-plan-buildings]").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-plan-chosen]")).to_contain_text("已选 1 栋")
    page.locator("[data-plan-to]").focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-plan][data-plan-moves='1']")).to_be_attached()
    expect(page.locator("[data-plan-status]")).to_contain_text("已移动")
    expect(page.locator("[data-plan-panel]")).to_contain_text("哪里不合规矩")
    page.locator("[data-plan-undo]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-plan][data-plan-moves='2']")).to_be_attached()
