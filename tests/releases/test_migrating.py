"""The database of every released version is brought to today's, and nothing in it is lost.

A migration that takes rows away or adds some says so in `MEANT`; all others must leave every count as it was.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases import fixtures
from tests.trust.running import PROJECT, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db]
KEPT_BY_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}
MEANT: dict[str, dict[str, int]] = {}
"""By version, the tables whose number of rows a later migration changes on purpose, and by how many."""
MOST_BYTES = 300_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    running = fixtures.installation(tmp_path)
    yield running
    running.stop()


@pytest.mark.parametrize("version", fixtures.versions())
def test_a_released_version_becomes_todays_and_nothing_is_lost(home: Installation, version: str) -> None:
    before = json.loads((fixtures.HERE / version / fixtures.FACTS).read_text(encoding="utf-8"))
    fixtures.load(version, home)
    home.migrate()
    after = json.loads(home.python("from tests.releases.story import facts; facts()"))
    old, new = before.pop("rows"), after.pop("rows")
    meant = MEANT.get(version, {})
    changed = {
        name: new.get(name, 0) - old[name] for name in old.keys() - KEPT_BY_DJANGO if new.get(name, 0) != old[name]
    }
    assert changed == meant
    # Receipts are drawn at random, so the two databases of a version differ in them.
    assert len(after.pop("receipts")) == len(before.pop("receipts"))
    assert after == before
    assert after["faults"] == []


@pytest.mark.parametrize("version", fixtures.versions())
def test_a_fixture_is_small(version: str) -> None:
    for name in (fixtures.SQLITE, fixtures.POSTGRESQL):
        assert (fixtures.HERE / version / name).stat().st_size < MOST_BYTES


def test_the_version_that_is_released_is_kept() -> None:
    released = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert released in fixtures.versions(), "python -m tests.releases.fixtures"
