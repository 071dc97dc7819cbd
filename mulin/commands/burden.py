"""`mulin burden`: may this indicator, form or field be added? Which exceptions are running?"""

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.people import acting_as
from mulin.core.burden.linter import Definition, Kind, judge
from mulin.domains.cases.pages import picture
from mulin.web.wording import human_moment

FORBIDDEN = 1
YES = {"1", "true", "yes", "是", "必填"}

app = typer.Typer(no_args_is_help=True, help=_("基层减负：能不能加这个指标、表格、必填项。 The burden rules."))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=_("CSV 文件"))],
) -> None:
    """逐行检查 code,kind,name_zh,name_en,required,unit,per,basis；kind 为 INDICATOR、FORM 或 FIELD。 Judge a file."""
    numbered = enumerate(csv.DictReader(StringIO(_text(file.read_bytes()))), 2)
    try:
        definitions = [_definition(row, line) for line, row in numbered if any(row.values())]
    except csv.Error as unreadable:
        raise typer.BadParameter(_("这个文件读不懂，请存成 CSV。")) from unreadable
    forbidden = 0
    for one in definitions:
        for finding in judge(one):
            forbidden += 1
            name = one.name_zh or one.name_en
            typer.echo(f"{one.code or name}  {name}  ✗ {_with(finding.ban.name, finding.word)}")
            typer.echo(f"    {finding.ban.article}")
    typer.echo(_("查了 {count} 项，不能加的有 {forbidden} 处。").format(count=len(definitions), forbidden=forbidden))
    if forbidden:
        raise typer.Exit(FORBIDDEN)


def _with(name: object, more: object) -> str:
    return _("{name}（{more}）").format(name=name, more=more)


def _text(raw: bytes) -> str:
    """Return a file in UTF-8, or in GB 18030 as Chinese spreadsheets write it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _definition(row: Mapping[str, str | None], line: int) -> Definition:
    said = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
    kind = said.get("kind", "").upper() or Kind.INDICATOR
    if kind not in Kind.__members__ or not (said.get("name_zh") or said.get("name_en")):
        raise typer.BadParameter(
            _("第 {line} 行：要有 name_zh 或 name_en，kind 为 INDICATOR、FORM、FIELD 或 CATEGORY。").format(line=line)
        )
    return Definition(
        said.get("code", ""),
        Kind(kind),
        said.get("name_zh", ""),
        said.get("name_en", ""),
        required=said.get("required", "").lower() in YES,
        unit=said.get("unit", ""),
        per=said.get("per", ""),
        basis=said.get("basis", ""),
    )


@app.command()
def exceptions(
    as_user: Annotated[str, typer.Option("--as", help=_("以谁的身份：只列这个人看得到的"))],
) -> None:
    """列出减负例外：谁凭什么申请的、何时结束。 List exceptions asked for in emergencies."""
    user, now = acting_as(as_user, "cases.see_emergency"), timezone.now()
    table = Table()
    for heading in (_("要求"), _("区域"), _("理由和依据"), _("申请"), _("结束"), _("状态")):
        table.add_column(heading)
    for one in picture.emergency_page(user, now=now).exceptions:
        table.add_row(
            _with(one.name, one.ban),
            one.area,
            _("{reason}；{basis}").format(reason=one.reason, basis=one.basis),
            f"{one.asked_by} {human_moment(one.asked_at, now)}",
            human_moment(one.ends_at, now),
            _("进行中") if one.is_running else _("已结束"),
        )
    Console().print(table)
