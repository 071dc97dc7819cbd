"""`mulin plan merge` writes the one net and the table of old codes, and keeps them when asked to."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.core.tables import read_table
from mulin.domains.planning.models import DepartmentNet, Draft
from tests.domains.planning.test_nets import box, geojson
from tests.factories import make_town

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_one_net_and_the_cross_walk_are_written(tmp_path: Path) -> None:
    town = make_town(grids=3, buildings=9, households=4)
    one = geojson(tmp_path / "a.geojson", {"C1": box(0, 1), "C2": box(1, 3)})
    two = geojson(tmp_path / "b.geojson", {"E1": box(0, 1.5), "E2": box(1.5, 3)}, "应急")
    out, table = tmp_path / "plan.geojson", tmp_path / "crosswalk.csv"
    asked = ["plan", "merge", str(one), str(two), "--area", town.community.code, "--lowest", "4", "--highest", "40"]
    asked += ["--seconds", "1", "--out", str(out), "--crosswalk", str(table)]

    told = CliRunner().invoke(app, asked)

    assert told.exit_code == 0, told.output
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert sum(feature["properties"]["households"] for feature in features) == 36
    rows = [line.cells for line in read_table(table).lines]
    assert {(row["department"], row["old_code"]) for row in rows if row["is_main"] == "True"} == {
        ("城管", "C1"), ("城管", "C2"), ("应急", "E1"), ("应急", "E2"),
    }  # fmt: skip
    assert not DepartmentNet.objects.exists()

    assert CliRunner().invoke(app, [*asked, "--save"]).exit_code == 0
    assert (DepartmentNet.objects.count(), Draft.objects.count()) == (2, 1)


def test_a_file_that_is_no_net_ends_with_a_sentence(tmp_path: Path) -> None:
    town = make_town(grids=1, buildings=1)
    bad = tmp_path / "bad.geojson"
    bad.write_text("{}", encoding="utf-8")
    told = CliRunner().invoke(app, ["plan", "merge", str(bad), "--area", town.community.code])
    assert told.exit_code == 1
