"""`mulin export`: cases as a spreadsheet, without anything about who reported them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.people import acting_as
from mulin.commands.progress import counted
from mulin.commands.refusals import told_and_ended
from mulin.core.audit import purposes
from mulin.core.exports import services as exports
from mulin.domains.cases.pages import export
from mulin.domains.cases.queries import directory, filters, queue

app = typer.Typer(no_args_is_help=True, help=_("导出为表格。 Export to a spreadsheet."))
DAYS = ["%Y-%m-%d"]


@app.callback()
def group() -> None:
    """Keeps `cases` a command of its own while it is the only one."""


@app.command("cases")
def cases(
    file: Annotated[Path, typer.Argument(dir_okay=False, help=_("写到哪个 xlsx 或 csv 文件"))],
    as_user: Annotated[str, typer.Option("--as", help=_("以谁的身份导出：只含这个人看得到的事项"))],
    area: Annotated[str, typer.Option(help=_("12 位区划代码；不写则为看得到的全部"))] = "",
    from_day: Annotated[datetime | None, typer.Option("--from", formats=DAYS, help=_("点单日期从哪天起"))] = None,
    to_day: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help=_("到哪天止，含当天"))] = None,
    status: Annotated[str, typer.Option(help=_("open 未办结，settled 已办结，all 全部，或一种状态"))] = "all",
    *,
    purpose: Annotated[str, typer.Option(help=_("用途：CONTACT、VERIFY、URGENT、COMPLAINT、LAW，或 OTHER 加 --note"))],
    note: Annotated[str, typer.Option(help=_("用途说明"))] = "",
) -> None:
    """导出事项，不含反映人的姓名、电话和房号；文件到时自动删除。 Export cases without who reported them."""
    user, console = acting_as(as_user, "cases.export"), Console(stderr=True)
    days = {name: f"{day:%Y-%m-%d}" for name, day in (("since", from_day), ("until", to_day)) if day}
    now = timezone.now()
    with told_and_ended():
        why = purposes.named(purpose, note)
        wanted = filters.read({"status": status, "area": area, **days})
        names = directory.category_names()
        rows = queue.export(user, wanted, now=now)
        with counted(_("导出"), rows, total=None, console=console) as counted_rows:
            cells = (export.cells(row, names) for row in counted_rows)
            made = exports.write_outside(
                file, export.headings(), cells, actor=user, kind="cases.list", purpose=why, now=now
            )
    until = f"{timezone.localtime(made.expires_at):%Y-%m-%d %H:%M}"
    console.print(_("导出 {count} 件：{file}").format(count=made.rows, file=made.path), soft_wrap=True)
    console.print(_("{until} 自动删除；改动过的文件不会删，请自己删。").format(until=until), soft_wrap=True)
