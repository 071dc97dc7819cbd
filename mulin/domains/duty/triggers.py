"""What the database refuses whoever writes: one of the three administrators (三员) in a post, or with another role.

Triggers that look into other tables: SQLite cannot rebuild a table while one of them names it. So they stand outside
the migrations: taken away before and made anew after each (`apps.py`), and `mulin check` misses them.
Services refuse the same before, in words; two writers at once are kept apart by the lock on the account.
"""

from typing import Any

from django.db import connections

from mulin.core.audit.triggers import enabled_triggers
from mulin.domains.accounts.models import ADMINISTRATORS

TABLES = ("accounts_grant", "duty_tenure", "duty_absence")
REFUSAL = "an administrator holds no post and no other role"
FUNCTION = "duty_administrator_stays_apart"
_ROLES = ", ".join(f"'{role}'" for role in sorted(ADMINISTRATORS))
_WATCHED = {
    "accounts_grant": "user_id, role_id, starts_on, ends_on",
    "duty_tenure": "holder_id, state, starts_on, ends_on",
    "duty_absence": "substitute_id, ends_at",
}
# {today} and {later} differ between the databases; a day is that of Shanghai, as everywhere.
_POST_OF_ADMINISTRATOR = """
    SELECT 1 FROM accounts_grant g WHERE g.user_id = NEW.holder_id AND g.role_id IN ({roles})
    AND NEW.state <> 'ENDED' AND (NEW.ends_on IS NULL OR g.starts_on < NEW.ends_on)
    AND (g.ends_on IS NULL OR g.ends_on > {later}(NEW.starts_on, {today}))
"""
_ADMINISTRATOR_STANDS_IN = """
    SELECT 1 FROM accounts_grant g WHERE g.user_id = NEW.substitute_id AND g.role_id IN ({roles})
    AND NEW.ends_at > CURRENT_TIMESTAMP AND (g.ends_on IS NULL OR g.ends_on > {today})
"""
_IN_POST = """
    SELECT 1 FROM duty_tenure t WHERE t.holder_id = NEW.user_id AND NEW.role_id IN ({roles})
    AND (NEW.ends_on IS NULL OR (NEW.ends_on > {today} AND t.starts_on < NEW.ends_on))
    AND t.state <> 'ENDED' AND (t.ends_on IS NULL OR t.ends_on > {later}(NEW.starts_on, {today}))
"""
_STANDS_IN = """
    SELECT 1 FROM duty_absence a WHERE a.substitute_id = NEW.user_id AND NEW.role_id IN ({roles})
    AND (NEW.ends_on IS NULL OR NEW.ends_on > {today}) AND a.ends_at > CURRENT_TIMESTAMP
"""
_OTHER_ROLE = """
    SELECT 1 FROM accounts_grant o WHERE o.user_id = NEW.user_id AND o.role_id <> NEW.role_id
    AND (o.role_id IN ({roles}) OR NEW.role_id IN ({roles}))
    AND (NEW.ends_on IS NULL OR NEW.ends_on > {today}) AND (o.ends_on IS NULL OR o.ends_on > {today})
"""
_REFUSED = {
    "accounts_grant": (_IN_POST, _STANDS_IN, _OTHER_ROLE),
    "duty_tenure": (_POST_OF_ADMINISTRATOR,),
    "duty_absence": (_ADMINISTRATOR_STANDS_IN,),
}


def names(vendor: str) -> list[str]:
    events = ("kept",) if vendor == "postgresql" else ("inserted", "updated")
    return [f"{table}_apart_{event}" for table in TABLES for event in events]


def create(using: str) -> None:
    """Make those that are missing, once all their tables are there."""
    connection = connections[using]
    if set(TABLES) <= set(connection.introspection.table_names()) and missing(using):
        remove(using)
        _run(connection, _on_postgresql() if connection.vendor == "postgresql" else _on_sqlite())


def remove(using: str) -> None:
    connection = connections[using]
    there = set(connection.introspection.table_names())
    if connection.vendor == "postgresql":
        dropped = [f"DROP TRIGGER IF EXISTS {table}_apart_kept ON {table}" for table in TABLES if table in there]
    else:
        dropped = [f"DROP TRIGGER IF EXISTS {name}" for name in names(connection.vendor)]
    _run(connection, dropped)


def missing(using: str = "default") -> list[str]:
    """Return the names of triggers that are not there."""
    connection = connections[using]
    there = enabled_triggers(connection)
    return [name for name in names(connection.vendor) if name not in there]


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _condition(table: str, **words: str) -> str:
    return " OR ".join(f"EXISTS ({query.format(roles=_ROLES, **words)})" for query in _REFUSED[table])


def _on_postgresql() -> list[str]:
    words = {"today": "(now() AT TIME ZONE 'Asia/Shanghai')::date", "later": "greatest"}
    made = []
    for table in TABLES:
        made.append(
            f"CREATE OR REPLACE FUNCTION {FUNCTION}_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {_condition(table, **words)} THEN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
        )
        made.append(
            f"CREATE TRIGGER {table}_apart_kept AFTER INSERT OR UPDATE OF {_WATCHED[table]} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}_{table}()"
        )
    return made


def _on_sqlite() -> list[str]:
    words = {"today": "date('now', '+8 hours')", "later": "max"}
    made = []
    for table in TABLES:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}') WHERE {_condition(table, **words)}; END"
        made.append(f"CREATE TRIGGER {table}_apart_inserted AFTER INSERT ON {table} {refuse}")
        made.append(f"CREATE TRIGGER {table}_apart_updated AFTER UPDATE OF {_WATCHED[table]} ON {table} {refuse}")
    return made
