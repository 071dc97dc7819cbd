"""The databases of released versions: written once, on the day of the release, and never changed.

    python -m tests.releases.fixtures      # before tagging: writes tests/releases/<version in pyproject.toml>/

A fixture is a town of a few people in both databases, compressed, with what must be found in it (`facts.json`).
"""

import gzip
import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.postgres import Postgres, find_programs
from tests.trust.running import PROJECT, Installation

HERE = Path(__file__).parent
SQLITE, POSTGRESQL, FACTS = "sqlite.sql.gz", "postgresql.sql.gz", "facts.json"
KEYS = {
    "MULIN_SECRET_KEY": "key of the release fixtures",
    "MULIN_FIELD_KEY": "field key of the release fixtures",
    "MULIN_AUDIT_KEY": "audit key of the release fixtures",
}


def versions() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob(f"*/{FACTS}"))


def installation(home: Path, server: str = "") -> Installation:
    made = Installation(home, server)
    made.environment.update(KEYS)
    return made


def load(version: str, into: Installation) -> None:
    """Fill the empty database of an installation with that of a version."""
    address = into.environment["MULIN_DATABASE_URL"]
    if address.startswith("sqlite"):
        script = gzip.decompress((HERE / version / SQLITE).read_bytes()).decode()
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as database:
            database.executescript(script)
        return
    lines = gzip.decompress((HERE / version / POSTGRESQL).read_bytes()).decode().splitlines()
    script = "\n".join(line for line in lines if not line.startswith("\\"))  # psql's own commands
    with psycopg.connect(address) as database:
        database.execute(script.encode())


def keep(folder: Path) -> None:
    folder.mkdir()
    with TemporaryDirectory() as home:
        os.environ["MULIN_DATABASE_URL"] = "sqlite:///"
        made = installation(Path(home))
        _write(made)
        (folder / FACTS).write_text(made.python("from tests.releases.story import facts; facts()"), encoding="utf-8")
        with closing(sqlite3.connect(made.environment["MULIN_DATABASE_URL"].removeprefix("sqlite:///"))) as database:
            _pack(folder / SQLITE, "\n".join(database.iterdump()))
    server = Postgres.start()
    try:
        with TemporaryDirectory() as home:
            made = installation(Path(home), server.url)
            _write(made)
            dump = [
                str(find_programs() / "pg_dump"),
                "--no-owner",
                "--no-privileges",
                "--inserts",
                "--rows-per-insert=100",
            ]
            address = made.environment["MULIN_DATABASE_URL"]
            done = subprocess.run([*dump, address], check=True, capture_output=True, text=True)
            _pack(folder / POSTGRESQL, done.stdout)
    finally:
        server.stop()


def _write(made: Installation) -> None:
    made.migrate()
    made.python("from tests.releases.story import write; write()")


def _pack(path: Path, script: str) -> None:
    path.write_bytes(gzip.compress(script.encode(), mtime=0))


if __name__ == "__main__":
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if (HERE / version).exists():
        sys.exit(f"{version} is kept already; a release is never rewritten.")
    keep(HERE / version)
