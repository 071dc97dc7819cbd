"""`mulin demo`: an invented town on real ground, for trying things out."""

import os
from typing import Annotated

import typer
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands import administrators
from mulin.commands.refusals import told_and_ended
from mulin.commands.run import DEMO_SEED, Size, load_town
from mulin.commands.seed import seed_reference


def demo(
    size: Annotated[Size, typer.Option(help=_("演示城区的大小"))] = Size.STREET,
    seed: Annotated[int, typer.Option(min=0, help=_("随机种子；同样的种子长出同样的城区"))] = DEMO_SEED,
) -> None:
    """把演示城区装入空数据库；已有数据时拒绝，什么也不改。 Load the demo town into an empty database."""
    console = Console()
    os.umask(0o077)
    with console.status(_("正在准备数据库…")):
        call_command("migrate", verbosity=0, interactive=False)
        seed_reference(now=timezone.now())
    with told_and_ended():
        sign_ins = load_town(console, size, seed=seed)
    administrators.show(console, _("演示账号"), sign_ins)
