"""The floor: a WSGI function that writes the same rows with the raw driver, in one transaction."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from benchmarks import rows
from mulin.config.home import SQLITE_OPTIONS

_state: dict[str, Any] = {}
Start = Callable[[str, list[tuple[str, str]]], Any]


def connect() -> tuple[Any, str]:
    """Return a connection of this process that commits only when told, and the driver's place holder."""
    if "connection" not in _state:
        url = os.environ["MULIN_DATABASE_URL"]
        if url.startswith("sqlite"):
            connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=20)
            connection.executescript(SQLITE_OPTIONS["init_command"])
            _state.update(connection=connection, mark="?")
        else:
            import psycopg

            _state.update(connection=psycopg.connect(url, autocommit=True), mark="%s")
        _state["rows"] = rows.template(_state["connection"].cursor())
    return _state["connection"], _state["mark"]


def report(text: str) -> int:
    connection, mark = connect()
    template = _state["rows"]
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE" if mark == "?" else "BEGIN")
    cursor.execute(*rows.insert("core_idempotencykey", rows.fresh_key(template), mark))
    cursor.execute(*rows.insert("cases_case", rows.fresh_case(template, text), mark, returning=True))
    case_id = int(cursor.fetchone()[0])
    for table in ("cases_step", "cases_reporter"):
        cursor.execute(*rows.insert(table, rows.of_case(template, table, case_id), mark))
    cursor.execute(*rows.insert("core_outboxmessage", template["core_outboxmessage"], mark))
    cursor.execute("COMMIT")
    return case_id


def newest() -> list[dict[str, Any]]:
    connection, _mark = connect()
    cursor = connection.cursor()
    cursor.execute(f"SELECT {', '.join(rows.LIST_COLUMNS)} FROM cases_case ORDER BY id DESC LIMIT 50")
    return [dict(zip(rows.LIST_COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "POST":
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        status, answer = "201 Created", json.dumps({"id": report(body["text"])}).encode()
    else:
        status, answer = "200 OK", json.dumps(newest(), default=_text, ensure_ascii=False).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
