"""`mulin import`: cases of another system, from a spreadsheet, with their history; ground truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table as Grid

from mulin.commands.importing_areas import areas
from mulin.commands.importing_ground import ground
from mulin.commands.progress import progress
from mulin.commands.refusals import told_and_ended
from mulin.core.errors import Refused
from mulin.core.listed import listed
from mulin.core.tables import Table, read_table, text_of, write_table
from mulin.domains.accounts.models import User
from mulin.domains.cases import importing
from mulin.domains.cases.importing import MappingInvalid, ReadRows, RowReader
from mulin.domains.cases.services.importing import Tally, import_batch, importer
from mulin.domains.places import queries as places

NOTHING, USAGE, SOME_REFUSED = 1, 2, 3
SHOWN_ROWS, SHOWN_LETTERS = 5, 40

app = typer.Typer(no_args_is_help=True, help=_("从别的系统导入。 Import from elsewhere."))


app.command("areas")(areas)
app.command("ground")(ground)


@app.command("cases")
def cases(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=_("xlsx、xls、ods 或 csv 文件"))
    ],
    mapping: Annotated[
        str,
        typer.Option(
            "--map", metavar="FIELD=COLUMN,…", help=_("列的对应，如 text=内容,reported_at=时间；不写则按列名猜")
        ),
    ] = "",
    desk: Annotated[str, typer.Option(help=_("社区或街道代码：地址对不上的事项归它"))] = "",
    time_zone: Annotated[str, typer.Option(help=_("文件里的时间是哪个时区的"))] = "Asia/Shanghai",
    encoding: Annotated[str, typer.Option(help=_("csv 的编码；不写则先试 UTF-8，再试 GB 18030"))] = "",
    sheet: Annotated[str, typer.Option(help=_("工作表的名称；不写则为第一张"))] = "",
    source: Annotated[str, typer.Option(help=_("来自哪个系统；同一编号在不同系统里是不同的事项"))] = "",
    errors: Annotated[Path | None, typer.Option(help=_("没有导入的行写到哪个 csv 或 xlsx 文件"))] = None,
    show: Annotated[bool, typer.Option("--show", help=_("只看有哪些列、会怎样对应"))] = False,
    batch: Annotated[int, typer.Option(min=1, help=_("每多少行保存一次；中断后从没有保存的地方继续"))] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只试一遍，不写入"))] = False,
) -> None:
    """导入事项及其办理经过；可中断后重来，同一行只导入一次。 Import cases with their history; safe to run again."""
    console = Console(stderr=True)
    with told_and_ended():
        table = read_table(file, encoding=encoding, sheet=sheet)
    columns = _columns(table, mapping, console, must_be_whole=not show)
    if show:
        _show(table, columns)
        return
    _check_desk(desk, columns)
    reader = RowReader(columns, _zone(time_zone), source, timezone.now())
    read = importing.read_rows(reader, table.lines)
    total, refused = _import(
        read, desk=desk, source=source or file.name, batch=batch, keep=not dry_run, console=console
    )
    _report_errors(table, refused, errors or file.with_name(f"{file.stem}.errors.csv"), console)
    _tell(console, total, len(refused), dry_run=dry_run)
    if refused:
        raise typer.Exit(SOME_REFUSED if total.imported or total.known else NOTHING)


def _columns(table: Table, mapping: str, console: Console, *, must_be_whole: bool) -> dict[str, str]:
    """Return field → column as asked for, and for the rest as the headings suggest."""
    try:
        asked = importing.read_mapping(mapping, table.columns)
        columns = asked or importing.suggested_columns(table.columns)
        if must_be_whole:
            importing.checked_mapping(columns)
    except MappingInvalid as wrong:
        console.print(f"{wrong.sentence}\n{wrong.remedy}", style="bold red", markup=False)
        console.print(_("文件里的列：{columns}").format(columns=listed(table.columns)), markup=False)
        raise typer.Exit(USAGE) from wrong
    return columns


def _check_desk(desk: str, columns: dict[str, str]) -> None:
    if desk and desk not in places.areas.get():
        raise typer.BadParameter(_("没有代码为 {code} 的区域。").format(code=desk), param_hint="--desk")
    if not desk and "place" not in columns:
        raise typer.BadParameter(_("文件里没有地址列，请用 --desk 指定社区或街道代码。"), param_hint="--desk")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise typer.BadParameter(_("没有时区 {name}。").format(name=name), param_hint="--time-zone") from unknown


def _show(table: Table, columns: dict[str, str]) -> None:
    fields = {column: field for field, column in columns.items()}
    grid = Grid(title=_("{count} 行").format(count=len(table.lines)))
    for heading in (_("列"), _("对应"), *(str(line.number) for line in table.lines[:SHOWN_ROWS])):
        grid.add_column(heading)
    for column in table.columns:
        examples = [text_of(line.cells.get(column))[:SHOWN_LETTERS] for line in table.lines[:SHOWN_ROWS]]
        grid.add_row(column, fields.get(column, ""), *examples)
    Console().print(grid)


def _import(
    read: ReadRows, *, desk: str, source: str, batch: int, keep: bool, console: Console
) -> tuple[Tally, list[tuple[int, Refused]]]:
    """Import batch by batch: what is killed in the middle goes on where the last batch ended."""
    total, refused = Tally(known=read.repeated), list(read.refused)
    with progress(_("导入"), total=len(read.rows), console=console) as advance, told_and_ended():
        actor = importer(actor=None, now=timezone.now())
        for begin in range(0, len(read.rows), batch):
            rows = read.rows[begin : begin + batch]
            tally = _batch(actor, rows, desk=desk, source=source, keep=keep)
            total.imported += tally.imported
            total.known += tally.known
            refused += [(row.line, refusal) for row, refusal in tally.refused]
            advance(len(rows))
    return total, sorted(refused, key=lambda one: one[0])


def _batch(actor: User, rows: Sequence[importing.ImportedRow], *, desk: str, source: str, keep: bool) -> Tally:
    return import_batch(actor=actor, rows=rows, desk=desk, source=source, now=timezone.now(), keep=keep)


def _report_errors(table: Table, refused: list[tuple[int, Refused]], path: Path, console: Console) -> None:
    """Write the lines that were not taken with the reason before them: mended, the file can be imported itself."""
    if not refused:
        return
    lines = {line.number: line for line in table.lines}
    rows = (
        [
            number,
            why.code,
            str(why.sentence),
            str(why.remedy),
            *map(text_of, (lines[number].cells.get(c) for c in table.columns)),
        ]
        for number, why in refused
    )
    with told_and_ended():
        write_table(path, ["line", "code", "reason", "remedy", *table.columns], rows)
    console.print(_("没有导入的行和原因：{path}").format(path=path), markup=False, soft_wrap=True)


def _tell(console: Console, total: Tally, refused: int, *, dry_run: bool) -> None:
    sentence = _("导入 {imported} 件，早已导入 {known} 件，没有导入 {refused} 行。")
    if dry_run:
        sentence = _("试算（没有写入）：可导入 {imported} 件，早已导入 {known} 件，不能导入 {refused} 行。")
    console.print(sentence.format(imported=total.imported, known=total.known, refused=refused), soft_wrap=True)
