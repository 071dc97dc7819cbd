"""`mulin plan staff` answers from the terminal and keeps nothing unless asked to."""

import json

import pytest
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.domains.planning.models import StaffingDraft
from tests.factories import make_town, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_answer_as_json_names_who_goes_where() -> None:
    town = make_town(grids=2)
    make_user("other", name="候补甲")
    asked = ["plan", "staff", town.community.code, "--person", "other", "--json"]

    answer = json.loads(CliRunner().invoke(app, asked).output)

    assert {one["name"]: one["proposed"] for one in answer["people"]} == {
        town.users["grid_worker"].name: town.grids[0].name,
        "候补甲": town.grids[1].name,
    }
    assert answer["figures"]["gap_m"] == 0
    assert not StaffingDraft.objects.exists()


def test_the_answer_as_geojson_draws_grids_and_ways() -> None:
    town = make_town(grids=2)
    done = CliRunner().invoke(app, ["plan", "staff", town.community.code, "--geojson"])
    kinds = {one["geometry"]["type"] for one in json.loads(done.output)["features"]}
    assert "Polygon" in kinds
    assert not StaffingDraft.objects.exists()


def test_save_keeps_the_draft_and_what_is_unknown_is_refused() -> None:
    town = make_town(grids=1)
    assert CliRunner().invoke(app, ["plan", "staff", town.community.code, "--save"]).exit_code == 0
    assert StaffingDraft.objects.count() == 1
    assert CliRunner().invoke(app, ["plan", "staff", "520303999999"]).exit_code == 1
    assert CliRunner().invoke(app, ["plan", "staff", town.community.code, "--post", "mayor"]).exit_code == 1
    assert CliRunner().invoke(app, ["plan", "staff", town.community.code, "--person", "ghost"]).exit_code == 2
    assert StaffingDraft.objects.count() == 1
