"""`mulin backup`: copies of the whole installation, taken while it runs, verified, restored."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from mulin.commands.progress import progress
from mulin.commands.refusals import told_and_ended
from mulin.core.backup import copies
from mulin.core.backup.manifest import Manifest
from mulin.domains.cases.queries import history

FAULTY = 1
app = typer.Typer(no_args_is_help=True, help=_("备份与恢复。 Backup and restore."))
Folder = Annotated[Path, typer.Argument(file_okay=False, help=_("备份所在的文件夹"))]


@app.command()
def take(
    parent: Annotated[Path, typer.Argument(file_okay=False, help=_("备份放在哪个文件夹下面"))],
) -> None:
    """不停机备份数据库和照片，写完即核对；字段密钥不在其中，请另行保管。 Take and verify a copy."""
    console, started = Console(stderr=True), time.monotonic()
    files = sum(1 for _path in copies.media_files(Path(settings.MEDIA_ROOT)))
    with told_and_ended():
        with progress(_("备份"), total=files, console=console) as done:
            folder = copies.take(parent, now=timezone.now(), done=done)
        manifest = _verified(folder, console)
    _tell(manifest, console, took=timedelta(seconds=round(time.monotonic() - started)))
    typer.echo(folder)


@app.command()
def verify(folder: Folder) -> None:
    """核对一份备份是否完整、能否恢复。 Verify a copy."""
    console = Console(stderr=True)
    with told_and_ended():
        _tell(_verified(folder, console), console)


@app.command()
def restore(folder: Folder) -> None:
    """恢复到空的数据库和空的文件夹，并核对行数与每件事项的经过。 Restore into an empty installation."""
    console = Console(stderr=True)
    with told_and_ended():
        total = len(Manifest.read(folder).files)
        with progress(_("恢复"), total=total, console=console) as done:
            manifest = copies.restore(folder, done=done)
    call_command("migrate", verbosity=0)
    faults = list(history.faults())
    _tell(manifest, console)
    if faults:
        console.print(_("有 {count} 件事项的经过对不上：用 mulin audit verify 查看。").format(count=len(faults)))
        raise typer.Exit(FAULTY)


def _verified(folder: Path, console: Console) -> Manifest:
    total = len(Manifest.read(folder).files)
    with progress(_("核对"), total=total, console=console) as done:
        return copies.verify(folder, done=done)


def _tell(manifest: Manifest, console: Console, *, took: timedelta | None = None) -> None:
    console.print(
        _("{tables} 张表，{rows} 行，{files} 个文件，备份于 {at}").format(
            tables=len(manifest.rows), rows=sum(manifest.rows.values()), files=len(manifest.files), at=manifest.taken_at
        ),
        markup=False,
        soft_wrap=True,
    )
    if took is not None:
        console.print(_("用时 {took}").format(took=took), markup=False)
