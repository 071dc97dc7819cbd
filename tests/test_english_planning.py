"""Whoever plans in English: drafts in their states, imports with findings, nets, the life circle, the accounts."""

from pathlib import Path

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mulin.commands.seed import seed_reference
from mulin.domains.accounts.services.retention import erase_accounts
from mulin.domains.duty.models import PostKind
from mulin.domains.places.models import Place
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import Comment, DepartmentGrid, DepartmentNet, Draft, GroundImport, Publication
from mulin.domains.planning.services import editing, staffing
from mulin.domains.planning.services.editing import NEW_GRID
from tests.domains.accounts.test_administration import administrator
from tests.domains.planning import test_circle as circle
from tests.domains.planning import test_nets as nets
from tests.domains.planning.drafting import again, draft_of
from tests.domains.planning.ground_files import bow_tie, checked, geojson, house
from tests.domains.planning.test_publishing import carry_out, moved, scheduled
from tests.factories import NOW, Town, make_town
from tests.test_english_pages import WRITTEN, chinese_in, pieces_of, reader

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

WRITTEN_BY_PLANNERS: dict[type[Model], tuple[str, ...]] = {
    **WRITTEN,
    Draft: ("name",),
    Comment: ("text",),
    Publication: ("reason",),
    GroundImport: ("file_name", "source"),
    DepartmentNet: ("department",),
    DepartmentGrid: ("name",),
}
HEADINGS = ("编号", "户数")
"""The columns of the imported file are shown as they are."""


@pytest.fixture
def town(tmp_path: Path, settings) -> Town:
    settings.MEDIA_ROOT = tmp_path / "media"
    seed_reference(now=NOW)
    return make_town(buildings=12, grids=2, households=10)


def shown(client: Client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def untranslated(pages: dict[str, str]) -> dict[str, list[str]]:
    written = pieces_of(WRITTEN_BY_PLANNERS, *HEADINGS)
    return {name: left for name, page in pages.items() if (left := chinese_in(page, written))}


def bent(town: Town) -> Draft:
    """A draft with a grid in pieces, a grid too small and a comment."""
    draft = moved(town, draft_of(town), [0, 11], NEW_GRID)
    editing.comment(actor=town.users["county"], draft=draft, text="5栋和6栋同一个门岗", label=None, now=NOW)
    return again(draft)


def test_drafts_in_all_their_states(town: Town) -> None:
    desk = reader("en", town.users["county"])
    empty = {name: shown(desk, name) for name in ("planning:drafts", "planning:staffing", "planning:nets")}
    draft, narrow = bent(town), draft_of(town, lowest=70, highest=75)
    done = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    carry_out(scheduled(town, done))
    waiting = moved(town, draft_of(town), [0, 2, 4, 6], NEW_GRID)
    scheduled(town, waiting, on=timezone.localdate().replace(year=timezone.localdate().year + 1))
    asked = draft_of(town, computed=False)
    staffed = staffing.make_staffing(
        actor=None,
        area_code=town.community.code,
        post=PostKind.objects.get(code="grid_worker"),
        wish=staffing.StaffingWish(lowest=1, highest=1, change_m=0),
        now=NOW,
    )
    pages = {
        "list": shown(desk, "planning:drafts"),
        **{f"draft {one.pk}": shown(desk, "planning:draft", one.pk) for one in (draft, asked, narrow, done, waiting)},
        "compare": shown(desk, "planning:compare-drafts", draft.pk, narrow.pk),
        "changes": shown(desk, "planning:draft-changes", draft.pk),
        "set the date": shown(desk, "planning:publish-draft", draft.pk),
        "publication": shown(desk, "planning:publication", done.pk),
        "to come": shown(desk, "planning:publication", waiting.pk),
        "staffing": shown(desk, "planning:staffing-draft", staffed.pk),
        "staffing list": shown(desk, "planning:staffing"),
    }
    assert untranslated(empty | pages) == {}


def test_the_ground_the_nets_and_the_groups(town: Town, tmp_path: Path) -> None:
    desk = reader("en", town.users["county"])
    rows = [(house(0), {"编号": "N0", "户数": 20}), (bow_tie(1), {"编号": "N1", "户数": -1})]
    job = checked(geojson(tmp_path / "楼栋.geojson", rows), GroundKind.BUILDINGS)
    nets.kept(town, nets.geojson(tmp_path / "a.geojson", {"C1": nets.box(0, 1.5), "C2": nets.box(1.5, 2)}))
    area, building = town.community.code, Place.objects.get(pk=town.buildings[0].pk)
    pages = {
        "ground": shown(desk, "planning:ground"),
        "new": shown(desk, "planning:ground-new"),
        "import": shown(desk, "planning:ground-import", job.pk),
        "findings": shown(desk, "planning:ground-findings-file", job.pk),
        "nets": shown(desk, "planning:nets", query=f"?area={area}"),
        "crosswalk": shown(desk, "planning:crosswalk", query="?department=城管"),
        "of a building": shown(desk, "planning:building-groups", building.pk),
        "of an area": shown(desk, "planning:area-groups", area),
        "grid map": shown(desk, "planning:grid-map", query=f"?area={area}"),
    }
    assert untranslated(pages) == {}


def test_the_life_circle(town: Town) -> None:
    desk, area = reader("en", town.users["county"]), f"?area={town.community.code}"
    bare = shown(desk, "planning:circle", query=area)
    circle.street()
    circle.facility("kindergarten", town.buildings[0].lon or 0)
    pages = {f"by {by}": shown(desk, "planning:circle", query=f"{area}&by={by}") for by in ("grid", "community")}
    pages["what if"] = shown(desk, "planning:circle-what-if", query=f"{area}&kind=kindergarten&lon=106.91&lat=27.71")
    assert untranslated({"bare": bare, **pages}) == {}


def test_accounts_looked_after(town: Town, settings) -> None:
    settings.MULIN_SMS_SIGN_IN = True
    security, audit = (reader("en", administrator(role)) for role in ("security_admin", "audit_admin"))
    person, gone = town.users["county"], town.users["stranger"]
    erase_accounts(ids=[gone.pk], now=NOW)
    own = ("accounts:security", "accounts:password", "accounts:authenticator")
    pages = {
        **{name: shown(reader("en", person), name) for name in own},
        "people": shown(security, "accounts:people"),
        "add": shown(security, "accounts:add-person"),
        "person": shown(security, "accounts:person", person.pk),
        "somebody who left": shown(security, "accounts:person", gone.pk),
        "entries": shown(audit, "accounts:entries"),
        **{name: shown(reader("en"), name) for name in ("accounts:sign-in", "accounts:ask-phone-code")},
    }
    assert untranslated(pages) == {}
