"""我也遇到 through the API: who lives at the building joins, and learns nothing of who reported first."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from mulin.domains.cases import services
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.places import queries as places

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    contact = services.Contact("王小丽", "13912345678", "201")
    location = places.locate_board(town.board_code())
    report = services.Report("楼下井盖坏了", "0101", location, contact=contact)
    return services.report_case(actor=None, report=report, now=timezone.now())


def test_a_neighbour_finds_the_case_and_joins_it_once(town, call, case):
    here = {"board": town.board_code()}
    found = call(None, "GET", "/reports/similar", category="0101", **here)
    assert [one["case_id"] for one in found.json()] == [case.pk]
    assert "井盖" not in found.content.decode()
    said = {"text": "我也差点摔着", "phone": "13900000000", **here}
    joined = [call(None, "POST", f"/reports/{case.pk}/join", key="j1", **said) for _ in range(2)]
    assert [answer.status_code for answer in joined] == [201, 201]
    assert joined[0].json() == joined[1].json()
    assert Reporter.objects.filter(case=case).count() == 2
    code = joined[0].json()["follow_code"]
    followed = call(None, "GET", f"/follow/{code}").json()
    assert (followed["joined"], followed["text"], followed["can_withdraw"]) == (True, "", False)
    assert call(None, "POST", f"/follow/{code}/withdrawal").json()["code"] == "code_unknown"


def test_from_another_building_or_after_the_end_nobody_joins(town, call, case):
    path = f"/reports/{case.pk}/join"
    away = call(None, "POST", path, board=town.board_code(1))
    assert (away.status_code, away.json()["code"]) == (404, "case_unknown")
    assert call(None, "POST", path).json()["code"] == "place_missing"
    assert call(None, "GET", "/reports/similar", category="0101", board=town.board_code(1)).json() == []
    services.withdraw(actor=None, case=case, reason="", now=timezone.now())
    assert call(None, "POST", path, board=town.board_code()).status_code == 404
    assert Reporter.objects.filter(case=case).count() == 1


def test_joining_is_slowed_down_like_reporting(town, call, case):
    codes = [call(None, "POST", f"/reports/{case.pk}/join", board=town.board_code()).status_code for _ in range(31)]
    assert (codes[0], codes[-1]) == (201, 429)


def test_a_photo_is_for_who_sees_the_case_or_has_its_code(town, call, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    photo = SimpleUploadedFile("x.png", file.getvalue())
    report = services.Report(
        "井盖坏了", "0101", places.locate_board(town.board_code()), photos=tuple(photos.store_all([photo]))
    )
    case = services.report_case(actor=None, report=report, now=timezone.now())
    desk = town.users["community"]
    url = call(desk, "GET", f"/cases/{case.pk}").json()["photos"][0]["url"].removeprefix("/api/v1")
    shown = [call(desk, "GET", url), call(None, "GET", url, code=case.receipt_code)]
    assert [(one.status_code, one.headers["Content-Type"]) for one in shown] == [(200, "image/jpeg")] * 2
    hidden = [call(town.users["stranger"], "GET", url), call(None, "GET", url), call(None, "GET", url, code="NO")]
    assert [one.status_code for one in hidden] == [404, 404, 404]
    assert Case.objects.count() == 1
