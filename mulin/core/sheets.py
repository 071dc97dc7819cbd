"""Spreadsheets are read in a process of their own, with a limit to its memory and time.

A workbook of a few hundred bytes can name a cell in the last corner of a sheet of seventeen thousand million cells; the
library would make room for all of them and take the whole service with it. Here only the reader dies.

Run as `python -m mulin.core.sheets FILE SHEET`: knows no Django, writes the rows to its output.
"""

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

MOST_MEMORY_BYTES = 3 << 30
MOST_SECONDS = 60
MOST_CELLS = 20_000_000
PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
PLAIN = {("datetime", kind.__name__): kind for kind in (date, datetime, time, timedelta)}


class SheetUnreadable(Exception):
    """The reader refused, died or took too long; the text says why as the library said it, or nothing."""


def read_sheet(path: Path, sheet: str) -> list[list[Any]]:
    """Return the rows of a sheet, of the first if `sheet` is empty. Raises SheetUnreadable."""
    command = [sys.executable, "-m", "mulin.core.sheets", str(path.resolve()), sheet]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_FOLDER)}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=MOST_SECONDS, check=False, env=environment, cwd=PACKAGE_FOLDER
        )
    except subprocess.TimeoutExpired as failure:
        raise SheetUnreadable from failure
    if done.returncode:
        raise SheetUnreadable(done.stderr.decode("utf-8", "replace")[-200:] if done.returncode == REFUSED else "")
    rows: list[list[Any]] = PlainUnpickler(BytesIO(done.stdout)).load()
    return rows


class PlainUnpickler(pickle.Unpickler):
    """Takes dates and times besides plain values, and nothing that could act: the reader saw the file."""

    def find_class(self, module_name: str, global_name: str, /) -> Callable[..., Any]:
        try:
            return PLAIN[module_name, global_name]
        except KeyError:
            raise SheetUnreadable from None


REFUSED = 3


def main(path: str, sheet: str) -> int:
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        found = workbook.get_sheet_by_name(sheet or workbook.sheet_names[0])
        if found.total_height * found.total_width > MOST_CELLS:
            raise ValueError("too many cells")
        rows = found.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, LookupError) as failure:
        print(failure, file=sys.stderr, end="")
        return REFUSED
    pickle.dump(rows, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
