"""Read the CSV files that come with Mulin."""

import csv
from functools import cache
from pathlib import Path


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a UTF-8 CSV file with a header."""
    return [dict(row) for row in _read(path)]


@cache
def _read(path: Path) -> tuple[dict[str, str], ...]:
    """The files change only with the version: once read is enough."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))
