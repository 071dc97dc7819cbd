"""Whatever is sent to the planning part of the API, it answers as its document says; nothing is computed by it."""

import pytest
import schemathesis

from mulin.config.wsgi import application
from mulin.domains.duty.models import PostKind
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.services import ground_imports, staffing
from mulin.domains.planning.services.staffing import StaffingWish
from tests.api.test_schemathesis import PLANNING, answered, generated, headers, one_connection
from tests.domains.planning.drafting import drawn_by_hand, head_of
from tests.factories import NOW

__all__ = ["answered", "headers", "one_connection"]

pytestmark = pytest.mark.slow
ANYTHING_ELSE = rf"^(?!.*{PLANNING})"
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application).exclude(path_regex=ANYTHING_ELSE)


@pytest.fixture
def real(town, settings, tmp_path):
    """A draft, one of staffing and an import; `area_code` stays unknown, so that no micro grids are drawn."""
    settings.MEDIA_ROOT = tmp_path
    draft, building = drawn_by_hand(town, lowest=1), town.buildings[0].pk
    people = staffing.make_staffing(
        actor=None,
        area_code=town.community.code,
        post=PostKind.objects.get(code="grid_worker"),
        wish=StaffingWish(),
        now=NOW,
    )
    job = ground_imports.stage(
        actor=None, kind=GroundKind.BUILDINGS, area_code=town.community.code, file=[b"{}"], file_name="a.geojson",
        source="", now=NOW,
    )  # fmt: skip
    return {
        "draft_id": draft.pk, "other_id": draft.pk, "seen": head_of(draft).pk, "buildings": [building], "to": 1,
        "import_id": job.pk, "row_id": people.people.order_by("pk")[0].pk, "post": "grid_worker",
        "area": town.community.code, "place_id": building, "grid": town.grids[0].pk,
        "person": town.users["stranger"].pk, "near": town.community.pk, "on": "2026-03-05",
        "from_date": "2026-03-05", "lon": town.buildings[0].lon, "lat": town.buildings[0].lat,
    }  # fmt: skip


@schema.include(method="GET").parametrize()
@generated(examples=3)
@pytest.mark.django_db
def test_every_answer_to_a_question_is_one_the_document_promises(case, answered):
    answered(case)


@schema.exclude(method="GET").parametrize()
@generated(examples=6)
@pytest.mark.django_db
def test_every_answer_to_a_write_is_one_the_document_promises(case, answered):
    answered(case)
