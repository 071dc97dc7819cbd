"""`mulin audit`: whether the history of every case is still what was written."""

import re
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.progress import counted
from mulin.domains.cases.queries import history

FAULTY = 1
_NUMBER = re.compile(r"(?:\d{8}-)?(\d{1,15})", re.ASCII)

app = typer.Typer(no_args_is_help=True, help=_("核对历史记录。 Audit."))


@app.callback()
def group() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command()
def verify(
    case: Annotated[str, typer.Option(metavar="NUMBER", help=_("只核对一件，写事项编号"))] = "",
) -> None:
    """核对每件事项的经过有没有被改过、删过、插过。 Look for steps changed, removed or inserted."""
    console = Console(stderr=True)
    case_id = _case_id(case) if case else None
    looked_at = faults = 0
    total = 1 if case else history.count()
    with counted(_("核对"), history.audited(case_id), total=total, console=console) as found:
        for one in found:
            looked_at += 1
            if one.fault is not None:
                faults += 1
                typer.echo(f"{one.number}: {_sentence(one.fault)}")
    if case and not looked_at:
        raise typer.BadParameter(_("没有编号为 {number} 的事项。").format(number=case), param_hint="--case")
    console.print(_("核对 {count} 件，有问题 {faults} 件。").format(count=looked_at, faults=faults))
    if faults:
        raise typer.Exit(FAULTY)


def _case_id(number: str) -> int:
    written = _NUMBER.fullmatch(number)
    if written is None:
        raise typer.BadParameter(_("编号写成 20260304-000123。"), param_hint="--case")
    return int(written[1])


def _sentence(fault: str) -> str:
    kind, _space, step = fault.partition(" ")
    sentences = {
        "missing": _("第 {step} 步不见了"),
        "changed": _("第 {step} 步的内容被改过"),
        "unlinked": _("第 {step} 步接不上前一步"),
        "added": _("第 {step} 步起是后来加上的"),
    }
    return sentences[kind].format(step=step)
