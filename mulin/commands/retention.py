"""`mulin retention`: what is past its time is deleted or erased; what was done is told."""

from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.core.privacy import retention
from mulin.core.privacy.models import RetentionRun
from mulin.core.privacy.periods import ACTION_LABELS, Action, periods

app = typer.Typer(no_args_is_help=True, help=_("到期个人信息的删除。 What is past its time."))
console = Console()


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只统计到期数量，不做任何改动"))] = False,
) -> None:
    """删除或擦除已到期的个人信息；中断后再运行即可继续。 Delete or erase what is past its time."""
    now = timezone.now()
    if dry_run:
        _show(_("将要处理"), [(one.period.code, one.period.action, one.rows) for one in retention.waiting(now=now)])
    else:
        _tell(retention.carry_out(now=now))


@app.command()
def report(most: Annotated[int, typer.Option(min=1, help=_("最近几次"))] = 5) -> None:
    """最近几次删除了什么。 What the last runs did."""
    found = retention.runs(most)
    for one in found:
        _tell(one)
    if not found:
        console.print(_("还没有运行过；后台任务每天运行一次，也可以用 mulin retention run。"))


def _tell(one: RetentionRun) -> None:
    state = _("已完成") if RetentionRun.objects.filter(pk=one.pk).exclude(finished_at=None) else _("未完成，下次继续")
    title = f"{timezone.localtime(one.began_at):%Y-%m-%d %H:%M} {state}"
    _show(title, [(line.code, Action(line.action), line.rows) for line in one.lines.order_by("pk")])


def _show(title: str, lines: list[tuple[str, Action, int]]) -> None:
    known = periods(on=timezone.localdate())
    table = Table(title=title)
    for heading in (_("类别"), _("处理"), _("行数"), _("保存期限（天）"), _("依据")):
        table.add_column(heading)
    for code, action, rows in lines:
        period = known.get(code)
        days, source = (str(period.days), period.source) if period else ("", "")
        table.add_row(str(period.name) if period else code, str(ACTION_LABELS[action]), str(rows), days, source)
    console.print(table)
