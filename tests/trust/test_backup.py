"""A copy taken while reports come in is restored into an empty folder and an empty database, and nothing is missing."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mulin.core.backup.copies import verify
from mulin.core.backup.manifest import CopyDamaged
from tests.trust.clients import Client
from tests.trust.running import PROJECT, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db]
PHOTO = Path("photos") / "ab" / "abcdef.jpg"
BEFORE = 5


def mulin(installation: Installation, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "mulin.commands.main", *map(str, arguments)]
    return subprocess.run(
        command, env=installation.environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    running = Installation(tmp_path_factory.mktemp("first"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def known(installation: Installation) -> dict[str, str]:
    known = installation.prepare()
    (installation.home / "media" / PHOTO).parent.mkdir(parents=True)
    (installation.home / "media" / PHOTO).write_bytes(b"a photo")
    installation.start_web()
    installation.wait_until_it_answers()
    return known


@pytest.fixture(scope="module")
def copy(installation: Installation, known: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Taken between the fifth report and later ones: those acknowledged before must be in it."""
    stop = threading.Event()
    client = Client(installation.port, known, stop)
    client.start()
    while len(client.acknowledged) < BEFORE and client.is_alive():
        client.join(0.05)
    acknowledged = list(client.acknowledged)
    taken = mulin(installation, "backup", "take", tmp_path_factory.mktemp("copies"))
    stop.set()
    client.join()
    assert taken.returncode == 0, taken.stderr
    assert len(acknowledged) >= BEFORE
    folder = Path(taken.stdout.strip())
    (folder.parent / "acknowledged.json").write_text(json.dumps(acknowledged))
    return folder


@pytest.fixture
def empty(installation: Installation, tmp_path: Path) -> Installation:
    """Another place with the first one's field key, as an administrator would put it there."""
    other = Installation(tmp_path)
    (tmp_path / "field.key").write_bytes((installation.home / "field.key").read_bytes())
    return other


def inventory(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installation.python("from tests.trust.town import inventory; inventory()"))
    return found


def test_a_restored_copy_holds_all_that_was_acknowledged(copy: Path, empty: Installation) -> None:
    restored = mulin(empty, "backup", "restore", copy)
    assert restored.returncode == 0, restored.stderr
    acknowledged = json.loads((copy.parent / "acknowledged.json").read_text())
    found = inventory(empty)
    assert set(acknowledged) <= set(found["receipts"])
    assert found["faults"] == []
    assert found["held"] == len(found["receipts"])
    assert (empty.home / "media" / PHOTO).read_bytes() == b"a photo"
    names = "from mulin.domains.cases.models import Reporter; print(len([r.name for r in Reporter.objects.all()]))"
    assert int(empty.python(names)) >= BEFORE  # they open with the key that came along


def test_without_the_key_nothing_is_restored(copy: Path, tmp_path: Path) -> None:
    stranger = Installation(tmp_path)
    refused = mulin(stranger, "backup", "restore", copy)
    assert refused.returncode == 1
    assert "field.key" in refused.stderr
    assert tables(stranger) == "[]"


def test_a_database_that_holds_something_is_not_overwritten(copy: Path, installation: Installation) -> None:
    before = inventory(installation)
    refused = mulin(installation, "backup", "restore", copy)
    assert refused.returncode == 1
    assert inventory(installation) == before


def test_the_key_is_not_in_the_copy(copy: Path, installation: Installation) -> None:
    key = (installation.home / "field.key").read_bytes().strip()
    for path in copy.rglob("*"):
        assert path.is_dir() or key not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def change(copy: Path) -> None:
    (copy / "media" / PHOTO).write_bytes(b"another photo")


def remove(copy: Path) -> None:
    (copy / "media" / PHOTO).unlink()


def add(copy: Path) -> None:
    (copy / "media" / "another.jpg").write_bytes(b"x")


@pytest.mark.parametrize("harm", [change, remove, add])
def test_a_damaged_copy_is_found(copy: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    harmed = shutil.copytree(copy, tmp_path / "harmed")
    harm(harmed)
    with pytest.raises(CopyDamaged):
        verify(harmed, done=lambda _files: None)


def test_a_damaged_copy_is_not_restored(copy: Path, empty: Installation, tmp_path: Path) -> None:
    harmed = shutil.copytree(copy, tmp_path / "harmed")
    change(harmed)
    assert mulin(empty, "backup", "restore", harmed).returncode == 1
    assert tables(empty) == "[]"


def test_a_folder_that_is_no_copy_is_refused(empty: Installation, tmp_path: Path) -> None:
    refused = mulin(empty, "backup", "restore", tmp_path)
    assert refused.returncode == 1
    assert "manifest.json" in refused.stderr


def test_a_place_that_cannot_be_written_leaves_nothing(installation: Installation, tmp_path: Path, known) -> None:
    (tmp_path / "a file").write_bytes(b"")
    refused = mulin(installation, "backup", "take", tmp_path / "a file")
    assert refused.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def tables(installation: Installation) -> str:
    return installation.python(
        "from django.db import connection; print(connection.introspection.table_names())"
    ).strip()
