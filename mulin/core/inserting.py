"""New rows by prepared INSERTs, for the few writes that happen at every report.

The ORM builds each INSERT anew, which costs as much as the database takes to run it. Values still go through the
fields of the model (encryption, JSON, time zones); there are no signals to send.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db import models as m
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Model

from mulin.core.encryption.fields import EncryptedTextField

Shape = tuple[type[Model], bool, int]  # the model, whether its rows bring their primary key, how many rows

# What these fields hold goes to the driver as it is; every other value is prepared by its field.
_AS_IT_IS: dict[type["Field[Any, Any]"], type] = {
    m.CharField: str, m.TextField: str, m.BooleanField: bool, m.FloatField: float
}  # fmt: skip


class _Column(NamedTuple):
    field: "Field[Any, Any]"
    value_of: Callable[[Model], Any]
    plain: type | None  # a value of this type needs no preparation by the field but `wrap`
    wrap: Callable[[Any], Any] | None


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
    values = [_prepared(column, row, database) for shape, group in zip(shapes, tables, strict=True)
              for row in group for column in _columns(*shape[:2], database.vendor)]  # fmt: skip
    with getattr(database, "prepared_cursor", database.cursor)() as cursor:
        cursor.execute(_statement(shapes, returning=returning), values)
        returned = cursor.fetchone()[0] if returning else None
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return returned


def _prepared(column: _Column, row: Model, database: BaseDatabaseWrapper) -> Any:
    value = column.value_of(row)
    if value is None:
        return None
    if column.plain is not None and isinstance(value, column.plain):
        return column.wrap(value) if column.wrap else value
    return column.field.get_db_prep_save(value, database)


@cache
def _columns(model: type[Model], with_key: bool, vendor: str) -> Sequence[_Column]:
    return tuple(_column(field, vendor) for field in _fields(model, with_key))


def _column(field: "Field[Any, Any]", vendor: str) -> _Column:
    """Foresee what preparing a value of the field comes to, so that a plain one costs no walk through Django."""

    def own_value(row: Model) -> Any:
        return field.pre_save(row, add=True)

    value_of = own_value if _is_set_on_saving(field) else attrgetter(field.attname)
    if isinstance(field, EncryptedTextField):
        return _Column(field, value_of, str, field.stored)
    if vendor != "postgresql" or type(field) in _AS_IT_IS:
        return _Column(field, value_of, _AS_IT_IS.get(type(field)), None)
    return _Column(field, value_of, *_for_postgresql(field))


def _is_set_on_saving(field: "Field[Any, Any]") -> bool:
    if isinstance(field, m.DateField):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not Field.pre_save


def _for_postgresql(field: "Field[Any, Any]") -> tuple[type | None, Callable[[Any], Any] | None]:
    """The driver takes times as they are, and the numbers of one column as one type: that keeps one plan for all."""
    if isinstance(field, m.DateTimeField):
        return datetime, None
    numbered = field.target_field if type(field) is ForeignKey else field
    internal = "BigIntegerField" if isinstance(numbered, m.BigAutoField) else numbered.get_internal_type()
    operations: Any = connection.ops
    wrap = operations.integerfield_type_map.get(internal) if isinstance(numbered, m.IntegerField) else None
    return (int, wrap) if wrap else (None, None)


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
