"""`mulin run`: from nothing to a working page."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from mulin.commands.supervisor import StartFailed, Supervisor, address, port_is_taken
from mulin.config.home import HOME

DEMO_SEED = 20260101
SIGN_INS = HOME / "demo-sign-ins.json"

SignIn = tuple[str, str, str]  # role, user name, password


class Size(StrEnum):
    STREET = "street"
    DISTRICT = "district"


def run(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("端口"))] = 8000,
    host: Annotated[str, typer.Option(help=_("监听地址；默认只有本机能访问"))] = "127.0.0.1",
    demo: Annotated[
        bool, typer.Option("--demo/--empty", " /--no-demo", help=_("空数据库装入演示城区，或只装目录与日历"))
    ] = True,
    size: Annotated[Size, typer.Option(help=_("演示城区的大小"))] = Size.STREET,
    workers: Annotated[int, typer.Option(min=1, help=_("网页进程数"))] = 2,
    threads: Annotated[int, typer.Option(min=1, help=_("每个网页进程同时处理的请求数"))] = 1,
) -> None:
    """准备数据库，装入演示城区，启动网页与后台。 Prepare everything and start."""
    console = Console()
    if port_is_taken(host, port):
        taken = _("端口 {port} 已被占用，什么也没有启动。请换一个端口，例如 --port {other}")
        _fail(taken.format(port=port, other=port + 1))
    prepare(console, size=size if demo else None)
    supervisor = Supervisor(host, port, workers, threads)
    try:
        dead = supervisor.run(when_ready=lambda: announce(console, address(host, port)))
    except StartFailed as failure:
        _fail(_("“{process}”没有启动成功，已全部停止。原因见上面的记录。").format(process=failure))
    if dead:
        _fail(_("“{process}”意外停止，已全部停止。原因见上面的记录。").format(process=dead))
    console.print(_("已停止。"))


def prepare(console: Console, *, size: Size | None) -> None:
    """Bring the database up to date and, while nobody works in it yet, load the town."""
    from mulin.commands.seed import seed_reference

    os.umask(0o077)  # database, uploads and keys are nobody else's to read
    with console.status(_("正在准备数据库…")):
        call_command("migrate", verbosity=0, interactive=False)
        seed_reference()
    if size and not get_user_model().objects.exists():
        load_town(console, size)
    connections.close_all()


def load_town(console: Console, size: Size) -> None:
    from mulin.demo.load import load_town as load

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(_("正在装入演示城区"), total=None)

        def progress(label: str, done: int, total: int) -> None:
            bar.update(task, description=label, completed=done, total=total)

        sign_ins = load(size=size.value, seed=DEMO_SEED, progress=progress)
    SIGN_INS.write_text(json.dumps([list(row) for row in sign_ins], ensure_ascii=False))


def announce(console: Console, url: str) -> None:
    console.print(_("睦邻已就绪：{url}  （Ctrl-C 停止）").format(url=url), style="bold green", soft_wrap=True)
    rows = read_sign_ins(SIGN_INS)
    if not rows:
        return
    table = Table(title=_("演示账号"))
    for heading in (_("身份"), _("用户名"), _("密码")):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def read_sign_ins(path: Path) -> list[SignIn]:
    if not path.exists():
        return []
    return [(role, username, password) for role, username, password in json.loads(path.read_text())]


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True).print(sentence, style="bold red", soft_wrap=True)
    raise typer.Exit(1)
