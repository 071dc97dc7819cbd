"""`mulin import areas`: a county with its streets and communities from the official codes, into an empty database."""

import os
from typing import Annotated

import typer
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.refusals import told_and_ended
from mulin.commands.seed import seed_reference
from mulin.domains.places.services import seed_areas


def areas(
    counties: Annotated[list[str], typer.Argument(metavar="CODE…", help=_("12 位县级代码，如 520303000000"))],
) -> None:
    """登记区县及其街道、社区（国家统计局代码）。 Register a county with its streets and communities."""
    os.umask(0o077)
    call_command("migrate", verbosity=0, interactive=False)
    seed_reference(now=timezone.now())
    with told_and_ended():
        made = seed_areas(actor=None, counties=counties, now=timezone.now())
    Console(stderr=True).print(_("新登记 {made} 个区域。").format(made=made))
