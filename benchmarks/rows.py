"""The rows one report writes, taken from a report that Mulin itself has filed: what floor and plain view write too."""

import json
import secrets
from typing import Any

TABLES = ("cases_case", "cases_step", "cases_reporter", "core_outboxmessage", "core_idempotencykey")
LIST_COLUMNS = (
    "id", "receipt_code", "text", "status", "tier", "area_code", "address_text", "category_id",
    "reported_at", "respond_due_at", "resolve_due_at",
)  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def template(cursor: Any) -> Rows:
    """Return the rows of the newest case by table, without their ids."""
    cursor.execute("SELECT id FROM cases_case ORDER BY id DESC LIMIT 1")
    case_id = cursor.fetchone()[0]
    where = {
        "cases_case": f"WHERE id = {case_id}",
        "cases_step": f"WHERE case_id = {case_id} ORDER BY sequence",
        "cases_reporter": f"WHERE case_id = {case_id}",
        "core_outboxmessage": "ORDER BY id DESC LIMIT 1",
        "core_idempotencykey": "ORDER BY id DESC LIMIT 1",
    }
    return {table: _rows(cursor, f"SELECT * FROM {table} {where[table]}") for table in TABLES}


def _rows(cursor: Any, query: str) -> list[dict[str, Any]]:
    cursor.execute(query)
    names = [column[0] for column in cursor.description]
    return [{n: _plain(v) for n, v in zip(names, row, strict=True) if n != "id"} for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def insert(table: str, rows: list[dict[str, Any]], mark: str, *, returning: bool = False) -> tuple[str, list[Any]]:
    """Return one INSERT statement with its values; `mark` is the driver's place holder."""
    names = list(rows[0])
    one = "(" + ", ".join([mark] * len(names)) + ")"
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f"INSERT INTO {table} ({quoted}) VALUES {', '.join([one] * len(rows))}"
    return statement + (" RETURNING id" if returning else ""), [row[name] for row in rows for name in names]


def fresh_case(rows: Rows, text: str) -> list[dict[str, Any]]:
    return [{**rows["cases_case"][0], "text": text, "receipt_code": secrets.token_hex(6).upper()}]


def fresh_key(rows: Rows) -> list[dict[str, Any]]:
    return [{**rows["core_idempotencykey"][0], "key": secrets.token_hex(16)}]


def of_case(rows: Rows, table: str, case_id: int) -> list[dict[str, Any]]:
    return [{**row, "case_id": case_id} for row in rows[table]]
