"""Rows by the hundred thousand: numbered by us, written in portions, counted aloud."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import TypeVar

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Model

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

PORTION = 4_000
Row = TypeVar("Row", bound=Model)


class Loader:
    """Writes rows whose keys are chosen beforehand, so that rows may point at rows not yet written."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._written: list[type[Model]] = []

    def numbers(self, model: type[Model]) -> Iterator[int]:
        """Keys that are free from now on."""
        return count((model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1)

    def write(self, label: str, model: type[Row], rows: Iterable[Row]) -> None:
        rest = iter(rows)
        while portion := list(islice(rest, PORTION)):
            model._default_manager.bulk_create(portion)
            self.tick(label, len(portion))
        self._written.append(model)

    def tick(self, label: str, rows: int = 1) -> None:
        """Say that so many more rows are there."""
        self._done += rows
        self._progress(label, self._done, max(self._total, self._done))

    def finish(self) -> None:
        """Tell the database how far we counted, so that its own numbering goes on from there."""
        tables = list(dict.fromkeys(self._written))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)
