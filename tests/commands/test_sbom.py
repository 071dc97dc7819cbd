"""`mulin sbom`: all that ships is listed with its licence, in the standard form; none forbids to pass it on."""

import json
import re
from importlib.resources import files
from pathlib import Path

import jsonschema_rs
import pytest
from license_expression import get_spdx_licensing

PROJECT = Path(__file__).parents[2]
SCHEMAS = files("cyclonedx.schema") / "_res"
SCHEMA = "bom-1.6.SNAPSHOT.schema.json"
NOT_WITH_APACHE = re.compile(r"^(A?GPL|SSPL|BUSL|CC-BY-NC|Elastic)")


@pytest.fixture(scope="module")
def bom():
    from typer.testing import CliRunner

    from mulin.commands.main import app

    result = CliRunner().invoke(app, ["sbom"], catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.output)


def licence_of(component):
    (stated,) = component["licenses"]
    return stated.get("expression") or stated["license"].get("id") or f"unknown: {stated['license']['name']}"


def may_ship(expression):
    """Is there a way to choose among the alternatives that holds nothing we may not pass on?"""
    tree = get_spdx_licensing().parse(expression).simplify()
    ways = tree.args if type(tree).__name__ == "OR" else [tree]
    return any(not any(NOT_WITH_APACHE.match(str(symbol)) for symbol in way.symbols) for way in ways)


def test_it_keeps_to_the_schema_of_cyclonedx(bom):
    read = {name: json.loads((SCHEMAS / name).read_text()) for name in (
        SCHEMA, "spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"
    )}  # fmt: skip
    registry = jsonschema_rs.Registry([(f"http://cyclonedx.org/schema/{name}", one) for name, one in read.items()])
    validator = jsonschema_rs.validator_for(read[SCHEMA], registry=registry)
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(bom)] == []
    broken = {**bom, "components": [{"type": "spell", "name": "x"}]}
    assert not validator.is_valid(broken)


def test_everything_locked_for_every_machine_is_in_it(bom):
    locked = re.findall(r"^([\w.-]+)==(\S+) \\$", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    listed = {(c["name"], c["version"]) for c in bom["components"]}
    assert len(locked) > 50
    assert set(locked) - listed == set()


def test_what_the_pages_load_is_in_it(bom):
    pinned = json.loads((PROJECT / "frontend" / "package.json").read_text())["devDependencies"]
    listed = {c["name"]: c["version"] for c in bom["components"] if c["purl"].startswith("pkg:npm/")}
    built_with = {"esbuild"}
    assert {name: listed.get(name) for name in pinned if name not in built_with} == {
        name: version for name, version in pinned.items() if name not in built_with
    }


def test_every_licence_is_known_and_lets_us_pass_it_on(bom):
    licences = {c["name"]: licence_of(c) for c in bom["components"]}
    assert {name: said for name, said in licences.items() if get_spdx_licensing().validate(said).errors} == {}
    assert {name: said for name, said in licences.items() if not may_ship(said)} == {}


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("AGPL-3.0-or-later", False), ("GPL-2.0-only", False), ("MIT AND GPL-3.0-or-later", False),
        ("GPL-2.0-only OR MIT", True), ("LGPL-3.0-only", True), ("MPL-2.0 AND MIT", True),
    ],
)  # fmt: skip
def test_the_rule_tells_licences_apart(expression, may):
    assert may_ship(expression) is may


def test_it_says_who_asks_for_what(bom):
    asks = {one["ref"]: set(one.get("dependsOn", ())) for one in bom["dependencies"]}
    assert "pypi:asgiref" in asks["pypi:django"]
    root = bom["metadata"]["component"]["bom-ref"]
    assert {"pypi:django", "npm:htmx.org"} <= asks[root]


def test_it_can_be_written_to_a_file(bom, run, tmp_path):
    assert run("sbom", "-o", tmp_path / "sbom.json").exit_code == 0
    written = json.loads((tmp_path / "sbom.json").read_text())
    assert written["components"] == bom["components"]
