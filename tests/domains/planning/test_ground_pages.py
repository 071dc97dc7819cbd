"""The pages of imports of ground truth: who may, what is refused, the whole way of a file."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mulin.domains.planning.ground_importing import carry_on
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import GroundImport, ImportState
from tests.domains.planning.ground_files import bow_tie, checked, geojson, house
from tests.factories import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def town() -> Town:
    return make_town()


def rows() -> list:
    return [(house(0), {"编号": "N0", "户数": 20}), (bow_tie(1), {"编号": "N1", "户数": 20})]


def job_of(tmp_path: Path) -> GroundImport:
    return checked(geojson(tmp_path / "楼栋.geojson", rows()), GroundKind.BUILDINGS)


def signed_in(client: Client, town: Town, name: str) -> Client:
    client.force_login(town.users[name])
    return client


def test_a_file_from_upload_to_the_map(client: Client, town: Town, tmp_path: Path) -> None:
    signed_in(client, town, "county")
    content = geojson(tmp_path / "a.geojson", rows()).read_bytes()
    upload = SimpleUploadedFile("../../楼栋.geojson", content)
    answer = client.post(reverse("planning:ground-new"), {"kind": "BUILDINGS", "file": upload, "source": "住建局"})
    page = answer.headers["Location"]
    job = GroundImport.objects.get()
    assert (job.file_name, job.source, job.state) == ("楼栋.geojson", "住建局", ImportState.TO_READ)
    assert "等待读取" in client.get(page).content.decode()
    carry_on(job.pk)
    choices = client.get(page).content.decode()
    assert 'name="column-households"' in choices
    refused = client.post(reverse("planning:ground-check", args=[job.pk]), {"column-key": "编号"})
    assert (refused.status_code, "坐标系" in refused.content.decode()) == (422, True)
    asked = {"crs": "CGCS2000", "column-key": "编号", "column-households": "户数"}
    client.post(reverse("planning:ground-check", args=[job.pk]), asked)
    carry_on(job.pk)
    report = client.get(page).content.decode()
    assert "图形自相交" in report
    assert 'value="MAKE_VALID"' in report
    client.post(reverse("planning:ground-check", args=[job.pk]), {**asked, "repair": "MAKE_VALID"})
    carry_on(job.pk)
    client.post(reverse("planning:ground-let-in", args=[job.pk]))
    assert "正在导入" in client.get(page, headers={"HX-Request": "true"}).content.decode()
    carry_on(job.pk)
    assert client.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    job.refresh_from_db()
    assert (job.state, job.applied) == (ImportState.DONE, 2)
    assert "楼栋.geojson" in client.get(reverse("planning:ground")).content.decode()


def test_findings_are_drawn_and_downloaded(client: Client, town: Town, tmp_path: Path) -> None:
    signed_in(client, town, "community")
    job = job_of(tmp_path)
    points = client.get(reverse("planning:ground-findings-map", args=[job.pk])).json()["features"]
    assert [(p["geometry"]["type"], p["properties"]["tone"]) for p in points] == [("Point", "bad")]
    outlines = client.get(reverse("planning:ground-findings-map", args=[job.pk]), {"outlines": "1"}).json()["features"]
    assert outlines[0]["geometry"]["type"] == "Polygon"
    table = client.get(reverse("planning:ground-findings-file", args=[job.pk])).content.decode()
    assert "2,self_crossing" in table


WRITES = ["ground-layer", "ground-check", "ground-let-in", "ground-abandon"]


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("person", "status"), [("community", 403), ("stranger", 403)])
def test_who_may_not_import_changes_nothing(
    client: Client, town: Town, tmp_path: Path, name: str, person: str, status: int
) -> None:
    job = job_of(tmp_path)
    signed_in(client, town, person)
    assert client.post(reverse(f"planning:{name}", args=[job.pk]), {"crs": "GCJ02"}).status_code == status
    job.refresh_from_db()
    assert (job.state, job.crs, job.staged.count()) == (ImportState.CHECKED, "CGCS2000", 2)


@pytest.mark.parametrize(("person", "status"), [("county", 200), ("community", 200), ("stranger", 403)])
def test_who_may_see_an_import(client: Client, town: Town, tmp_path: Path, person: str, status: int) -> None:
    job = job_of(tmp_path)
    signed_in(client, town, person)
    answer = client.get(reverse("planning:ground-import", args=[job.pk]))
    assert answer.status_code == status
    assert ('name="column-key"' in answer.content.decode()) == (person == "county")
    assert client.get(reverse("planning:ground")).status_code == status
    assert client.get(reverse("planning:ground-new")).status_code == (200 if person == "county" else 403)


def test_another_county_is_not_there(client: Client, town: Town, tmp_path: Path) -> None:
    job = job_of(tmp_path)
    GroundImport.objects.update(area_code="520302000000")
    signed_in(client, town, "county")
    assert client.get(reverse("planning:ground-import", args=[job.pk])).status_code == 404
    assert client.post(reverse("planning:ground-let-in", args=[job.pk])).status_code == 404


def test_no_file_and_an_unknown_kind_of_file_are_refused(client: Client, town: Town) -> None:
    signed_in(client, town, "county")
    assert client.post(reverse("planning:ground-new"), {"kind": "BUILDINGS"}).status_code == 422
    drawing = SimpleUploadedFile("a.dwg", b"AC1032")
    assert client.post(reverse("planning:ground-new"), {"kind": "BUILDINGS", "file": drawing}).status_code == 400
    assert not GroundImport.objects.exists()


@pytest.mark.parametrize("count", [10, 20])
def test_a_report_costs_the_same_whatever_its_length(client: Client, town: Town, tmp_path: Path, count: int) -> None:
    signed_in(client, town, "county")
    dirty = [(bow_tie(column), {"编号": f"N{column}"}) for column in range(count)]
    job = checked(geojson(tmp_path / "a.geojson", dirty), GroundKind.BUILDINGS)
    client.get(reverse("planning:ground-import", args=[job.pk]))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("planning:ground-import", args=[job.pk]))
    assert len(asked) <= 14
