"""Django's PostgreSQL backend with two changes for the path of a report (decision 6).

A connection that answered a moment ago is taken to be alive. Django's health check asks the database at the start of
every request, a tenth of the cost of a report. Here it asks only after a pause; a database restarted within it costs
each process one failed request, a longer one none.

A statement known by heart is read once per process: the driver looks for the parameters of a long one at every run.
"""

import time
from functools import cache
from typing import Any, Self

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import RawCursor

TRUSTED_S = 2.0


@cache
def _numbered(statement: str) -> str:
    """Return the statement with $1, $2, … for each %s."""
    first, *others = statement.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


class PreparedCursor(RawCursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(_numbered(query), params, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered_at = float("-inf")

    def is_usable(self) -> bool:
        if time.monotonic() - self._answered_at < TRUSTED_S:
            return True
        usable = super().is_usable()
        self._answered_at = time.monotonic() if usable else float("-inf")
        return usable

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor for the same few statements, in which % stands before parameters only."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        cursor: Any = PreparedCursor(self.connection)
        return self.make_debug_cursor(cursor) if self.queries_logged else self.make_cursor(cursor)
