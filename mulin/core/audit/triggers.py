"""The triggers that refuse to change audit rows, for both databases. They stand in a migration and in `mulin check`.

A DELETE is let through only for rows older than the half year the 网络安全法 demands (Art 23 since 2026), so that
the job which removes old batches needs no back door.
"""

from typing import Any

from django.db import connection

TABLES = ("core_auditrecord", "core_auditseal", "core_auditremoval")
LEAST_DAYS = 183
REFUSAL = "audit rows are never changed"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION core_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '{LEAST_DAYS} days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '{REFUSAL}';
END $$
"""


def names() -> list[str]:
    return [f"{table}_{event}" for table in TABLES for event in _events()]


def _events() -> tuple[str, ...]:
    return ("kept",) if connection.vendor == "postgresql" else ("no_update", "no_delete")


def creation(vendor: str) -> list[str]:
    """Return the statements that create the triggers."""
    if vendor == "postgresql":
        return [_POSTGRESQL_FUNCTION, *(_on_postgresql(table) for table in TABLES)]
    return [statement for table in TABLES for statement in _on_sqlite(table)]


def removal(vendor: str) -> list[str]:
    if vendor == "postgresql":
        dropped = [f"DROP TRIGGER IF EXISTS {table}_kept ON {table}" for table in TABLES]
        return [*dropped, "DROP FUNCTION IF EXISTS core_audit_is_kept()"]
    return [f"DROP TRIGGER IF EXISTS {table}_{event}" for table in TABLES for event in ("no_update", "no_delete")]


def _on_postgresql(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION core_audit_is_kept()"
    )


def _on_sqlite(table: str) -> tuple[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    young = f"WHEN OLD.at >= datetime('now', '-{LEAST_DAYS} days')"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {young} {refuse}",
    )


def missing() -> list[str]:
    """Return the names of triggers that are not there; altering a table on SQLite can lose them."""
    there = enabled_triggers(connection)
    return [name for name in names() if name not in there]


def enabled_triggers(of: Any) -> set[str]:
    """Return the names of all triggers a database (Django's connection to it) would run."""
    asked = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
        if of.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with of.cursor() as cursor:
        cursor.execute(asked)
        return {name for (name,) in cursor.fetchall()}
