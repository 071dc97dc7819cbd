"""New rows by one prepared INSERT per table, for the few writes that happen at every report.

The ORM builds each INSERT anew, which costs as much as the database takes to run it. Values still go through the
fields of the model (encryption, JSON, time zones); there are no signals to send.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model


def insert(*rows: Model, using: str = DEFAULT_DB_ALIAS, keyed: bool = True) -> None:
    """Insert new rows of one model; a single row gets its primary key, unless nobody asks for it (`keyed`)."""
    if not rows:
        return
    connection = connections[using]
    fields = _fields(type(rows[0]))
    values = [f.get_db_prep_save(f.pre_save(row, add=True), connection) for row in rows for f in fields]
    single = keyed and len(rows) == 1
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(rows[0]), connection.vendor, len(rows), returning=single), values)
        if single:
            rows[0].pk = cursor.fetchone()[0]
    for row in rows:
        row._state.adding, row._state.db = False, using


@cache
def _fields(model: type[Model]) -> Sequence["Field[Any, Any]"]:
    return tuple(f for f in model._meta.local_concrete_fields if not f.primary_key)


@cache
def _statement(model: type[Model], vendor: str, rows: int, *, returning: bool) -> str:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(str(f.column)) for f in _fields(model))
    one = f"({', '.join(['%s'] * len(_fields(model)))})"
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([one] * rows)}"
    return f"{statement} RETURNING {quote(str(model._meta.pk.column))}" if returning else statement
