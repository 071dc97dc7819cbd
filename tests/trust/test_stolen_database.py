"""Who carries the database away reads no phone, no identity number, no room, no illness; keys change under way.

MULIN_FULL=1 puts the demo town in first.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.trust.running import PROJECT, Installation
from tests.trust.stolen import DOOR, ILLNESS, PHONE, SECRETS, SPACED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]
FULL = os.environ.get("MULIN_FULL") == "1"


def mulin(installation: Installation, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mulin.commands.main", *arguments],
        env={**installation.environment, **environment},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = Installation(tmp_path_factory.mktemp("filled"))
    if FULL:
        mulin(home, "demo")
    else:
        home.create_tables()
    home.python("from tests.trust.stolen import fill; fill()")
    return home


@pytest.fixture
def installation(filled: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The filled one again, for one test to do with as it likes."""
    copy = Installation(tmp_path)
    copy.begin_as(filled)
    yield copy
    copy.stop()


def stolen(installation: Installation) -> bytes:
    """Return every byte of the database: SQLite's files with the WAL, or all rows of every table of PostgreSQL."""
    url = installation.environment["MULIN_DATABASE_URL"]
    if url.startswith("sqlite"):
        return b"".join(path.read_bytes() for path in sorted(installation.home.glob("running.sqlite3*")))
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(_rows(connection, name) for (name,) in tables)


def _rows(connection: "psycopg.Connection[Any]", table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(part) for part in copy)


def forms_of(secret: str) -> list[bytes]:
    """Return how a secret may stand in a file: as text, escaped as in JSON, or as the hex of PostgreSQL's bytes."""
    plain = secret.encode()
    return [plain, json.dumps(secret)[1:-1].encode(), plain.hex().encode()]


def seen(data: bytes, secrets: "tuple[str, ...]" = SECRETS) -> list[str]:
    return [secret for secret in secrets if any(form in data for form in forms_of(secret))]


def read(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installation.python("from tests.trust.stolen import read; read()"))
    return found


def demo_phones(installation: Installation) -> list[str]:
    statement = (
        "from mulin.domains.cases.models import Reporter; import json;"
        "print(json.dumps(sorted({one.phone for one in Reporter.objects.all() if one.phone})))"
    )
    return list(json.loads(installation.python(statement)))


def assert_all_is_read(installation: Installation) -> None:
    found = read(installation)
    assert (found["text"], found["phone"], found["room"]) == (1, SPACED, DOOR)
    assert (found["by_phone"], found["by_room"], found["faults"]) == (2, 1, [])
    assert found["notes"] >= 2


def test_a_stolen_database_tells_nothing(installation: Installation) -> None:
    data = stolen(installation)
    assert len(data) > 10_000
    assert seen(data) == []
    assert seen(data, tuple(demo_phones(installation))) == []
    assert_all_is_read(installation)


def test_the_comparison_sees_what_stands_in_the_open(installation: Installation) -> None:
    statement = f"from mulin.domains.cases.models import Policy; Policy.objects.filter(pk=1).update(source='{PHONE}')"
    installation.python(f"{statement}; Policy.objects.filter(pk=1).update(value={{'x': '{ILLNESS}'}})")
    assert seen(stolen(installation)) == [PHONE, ILLNESS]


def test_a_killed_rotation_is_gone_on_with(installation: Installation) -> None:
    with pytest.raises(subprocess.CalledProcessError) as killed:
        installation.python("from tests.trust.stolen import rotate_and_die; rotate_and_die(2)")
    assert killed.value.returncode == -9
    assert not read(installation)["whole"]
    assert_all_is_read(installation)
    assert "接着做" in mulin(installation, "keys", "rotate", MULIN_LANGUAGE="zh-hans")
    assert read(installation)["whole"]
    assert_all_is_read(installation)
    assert len((installation.home / "field.keys").read_text().splitlines()) == 1


def test_the_key_of_the_lookup_changes_too_and_a_killed_change_is_gone_on_with(installation: Installation) -> None:
    with pytest.raises(subprocess.CalledProcessError) as killed:
        installation.python("from tests.trust.stolen import rotate_and_die_among_hashes as go; go()")
    assert killed.value.returncode == -9
    assert read(installation)["hashes"] == ["", "0002"]
    assert_all_is_read(installation)
    mulin(installation, "keys", "rotate")
    assert (read(installation)["hashes"], read(installation)["whole"]) == (["0002"], True)
    assert_all_is_read(installation)


def test_what_was_asked_under_the_old_key_is_not_done_again_under_the_new_one(installation: Installation) -> None:
    mulin(installation, "keys", "rotate")
    assert read(installation)["again"] == {"phone": PHONE}


def test_the_suite_for_a_commercial_cipher_assessment(installation: Installation) -> None:
    """AES to SM4 and SM3 and back, by the same command."""
    installation.environment["MULIN_CIPHER_SUITE"] = "sm"
    assert not read(installation)["whole"]
    assert_all_is_read(installation)
    mulin(installation, "keys", "rotate")
    assert read(installation)["whole"]
    assert_all_is_read(installation)
    assert seen(stolen(installation)) == []


def test_without_its_key_nothing_is_read(installation: Installation) -> None:
    mulin(installation, "keys", "rotate")
    (installation.home / "field.keys").unlink()
    with pytest.raises(subprocess.CalledProcessError) as failed:
        read(installation)
    assert "KeyMissing" in failed.value.stderr


def test_what_was_deleted_is_not_in_the_file_any_more(installation: Installation) -> None:
    """Pages of deleted rows are overwritten, and after a rotation none is left under an old key."""
    if not installation.environment["MULIN_DATABASE_URL"].startswith("sqlite"):
        pytest.skip("PostgreSQL overwrites by VACUUM in its own time")
    with sqlite3.connect(installation.home / "running.sqlite3") as connection:
        (before,) = connection.execute("SELECT phone FROM cases_reporter ORDER BY id LIMIT 1").fetchone()
    mulin(installation, "keys", "rotate")
    assert bytes(before) not in stolen(installation)


def test_an_older_database_is_encrypted_on_the_way_to_today(tmp_path: Path) -> None:
    older = Installation(tmp_path)
    older.python("from tests.trust.encrypting import write_before; write_before()")
    assert seen(stolen(older), (PHONE, "Q88037", ILLNESS)) == [PHONE, "Q88037", ILLNESS]
    older.migrate()
    found = json.loads(older.python("from tests.trust.encrypting import read_after; read_after()"))
    assert found["text"] == f"我住7单元Q88037，电话{PHONE}"
    assert found["search_text"] == "我住7单元＊，电话＊\x1f7单元＊"
    assert (found["address"], found["result"]) == ("7单元Q88037", f"打 {PHONE}")
    assert found["notes"] == [f"打 {PHONE}"] * 3
    assert (found["reason"], found["faults"]) == (ILLNESS, [])
    assert (found["rooms"], found["by_room"]) == ([DOOR, f"A{DOOR}", f"a{DOOR}"], 1)
    assert seen(stolen(older), (PHONE, "Q88037", ILLNESS)) == []
