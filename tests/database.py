"""Chooses the database of a test run, and starts a PostgreSQL of its own when that is asked for.

A pytest plugin (`-p tests.database`), not a conftest: pytest-django loads the settings before any conftest is read.

MULIN_TEST_DB=sqlite (default) or postgresql. MULIN_TEST_DATABASE_URL names a PostgreSQL that already runs.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.postgres import Postgres, PostgresMissing

HOME = pytest.StashKey[Path]()
SERVER = pytest.StashKey[Postgres]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    home = early_config.stash[HOME] = Path(tempfile.mkdtemp(prefix="mulin-test-"))
    (home / "static").mkdir()  # WhiteNoise warns of a missing one
    os.environ["MULIN_HOME"] = str(home)
    os.environ["MULIN_WARM_KERNELS"] = "0"  # the servers that tests start shall not compile beside them
    os.environ["MULIN_DATABASE_URL"] = _database_url(early_config, os.environ.get("MULIN_TEST_DB", "sqlite"))
    return (yield)


@pytest.fixture(scope="session", autouse=True)
def audit_rows_can_be_swept() -> Generator[None, None, None]:
    """Emptying the tables after a test is no deletion the triggers of the audit are there to refuse."""
    from django.db import connection
    from django.db.backends.base.operations import BaseDatabaseOperations

    from mulin.core.audit import triggers

    sweep = BaseDatabaseOperations.execute_sql_flush

    def swept(self: BaseDatabaseOperations, statements: list[str]) -> None:
        sweep(self, [*triggers.removal("sqlite"), *statements, *triggers.creation("sqlite")])

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setattr(BaseDatabaseOperations, "execute_sql_flush", swept)
        yield


def pytest_report_header() -> str:
    return f"database: {os.environ['MULIN_DATABASE_URL'].partition(':')[0]}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        server.stop()
    if home := config.stash.get(HOME, None):
        shutil.rmtree(home, ignore_errors=True)


def _database_url(config: pytest.Config, kind: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{config.stash[HOME] / 'mulin.sqlite3'}"
    if kind != "postgresql":
        raise pytest.UsageError(f"MULIN_TEST_DB is {kind!r}; use sqlite or postgresql.")
    if running := os.environ.get("MULIN_TEST_DATABASE_URL"):
        return running
    try:
        config.stash[SERVER] = Postgres.start()
    except PostgresMissing as error:
        raise pytest.UsageError(str(error)) from error
    # The processes this one starts for its tests share the server, each with a database of its own.
    os.environ["MULIN_TEST_DATABASE_URL"] = config.stash[SERVER].url
    return config.stash[SERVER].url
