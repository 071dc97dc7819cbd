"""`mulin import ground`: files of ground truth at the command line."""

from pathlib import Path

import pytest

from mulin.core.tables import read_table
from mulin.domains.places.models import Building, Place, PlaceKind
from mulin.domains.planning.models import GroundImport, HouseholdCount, ImportState
from tests.domains.planning.ground_files import bow_tie, geojson, house
from tests.factories import make_town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_town()
    rows = [(house(column), {"楼号": f"N{column}", "住户": 20}) for column in range(3)]
    return geojson(tmp_path / "楼栋.geojson", [*rows, (bow_tie(5), {"楼号": "N5", "住户": 9})])


def new() -> int:
    return Building.objects.filter(place__name__startswith="N").count() + HouseholdCount.objects.count()


ASKED = ["import", "ground", "--kind", "buildings", "--crs", "cgcs2000", "--map", "key=楼号,name=楼号,households=住户"]


def test_good_rows_go_in_and_the_bad_one_is_written_down(run, file: Path) -> None:
    result = run(*ASKED, str(file))
    assert result.exit_code == 3, result.output
    assert new() == 6
    lines = read_table(file.with_name("楼栋.findings.csv")).lines
    assert [(line.cells["行号"], line.cells["代码"]) for line in lines] == [("4", "self_crossing")]
    assert GroundImport.objects.get().state == ImportState.DONE


def test_with_the_repair_everything_goes_in_once(run, file: Path) -> None:
    run(*ASKED, str(file))
    again = run(*ASKED, "--repair", "make_valid", str(file))
    assert (again.exit_code, new()) == (0, 8)
    third = run(*ASKED, "--repair", "make_valid", str(file))
    assert third.exit_code == 0, third.output
    assert new() == 8


def test_a_trial_changes_nothing_and_keeps_no_file(run, file: Path, media: Path) -> None:
    assert run(*ASKED, "--dry-run", str(file)).exit_code == 3
    assert (new(), GroundImport.objects.get().state) == (0, ImportState.ABANDONED)


def test_showing_the_columns_asks_for_nothing_else(run, file: Path) -> None:
    result = run("import", "ground", "--kind", "buildings", "--show", str(file))
    assert (result.exit_code, "楼号" in result.output, new()) == (0, True, 0)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--kind", "castles"], 2),
        (["--kind", "buildings"], 1),
        (["--kind", "buildings", "--crs", "mars"], 1),
        (["--kind", "buildings", "--crs", "gcj02", "--map", "name=没有"], 1),
        (["--kind", "buildings", "--crs", "gcj02", "--repair", "everything"], 2),
        (["--kind", "buildings", "--crs", "gcj02", "--area", "999999000000"], 1),
    ],
)
def test_what_is_not_understood_is_refused_with_a_code(run, file: Path, options: list[str], code: int) -> None:
    assert run("import", "ground", *options, str(file)).exit_code == code
    assert new() == 0
    assert not GroundImport.objects.exclude(state=ImportState.ABANDONED).exists()


def test_a_county_is_registered_by_its_code_once(run) -> None:
    assert run("import", "areas", "520303000000").exit_code == 0
    count = Place.objects.count()
    assert Place.objects.filter(kind=PlaceKind.COMMUNITY).count() > 100
    assert run("import", "areas", "520303000000").exit_code == 0
    assert Place.objects.count() == count
    assert run("import", "areas", "999999000000").exit_code == 1
