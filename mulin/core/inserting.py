"""New rows by prepared INSERTs, for the few writes that happen at every report.

The ORM builds each INSERT anew, which costs as much as the database takes to run it. Values still go through the
fields of the model (encryption, JSON, time zones); there are no signals to send.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, Field, FloatField, Model, TextField

Shape = tuple[type[Model], bool, int]  # the model, whether its rows bring their primary key, how many rows

# What these fields hold goes to the driver as it is; every other value is prepared by its field.
_AS_IT_IS: dict[type["Field[Any, Any]"], type] = {CharField: str, TextField: str, BooleanField: bool, FloatField: float}
_waiting: ContextVar[list[Model] | None] = ContextVar("rows to be written together", default=None)


def insert(*rows: Model, keyed: bool = True) -> None:
    """Insert new rows of one model; a single row gets its primary key, unless nobody asks for it (`keyed`)."""
    if not rows:
        return
    waiting, single = _waiting.get(), keyed and len(rows) == 1
    if waiting is not None and connection.vendor == "postgresql":
        if single and rows[0].pk is None:
            rows[0].pk = _drawn_key(type(rows[0]))
        waiting += rows
        return
    returned = _execute(rows, returning=single)
    if single:
        rows[0].pk = returned


@contextmanager
def together() -> Iterator[None]:
    """Rows inserted inside are kept all or none: in one transaction, on PostgreSQL by one statement at the end.

    One round trip instead of BEGIN, an INSERT per table and COMMIT. Nothing else may be written inside; what the
    database refuses is raised at the end.
    """
    if _waiting.get() is not None:
        yield
        return
    rows: list[Model] = []
    if connection.vendor != "postgresql":
        with transaction.atomic(), _gathering(rows):
            yield
        return
    with _gathering(rows), nullcontext() if connection.in_atomic_block else connection.execute_wrapper(_only_read):
        yield
    if rows:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            _execute(rows)


@contextmanager
def _gathering(rows: list[Model]) -> Iterator[None]:
    token = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(token)


def is_whole() -> bool:
    """Say whether rows inserted now are kept together with others or not at all."""
    return connection.in_atomic_block or _waiting.get() is not None


def _only_read(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if not sql.lstrip("(").startswith("SELECT"):
        raise RuntimeError(f"Inside together() rows are written by insert() only: {sql[:60]}")
    return execute(sql, *rest)


def _drawn_key(model: type[Model]) -> Any:
    """Return the next primary key, for rows that name it before it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [_sequence(model)])
        return cursor.fetchone()[0]


@cache
def _sequence(model: type[Model]) -> str:
    """Return the name of the sequence of a primary key: looking it up costs more than drawing from it."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, str(model._meta.pk.column)])
        return str(cursor.fetchone()[0])


def _execute(rows: Sequence[Model], *, returning: bool = False) -> Any:
    """Write rows in their order; return the primary key of the last if asked for."""
    tables = [list(group) for _key, group in groupby(rows, key=lambda row: (type(row), row.pk is not None))]
    shapes = tuple((type(group[0]), group[0].pk is not None, len(group)) for group in tables)
    database = connections[DEFAULT_DB_ALIAS]
    values = [_prepared(f, row, database) for shape, group in zip(shapes, tables, strict=True)
              for row in group for f in _fields(*shape[:2])]  # fmt: skip
    with getattr(database, "prepared_cursor", database.cursor)() as cursor:
        cursor.execute(_statement(shapes, returning=returning), values)
        returned = cursor.fetchone()[0] if returning else None
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return returned


def _prepared(field: "Field[Any, Any]", row: Model, database: BaseDatabaseWrapper) -> Any:
    value = field.pre_save(row, add=True)
    if value is None or type(value) is _AS_IT_IS.get(type(field)):
        return value
    return field.get_db_prep_save(value, database)


@cache
def _fields(model: type[Model], with_key: bool) -> Sequence["Field[Any, Any]"]:
    return tuple(f for f in model._meta.local_concrete_fields if with_key or not f.primary_key)


@cache
def _statement(shapes: tuple[Shape, ...], *, returning: bool) -> str:
    *others, last = [_one_table(*shape) for shape in shapes]
    with_others = ", ".join(f"t{number} AS ({insert})" for number, insert in enumerate(others))
    statement = f"WITH {with_others} {last}" if others else last
    key = str(shapes[-1][0]._meta.pk.column)
    return f"{statement} RETURNING {connection.ops.quote_name(key)}" if returning else statement


def _one_table(model: type[Model], with_key: bool, rows: int) -> str:
    quote, fields = connection.ops.quote_name, _fields(model, with_key)
    columns = ", ".join(quote(str(f.column)) for f in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([one] * rows)}"
