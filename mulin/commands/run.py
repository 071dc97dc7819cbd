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
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mulin.commands.administrators import ONCE, SignIn, create_missing, show
from mulin.commands.seed import seed_reference
from mulin.commands.supervisor import StartFailed, Supervisor, address, port_is_taken
from mulin.config.home import HOME

DEMO_SEED = 20260101
SIGN_INS = HOME / "demo-sign-ins.json"


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
    if port_is_taken(host, port):
        taken = _("端口 {port} 已被占用，什么也没有启动。请换一个端口，例如 --port {other}")
        _fail(taken.format(port=port, other=port + 1))
    console = Console()
    sign_ins = prepare(console, size=size if demo else None)

    def announce() -> None:
        ready = _("睦邻已就绪：{url}  （Ctrl-C 停止）").format(url=address(host, port))
        console.print(ready, style="bold green", soft_wrap=True)
        if sign_ins:
            show(console, _("演示账号"), sign_ins)

    try:
        dead = Supervisor(host, port, workers, threads).run(when_ready=announce)
    except StartFailed as failure:
        _fail(_("“{process}”没有启动成功，已全部停止。原因见上面的记录。").format(process=failure))
    if dead:
        _fail(_("“{process}”意外停止，已全部停止。原因见上面的记录。").format(process=dead))
    console.print(_("已停止。"))


def prepare(console: Console, *, size: Size | None) -> list[SignIn]:
    """Bring the database up to date and give a new one its first people; return the demo town's sign-ins."""
    os.umask(0o077)  # database, uploads and keys are nobody else's to read
    with console.status(_("正在准备数据库…")):
        call_command("migrate", verbosity=0, interactive=False)
        seed_reference(now=timezone.now())
    try:
        if get_user_model().objects.exists():
            return read_sign_ins(SIGN_INS)
        if size:
            return load_town(console, size)
        # Before anything can fail: these passwords are kept nowhere.
        show(console, ONCE, create_missing(now=timezone.now()))
        return []
    finally:
        connections.close_all()


def load_town(console: Console, size: Size, *, seed: int = DEMO_SEED) -> list[SignIn]:
    """Load the demo town and keep its sign-ins for the next start."""
    from mulin.demo import load  # seconds of imports that only the first start needs

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(_("正在装入演示城区"), total=None)

        def progress(label: str, done: int, total: int) -> None:
            bar.update(task, description=label, completed=done, total=total)

        rows = load.load_town(size=size.value, seed=seed, progress=progress)
    sign_ins: list[SignIn] = [(str(row.label), row.username, row.password) for row in rows]
    SIGN_INS.write_text(json.dumps(sign_ins, ensure_ascii=False), encoding="utf-8")
    return sign_ins


def read_sign_ins(path: Path) -> list[SignIn]:
    if not path.exists():
        return []
    return [(kind, username, password) for kind, username, password in json.loads(path.read_text(encoding="utf-8"))]


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True).print(sentence, style="bold red", soft_wrap=True)
    raise typer.Exit(1)
