"""The database as of one moment, into a file and back: SQLite's online backup, PostgreSQL's own dump."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.backup.manifest import CopyDamaged
from mulin.core.errors import Conflict, Refused


class DumpProgramMissing(Refused):
    code = "pg_dump_missing"
    sentence = _("这台机器上没有 pg_dump / pg_restore。")
    remedy = _("安装与数据库同版本的 PostgreSQL 客户端（Debian：apt-get install postgresql-client），再运行一次。")


class DumpFailed(Refused):
    code = "pg_dump_failed"
    sentence = _("PostgreSQL 的备份工具没有完成。")
    remedy = _("检查磁盘空间、文件夹权限和数据库是否还在运行，再试一次。")


class DatabaseNotEmpty(Conflict):
    code = "database_not_empty"
    sentence = _("目标数据库里已经有数据，恢复会盖掉它。")
    remedy = _("把 MULIN_HOME 和 MULIN_DATABASE_URL 指向空的文件夹和空的数据库，再恢复。")


def kind() -> str:
    return connection.vendor


def save(file: Path) -> dict[str, int]:
    """Write the database to `file` without stopping anybody; return the rows of each table in that moment."""
    return _save_sqlite(file) if kind() == "sqlite" else _save_postgresql(file)


def load(file: Path) -> None:
    """Fill the empty database from `file`, all of it or nothing."""
    if connection.introspection.table_names():
        raise DatabaseNotEmpty
    if kind() == "sqlite":
        _load_sqlite(file)
    else:
        _load_postgresql(file)
    connection.close()


def check(file: Path, rows: dict[str, int]) -> None:
    """Read the whole of a saved database; SQLite is also counted. Raise CopyDamaged."""
    if file.suffix == ".dump":
        _run("pg_restore", "--file", os.devnull, str(file))
        return
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        _check_sqlite(copy, rows)


def row_counts() -> dict[str, int]:
    """Rows of each table as this connection sees them."""
    with connection.cursor() as cursor:
        return _counts(cursor, sorted(connection.introspection.table_names(cursor)))


def _counts(cursor: Any, tables: list[str]) -> dict[str, int]:
    counts = {}
    for table in tables:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
        counts[table] = cursor.fetchone()[0]
    return counts


def _save_sqlite(file: Path) -> dict[str, int]:
    """In WAL mode one step reads a snapshot and no writer waits."""
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        tables = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return _counts(copy.cursor(), sorted(name for (name,) in tables))


def _load_sqlite(file: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        copy.backup(connection.connection, pages=-1)


def _check_sqlite(copy: sqlite3.Connection, rows: dict[str, int]) -> None:
    try:
        sound = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        sound = sound and not copy.execute("PRAGMA foreign_key_check").fetchall()
        sound = sound and _counts(copy.cursor(), sorted(rows)) == rows
    except sqlite3.DatabaseError as error:
        raise CopyDamaged from error
    if not sound:
        raise CopyDamaged


def _save_postgresql(file: Path) -> dict[str, int]:
    """Count and dump the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = _counts(cursor, sorted(connection.introspection.table_names(cursor)))
        _run("pg_dump", "--format=custom", "--no-owner", "--snapshot", snapshot, "--file", str(file), connected=True)
    return rows


def _load_postgresql(file: Path) -> None:
    name = connection.settings_dict["NAME"]
    options = ("--no-owner", "--exit-on-error", "--single-transaction", "--dbname", name)
    _run("pg_restore", *options, str(file), connected=True)


def _run(program: str, *arguments: str, connected: bool = False) -> None:
    environment = {**os.environ, **(_libpq_variables() if connected else {})}
    done = subprocess.run(
        [_find(program), *arguments], env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise DumpFailed(remedy=done.stderr.strip()[-500:] or None)  # killed by the system it says nothing


def _libpq_variables() -> dict[str, str]:
    """The open connection's parameters in the environment: a password on the command line is seen by everybody."""
    connection.ensure_connection()
    info = connection.connection.info
    given = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user, "PGDATABASE": info.dbname}
    password = {"PGPASSWORD": info.password} if info.password else {}
    sslmode = info.get_parameters().get("sslmode")
    return {**given, **password, **({"PGSSLMODE": sslmode} if sslmode else {})}


def _find(program: str) -> str:
    """On the path, or where Debian keeps them apart by version, newest first."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parts[-3]), reverse=True)
    found = str(debian[0]) if debian else shutil.which(program)
    if found is None:
        raise DumpProgramMissing
    return found
