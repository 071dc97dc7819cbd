"""A queryset compiled to SQL once per process and run with other values.

Building and compiling a query with subqueries costs the ORM more than running it; the few that every report
needs are compiled once. The rule stays where it is, in the queryset.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.utils.timezone import localdate

Value = int | str | datetime | Sequence[int]
_NUMBER, _TEXT = -7_000_000_000, "\x02prepared:"
_MOMENT = datetime(1812, 6, 1, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    fixed: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # (position among the parameters, number of the value)


class Prepared:
    """Rows of `build(**values)` without building it again.

    `build` returns a `values_list` queryset; it may use a value only as a parameter (the one moment also as its local
    date), never to decide what the query looks like. Lists compile once per length. Rows come as the driver gives
    them: select numbers and text.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled: dict[tuple[Any, ...], _Compiled] = {}

    def rows(self, *, using: str = "default", **values: Value) -> list[tuple[Any, ...]]:
        connection = connections[using]
        shape = tuple(len(v) if isinstance(v, list | tuple) else 0 for v in values.values())
        key = (connection.vendor, shape)
        if key not in self._compiled:
            self._compiled[key] = self._compile(using, values)
        compiled = self._compiled[key]
        flat = _flat(values, connection.ops)
        parameters = list(compiled.fixed)
        for position, number in compiled.places:
            parameters[position] = flat[number]
        with getattr(connection, "prepared_cursor", connection.cursor)() as cursor:
            cursor.execute(compiled.sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _compile(self, using: str, values: dict[str, Value]) -> _Compiled:
        marks = {name: _mark(number, value) for number, (name, value) in enumerate(values.items())}
        query = self._build(**marks).using(using).query
        sql, parameters = query.get_compiler(using).as_sql()
        if "%%" in sql:
            raise ValueError("a prepared query has % before its parameters only")
        flat = [(type(mark), mark) for mark in _flat(marks, connections[using].ops)]
        places = []
        for position, parameter in enumerate(parameters):
            found = [n for n, (kind, mark) in enumerate(flat) if isinstance(parameter, kind) and parameter == mark]
            places += [(position, number) for number in found[:1]]
        unused = set(range(len(flat))) - {number for _position, number in places}
        if any("1812-" not in str(flat[n][1]) for n in unused):
            raise ValueError("a value of a prepared query is not one of its parameters")
        return _Compiled(sql, tuple(parameters), tuple(places))


def _mark(number: int, value: Value) -> Any:
    if isinstance(value, datetime):
        return _MOMENT
    if isinstance(value, str):
        return f"{_TEXT}{number}"
    if isinstance(value, int):
        return _NUMBER - number
    return [_NUMBER - 1000 * (number + 1) - at for at in range(len(value))]


def _flat(values: dict[str, Any], operations: Any) -> list[Any]:
    flat: list[Any] = []
    for value in values.values():
        if isinstance(value, datetime):
            flat += [operations.adapt_datetimefield_value(value), operations.adapt_datefield_value(localdate(value))]
        elif isinstance(value, list | tuple):
            flat += value
        else:
            flat.append(value)
    return flat
