"""`mulin audit`: whether the history of every case is still what was written."""

import re
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.progress import counted
from mulin.core.audit import verifying
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
    head: Annotated[str, typer.Option(metavar="SEQUENCE:HASH", help=_("以前抄下的审计链尾，查有没有被截断"))] = "",
) -> None:
    """核对事项经过和审计记录有没有被改过、删过、插过。 Look for steps and audit rows changed, removed or inserted."""
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
    if not case:
        faults += _audit_faults(console, head)
    if faults:
        raise typer.Exit(FAULTY)


def _audit_faults(console: Console, written_down: str) -> int:
    """Say what is wrong with the audit and where its chain ends; return how many faults there are."""
    faults = looked_at = 0
    for fault in verifying.walk(now=timezone.now()):
        looked_at += fault is None
        if fault is not None:
            faults += 1
            typer.echo(_audit_sentence(fault))
    if written_down and not verifying.reaches(written_down):
        faults += 1
        typer.echo(_("审计链里没有抄下的这一批：尾部被截断过，或恢复过旧备份。"))
    end = verifying.head()
    console.print(_("审计记录 {count} 批完好，有问题 {faults} 处。").format(count=looked_at, faults=faults))
    console.print(_("链尾 {end}，请抄到别处保存。").format(end=f"{end.sequence}:{end.hash}"), soft_wrap=True)
    return faults


def _audit_sentence(fault: verifying.Fault) -> str:
    sentences = {
        "changed": _("审计记录 {number} 被改过"),
        "removed": _("审计记录 {number} 不见了"),
        "inserted": _("审计记录 {number} 是后来插入的"),
        "missing": _("审计第 {number} 批不见了"),
        "unlinked": _("审计第 {number} 批接不上前一批"),
        "unsigned": _("审计第 {number} 批的签名不对"),
    }
    return sentences[fault.kind].format(number=fault.number)


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
