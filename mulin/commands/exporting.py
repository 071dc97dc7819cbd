"""`mulin export`: cases as a spreadsheet, without anything about who reported them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console

from mulin.commands.people import acting_as
from mulin.commands.progress import counted
from mulin.commands.refusals import told_and_ended
from mulin.core.audit import purposes
from mulin.core.errors import Invalid
from mulin.core.exports import services as exports
from mulin.core.tables import check_suffix
from mulin.domains.cases.pages import export
from mulin.domains.cases.queries import directory, filters, queue

app = typer.Typer(no_args_is_help=True, help=_("导出为表格。 Export to a spreadsheet."))
DAYS = ["%Y-%m-%d"]


class FolderIsPublic(Invalid):
    code = "folder_is_public"
    sentence = gettext_lazy("这个文件夹里的文件会被网页读到，没有导出。")
    remedy = gettext_lazy("请换一个文件夹。")


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
    """导出事项，不含反映人的姓名、电话和房号。 Export cases without the reporters' names, phones and rooms."""
    user, console = acting_as(as_user, "cases.export"), Console(stderr=True)
    days = {name: f"{day:%Y-%m-%d}" for name, day in (("since", from_day), ("until", to_day)) if day}
    now = timezone.now()
    with told_and_ended():
        check_suffix(file)
        _check_folder(file)
        why = purposes.named(purpose, note)
        wanted = filters.read({"status": status, "area": area, **days})
        names = directory.category_names()
        rows = queue.export(user, wanted, now=now)
        with counted(_("导出"), rows, total=None, console=console) as counted_rows:
            cells = (export.cells(row, names) for row in counted_rows)
            count = exports.write_outside(
                file, export.headings(), cells, actor=user, kind="cases.list", purpose=why, now=now
            )
    console.print(_("导出 {count} 件：{file}").format(count=count, file=file), soft_wrap=True)


def _check_folder(file: Path) -> None:
    """A file with cases never lies where a web server reads."""
    for root in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        if file.resolve().is_relative_to(Path(root).resolve()):
            raise FolderIsPublic
