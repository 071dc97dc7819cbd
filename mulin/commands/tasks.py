"""`mulin tasks`: what the worker has to do, what it could not do, and a second try."""

from datetime import datetime

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.core import outbox, worker
from mulin.core.listed import listed
from mulin.domains.accounts import queries
from mulin.domains.accounts.queries import DeadLetter

FAILED = 1

app = typer.Typer(invoke_without_command=True, help=_("后台任务的状况。 What the worker has to do."))


@app.callback()
def status(context: typer.Context) -> None:
    """待办的事件、失败的事件、定时任务；有失败的事件时以 1 结束。 Ends with 1 when dead letters lie there."""
    if context.invoked_subcommand is not None:
        return
    console, now = Console(), timezone.now()
    state = queries.queue_state(now=now)
    console.print(
        _("等待 {pending} 件（已到时间 {overdue} 件，最早 {oldest}），失败 {dead} 件。").format(
            pending=state.pending, overdue=state.overdue, oldest=_minute(state.oldest_due_at), dead=state.dead
        )
    )
    console.print(_periodic())
    if state.dead:
        console.print(_dead(queries.dead_letters()))
        raise typer.Exit(FAILED)


def _minute(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else "—"


def _periodic() -> Table:
    table = _table(_("定时任务"), _("名称"), _("上次"), _("用时（毫秒）"), _("下次"), _("差错"))
    for task in queries.periodic_tasks():
        took = "" if task.took_ms is None else str(task.took_ms)
        table.add_row(task.name, _minute(task.ran_at), took, _minute(task.due_at), task.error)
    return table


def _dead(letters: list[DeadLetter]) -> Table:
    table = _table(_("失败的事件"), _("编号"), _("事件"), _("处理者"), _("次数"), _("差错"))
    for letter in letters:
        table.add_row(str(letter.id), letter.event, letter.handler, str(letter.attempts), letter.error)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading)
    return table


@app.command()
def revive(message_id: int) -> None:
    """把一件失败的事件重新放回队列。 Put a dead letter back in the queue."""
    if not outbox.revive(message_id=message_id, now=timezone.now()):
        raise typer.BadParameter(_("没有编号为 {id} 的失败事件。").format(id=message_id))
    typer.echo(_("已放回队列。"))


@app.command()
def run(name: str) -> None:
    """马上做一次某个定时任务。 Run one recurring task now."""
    if name not in worker.names():
        raise typer.BadParameter(_("没有这个任务；有：{names}").format(names=listed(worker.names())))
    if not worker.run_now(name, now=timezone.now()):
        typer.echo(_("没有做成，原因见 mulin tasks。"), err=True)
        raise typer.Exit(FAILED)
    typer.echo(_("已完成。"))
