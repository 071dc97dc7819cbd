"""`mulin plan draft|compare|publish`: a file in, grids out; and the same of an area of the database."""

import json

import pytest
import shapely
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.domains.planning.models import Draft
from mulin.domains.planning.queries import plans
from mulin.domains.planning.states import DraftState
from tests.domains.planning.drafting import draft_of, head_of, street

RUN = CliRunner()


def buildings_file(tmp_path, households=(100,) * 12, **properties):
    """A row of buildings 40 m apart."""
    features = [
        {
            "type": "Feature",
            "properties": {"households": count, **properties},
            "geometry": {"type": "Point", "coordinates": [106.9 + number * 0.0004, 27.7]},
        }
        for number, count in enumerate(households)
    ]
    path = tmp_path / "buildings.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_file_of_buildings_becomes_grids(tmp_path):
    out = tmp_path / "plan.geojson"
    done = RUN.invoke(
        app, ["plan", "draft", "--buildings", str(buildings_file(tmp_path)), "--out", str(out), "--seconds", "1"]
    )
    assert done.exit_code == 0, done.output
    grids = [feature["properties"] for feature in json.loads(out.read_text())["features"]]
    assert sorted(index for grid in grids for index in grid["buildings"]) == list(range(12))
    assert all(300 <= grid["households"] <= 500 for grid in grids)


def test_a_block_above_the_bound_is_said_and_told_apart(tmp_path):
    path = buildings_file(tmp_path, households=(900, 200, 200))
    done = RUN.invoke(app, ["plan", "draft", "--buildings", str(path), "--seconds", "1"])
    assert done.exit_code == 3
    assert "超过上限 500 户" in done.output.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "words"), [("[]", "读不出楼栋"), ("{", "读不出楼栋"), ('{"features": []}', "读不出楼栋")]
)
def test_a_file_nobody_understands_is_refused(tmp_path, text, words):
    path = tmp_path / "bad.geojson"
    path.write_text(text)
    done = RUN.invoke(app, ["plan", "draft", "--buildings", str(path)])
    assert done.exit_code == 1
    assert words in done.output


def test_households_that_are_no_number_are_refused(tmp_path):
    path = buildings_file(tmp_path, households=("many",))
    assert RUN.invoke(app, ["plan", "draft", "--buildings", str(path)]).exit_code == 1
    path = buildings_file(tmp_path, households=(0, 0))
    done = RUN.invoke(app, ["plan", "draft", "--buildings", str(path)])
    assert done.exit_code == 1
    assert "没有户数" in done.output


@pytest.mark.django_db
def test_a_draft_of_an_area_is_made_compared_and_put_in_force(tmp_path):
    town = street()
    other, who = draft_of(town), town.users["county"].username
    bounds = ["--lowest", "40", "--highest", "80", "--seconds", "1"]
    done = RUN.invoke(app, ["plan", "draft", "--area", town.community.code, "--as", who, *bounds])
    assert done.exit_code == 0, done.output
    draft = Draft.objects.latest("pk")
    assert draft.state == DraftState.READY
    assert RUN.invoke(app, ["plan", "compare", str(draft.pk), str(other.pk), "--as", who]).exit_code == 0
    desk = town.users["community"].username
    assert RUN.invoke(app, ["plan", "publish", str(draft.pk), "--as", desk]).exit_code == 2
    done = RUN.invoke(app, ["plan", "publish", str(draft.pk), "--as", who])
    assert (done.exit_code, Draft.objects.get(pk=draft.pk).state) == (0, DraftState.PUBLISHED), done.output
    assert RUN.invoke(app, ["plan", "publish", str(draft.pk), "--as", who]).exit_code == 1


def file_of(path, *boxes):
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shapely.box(*one))} for one in boxes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


@pytest.mark.django_db
def test_grids_changed_elsewhere_come_back_as_a_draft(tmp_path):
    town = street()
    first, who = draft_of(town), town.users["county"].username
    middle = sorted(building.lon or 0.0 for building in town.buildings)[3] + 1e-6
    path = file_of(tmp_path / "drawn.geojson", (100, 20, middle, 40), (middle, 20, 120, 40))
    asked = ["plan", "draft", "--area", town.community.code, "--as", who, "--grids"]
    done = RUN.invoke(app, [*asked, path, "--lowest", "10", "--highest", "120"])
    assert done.exit_code == 0, done.output
    draft = Draft.objects.latest("pk")
    is_west = plans.ground_of(head_of(draft).snapshot_id).arrays.lonlat[:, 0] < middle
    drawn = plans.plan_of(head_of(draft))
    assert (len(set(drawn[is_west])), len(set(drawn[~is_west])), len(set(drawn))) == (1, 1, 2)
    out = tmp_path / "differs.geojson"
    compared = RUN.invoke(app, ["plan", "compare", str(draft.pk), str(first.pk), "--as", who, "--out", str(out)])
    assert compared.exit_code == 0, compared.output
    differs = [one["properties"] for one in json.loads(out.read_text())["features"]]
    assert differs
    assert all(one["first"] != one["second"] for one in differs)


@pytest.mark.django_db
def test_a_file_without_grids_is_refused_and_makes_no_draft(tmp_path):
    town = street()
    asked = ["plan", "draft", "--area", town.community.code, "--as", town.users["county"].username, "--grids"]
    done = RUN.invoke(app, [*asked, str(buildings_file(tmp_path))])
    assert (done.exit_code, Draft.objects.count()) == (1, 0)
    assert "读不出网格" in done.output
