"""`mulin kernels`: the compiled programs of the computations, and compiling them ahead of the first question."""

import os
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.lifeline import end_with_parent
from mulin.commands.progress import progress
from mulin.kernels import readiness
from mulin.kernels.compiled import cache_home

NOT_READY = 1

app = typer.Typer(
    invoke_without_command=True, help=_("计算程序的准备情况。 Compiled kernels, and compiling them ahead.")
)


@app.callback()
def status(context: typer.Context) -> None:
    """哪些计算程序已准备好，放在哪里；有没准备好的以 1 结束。 Ends with 1 while one is not compiled."""
    if context.invoked_subcommand is not None:
        return
    ready = {kernel: readiness.is_ready(kernel) for kernel in readiness.COMPILED}
    table = Table(_("计算程序"), _("准备情况"))
    for kernel, is_ready in ready.items():
        table.add_row(kernel, _("已就绪") if is_ready else _("未准备"))
    console = Console()
    console.print(table)
    console.print(str(cache_home()), soft_wrap=True)
    if not all(ready.values()):
        raise typer.Exit(NOT_READY)


@app.command()
def warm(
    server: Annotated[int, typer.Option("--for", hidden=True)] = 0,
) -> None:
    """提前准备全部计算程序，每台机器、每个版本一次。 Compile all kernels, once per machine and version."""
    if server:
        end_with_parent(server, lambda: os._exit(1))
        readiness.fill()
        return
    with progress(_("准备计算程序"), total=len(readiness.COMPILED)) as advance:
        readiness.fill(lambda _kernel: advance(1))
