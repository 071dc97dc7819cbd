"""The desk's list as a file: nothing about reporters, and nothing a spreadsheet would take for a formula."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO

import xlsxwriter
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from mulin.core.tables import guarded
from mulin.domains.cases.pages.desk import holder_post
from mulin.domains.cases.pages.labels import CHANNEL_LABELS, TIER_LABELS, area_name, case_number, masked_address
from mulin.domains.cases.queries import directory
from mulin.domains.cases.queries.filters import FilterInvalid
from mulin.domains.cases.queries.queue import Row
from mulin.domains.cases.states import Status

LONGEST_CELL = 32_767
MOST_SHEET_ROWS = 1_048_575
BATCH = 200
PIECE_BYTES = 65_536


def as_file(rows: Iterable[Row], kind: str, *, now: datetime) -> StreamingHttpResponse:
    """Answer the list as a file: `csv` is streamed, `xlsx` is written with constant memory. Raises FilterInvalid."""
    if kind not in KINDS:
        raise FilterInvalid(field="kind")
    content_type, write = KINDS[kind]
    name = _("事项") + f"-{timezone.localtime(now):%Y%m%d-%H%M}.{kind}"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {"Content-Disposition": disposition or "attachment"}
    return StreamingHttpResponse(write(rows), content_type=content_type, headers=headers)


def headings() -> list[str]:
    return [
        _("编号"), _("点单时间"), _("状态"), _("分类"), _("内容"), _("社区"), _("网格"), _("地点"), _("地址说明"),
        _("承办层级"), _("承办岗位"), _("承办人或单位"), _("首次联系时间"), _("办理期限"), _("办结时间"),
        _("办理结果"), _("第几次办理"), _("来源"),
    ]  # fmt: skip


def cells(row: Row, names: dict[int, str]) -> list[str]:
    """Return one row as text, in the order of `headings`."""
    return [
        case_number(row["pk"], row["reported_at"]),
        _minute(row["reported_at"]),
        str(Status(row["status"]).label),
        names.get(row["category_id"], ""),
        row["text"],
        area_name(row["area_code"]),
        row["grid__name"] or "",
        row["place__name"] or "",
        masked_address(row["address_text"]),
        str(TIER_LABELS.get(row["tier"], "")),
        holder_post(row),
        row["holder_tenure__holder__name"] or row["holder_organisation__name"] or "",
        _minute(row["first_contact_at"]),
        _minute(row["resolve_due_at"]),
        _minute(row["resolved_at"]),
        row["result_text"],
        str(row["round"]),
        str(CHANNEL_LABELS.get(row["channel"], "")),
    ]


def _minute(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the file in pieces; the mark at its beginning tells spreadsheets that it is UTF-8."""
    names = directory.category_names()
    yield "\ufeff".encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(headings())
    for number, row in enumerate(rows, 1):
        writer.writerow([guarded(cell) for cell in cells(row, names)])
        if number % BATCH == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def as_xlsx(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the workbook in pieces, written with constant memory into a file that disappears when it is read."""
    with tempfile.TemporaryFile() as file:
        _write_workbook(file, rows)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _write_workbook(file: IO[bytes], rows: Iterable[Row]) -> None:
    names = directory.category_names()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 3, 16)
        sheet.set_column(4, 4, 60)
        sheet.write_row(0, 0, headings(), workbook.add_format({"bold": True}))
        for number, row in zip(range(1, MOST_SHEET_ROWS + 1), rows, strict=False):
            for column, cell in enumerate(cells(row, names)):
                sheet.write_string(number, column, cell[:LONGEST_CELL])


KINDS: dict[str, tuple[str, Callable[[Iterable[Row]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
