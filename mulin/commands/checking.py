"""`mulin check`: what is wrong or unsafe about this installation, numbered, each with its cure."""

from typing import Annotated

import typer
from django.core import checks
from django.utils.translation import gettext as _
from rich.console import Console

UNSAFE = 1
OURS = "mulin."


def check(
    deploy: Annotated[bool, typer.Option("--deploy", help=_("也查真正上线时不安全的设置"))] = False,
) -> None:
    """查这个安装有什么问题，逐条编号并说明怎么改。 Look for unsafe settings."""
    console = Console()
    asked = checks.run_checks(include_deployment_checks=deploy, databases=["default"] if deploy else None)
    found = [one for one in asked if _is_for_people(one)]
    for one in sorted(found, key=lambda message: (-message.level, str(message.id))):
        style = "bold red" if one.level >= checks.ERROR else "yellow"
        console.print(f"{one.id}  {one.msg}", style=style, markup=False, highlight=False, soft_wrap=True)
        console.print(f"      {one.hint}", markup=False, highlight=False, soft_wrap=True)
    console.print(_("共 {count} 条。").format(count=len(found)))
    if any(one.level >= checks.ERROR for one in found):
        raise typer.Exit(UNSAFE)


def _is_for_people(message: checks.CheckMessage) -> bool:
    """Django's own deployment warnings ask for what ours ask for, in other words."""
    ours = str(message.id).startswith(OURS)
    return not message.is_silenced() and (ours or not str(message.id).startswith("security."))
