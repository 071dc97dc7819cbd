"""Send statements to PostgreSQL without waiting for the answer to each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def pipelined(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Inside a transaction: statements whose rows nobody reads are answered together, at the latest at the end.

    What the database refuses is raised by then, as Django's own error. On SQLite there is nothing to wait for.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
