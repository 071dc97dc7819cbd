"""`mulin privacy`: the files a supervisor asks for, generated from the classification of the fields."""

from pathlib import Path
from typing import Annotated

import typer
import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.core.privacy import register as records

app = typer.Typer(no_args_is_help=True, help=_("个人信息处理记录和影响评估。 Records of processing."))
Handler = Annotated[str, typer.Option(help=_("个人信息处理者的名称"))]
Out = Annotated[Path | None, typer.Argument(dir_okay=False, help=_("写到文件；.xlsx 写成表格；不写则输出到屏幕"))]


@app.command()
def register(out: Out = None, handler: Handler = "") -> None:
    """生成个人信息处理活动记录。 Write the register of processing activities."""
    today = timezone.localdate()
    found = records.activities(on=today, counting=True)
    if out is not None and out.suffix == ".xlsx":
        _sheet(out, [records.headings(), *records.lines(found)])
    else:
        _write(out, records.as_markdown(found, on=today, handler=handler))


@app.command()
def assessment(out: Out = None, handler: Handler = "") -> None:
    """生成个人信息保护影响评估（个人信息保护法第五十五条、第五十六条）。 Write the impact assessment."""
    today = timezone.localdate()
    _write(out, records.assessment(records.activities(on=today), on=today, handler=handler))


def _write(out: Path | None, text: str) -> None:
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text, encoding="utf-8")


def _sheet(out: Path, rows: list[list[str]]) -> None:
    with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("处理活动"))
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, wrapped if number else bold)
        sheet.set_column(0, len(rows[0]) - 1, 24)
        sheet.freeze_panes(1, 0)
