"""Tables people keep in spreadsheets: read .xlsx, .xls, .ods and .csv; write .xlsx and .csv.

A text that a spreadsheet would take for a formula is written with an apostrophe before it, and read back without.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, Refused
from mulin.core.sheets import SheetUnreadable, read_sheet

Cell = str | int | float | bool | datetime | date | time | timedelta | None
SHEET_SUFFIXES = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
CSV_ENCODINGS = ("utf-8-sig", "gb18030")
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LONGEST_SHEET_TEXT = 32_767
LONGEST_SHEET_MARK = 110


class TableUnreadable(Invalid):
    code = "table_unreadable"
    sentence = _("这个文件打不开，没有读入任何内容。")
    remedy = _("请使用 .xlsx、.xls、.ods 或 .csv 文件，第一行为列名。")


class SuffixUnknown(Invalid):
    code = "table_suffix_unknown"
    sentence = _("只能写 .xlsx 或 .csv 文件。")


class TableUnwritable(Refused):
    code = "table_unwritable"
    sentence = _("文件写不进去，没有写出任何内容。")
    remedy = _("请检查文件夹是否存在、是否有写入权限、磁盘是否已满。")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table with the number it has in the file."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(path: Path, *, encoding: str = "", sheet: str = "") -> Table:
    """Return the table of a file; the first row that is not empty names the columns. Raises TableUnreadable."""
    try:
        rows = _sheet_rows(path, sheet) if path.suffix.lower() in SHEET_SUFFIXES else _csv_rows(path, encoding)
        return _table(rows)
    except (OSError, SheetUnreadable, UnicodeDecodeError, LookupError, csv.Error, ValueError) as failure:
        raise TableUnreadable(format_lazy(_("文件 {name} 打不开：{why}"), name=path.name, why=failure)) from failure


def _sheet_rows(path: Path, sheet: str) -> list[tuple[int, list[Cell]]]:
    return list(enumerate(read_sheet(path, sheet), 1))


def _csv_rows(path: Path, encoding: str) -> list[tuple[int, list[Cell]]]:
    text = _decoded(path.read_bytes(), encoding)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[Cell]]] = []
    begins = 1
    for row in reader:
        rows.append((begins, [unguarded(cell) for cell in row]))
        begins = reader.line_num + 1
    return rows


def _decoded(raw: bytes, encoding: str) -> str:
    encodings = (encoding,) if encoding else CSV_ENCODINGS
    for name in encodings[:-1]:
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode(encodings[-1])


def _table(rows: Iterable[tuple[int, list[Cell]]]) -> Table:
    written = [(number, row) for number, row in rows if any(cell not in ("", None) for cell in row)]
    if not written:
        raise TableUnreadable(_("文件是空的。"))
    columns = tuple(_named(written[0][1]))
    lines = tuple(Line(number, dict(zip(columns, row, strict=False))) for number, row in written[1:])
    return Table(columns, lines)


def _named(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield column names, a second column of the same name with a number behind it."""
    seen: dict[str, int] = {}
    for index, cell in enumerate(cells, 1):
        name = text_of(cell) or f"#{index}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}.{seen[name]}"


def text_of(cell: Cell) -> str:
    """Return a cell as people read it; a whole number has no decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\x00", "").strip()


def guarded(text: str) -> str:
    """Return the text so that no spreadsheet runs it: an apostrophe before what would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_MARKS) else text


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, mark: str = "") -> int:
    """Write a table, whole or not at all, readable by its owner only; return the number of rows.

    `mark` stands at head and foot of every printed sheet and in the properties of a workbook. Raises SuffixUnknown.
    """
    write = _WRITERS[check_suffix(path)]
    with _whole(path) as draft:
        return write(draft, columns, rows, mark)


def check_suffix(path: Path) -> str:
    """Return the kind of table a file name asks for; raise SuffixUnknown."""
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise SuffixUnknown
    return suffix


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=0o600)
        yield draft
        draft.replace(path)
    except OSError as failure:
        raise TableUnwritable(format_lazy(_("文件 {path} 写不进去：{why}"), path=path, why=failure)) from failure
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], _mark: str) -> int:
    file: IO[str]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        count = 0
        for row in rows:
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
            count += 1
    return count


def _write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], mark: str) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), {**options, "default_date_format": "yyyy-mm-dd hh:mm"}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        if mark:
            printed = mark[:LONGEST_SHEET_MARK].replace("&", "&&")
            sheet.set_header(f"&L{printed}")
            sheet.set_footer(f"&L{printed}&R&P/&N")
            workbook.set_properties({"comments": mark})
        sheet.write_row(0, 0, columns, workbook.add_format({"bold": True}))
        count = 0
        for count, row in enumerate(rows, 1):
            sheet.write_row(count, 0, [c[:LONGEST_SHEET_TEXT] if isinstance(c, str) else c for c in row])
    return count


_WRITERS: dict[str, Callable[[Path, Sequence[str], Iterable[Sequence[Any]], str], int]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
