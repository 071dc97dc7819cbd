"""`mulin import ground`: buildings, streets, boundaries and other ground truth from geographic files and tables."""

from pathlib import Path
from typing import Annotated, TypeVar

import typer
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.progress import progress
from mulin.commands.refusals import told_and_ended
from mulin.core.listed import listed
from mulin.core.tables import write_table
from mulin.domains.places import queries as places
from mulin.domains.places.models import PlaceKind
from mulin.domains.planning.ground_importing import let_in
from mulin.domains.planning.importing.findings import Repair, remedy_of
from mulin.domains.planning.importing.kinds import GroundKind, read_mapping
from mulin.domains.planning.models import GroundImport, ImportState
from mulin.domains.planning.pages.ground_imports import FINDING_COLUMNS, finding_lines, finding_name, refusal_words
from mulin.domains.planning.queries import ground_imports
from mulin.domains.planning.services import ground_applying
from mulin.domains.planning.services import ground_imports as services

NOTHING, USAGE, SOME_REFUSED = 1, 2, 3
PIECE_BYTES = 1 << 20
ChoiceT = TypeVar("ChoiceT", bound=TextChoices)


def ground(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help=_("GeoJSON、GeoPackage、zip、xlsx 或 csv 文件")
        ),
    ],
    kind: Annotated[str, typer.Option(help=_("数据种类：") + ", ".join(GroundKind.values).lower())],
    crs: Annotated[str, typer.Option(help=_("坐标系：CGCS2000、GCJ02、BD09、FILE（文件自带）或 EPSG:代码"))] = "",
    mapping: Annotated[
        str,
        typer.Option(
            "--map", metavar="FIELD=COLUMN,…", help=_("列的对应，如 name=楼名,households=户数；不写则按列名猜")
        ),
    ] = "",
    repair: Annotated[str, typer.Option(help=_("要做的修正，用逗号隔开：") + ", ".join(Repair.values).lower())] = "",
    area: Annotated[str, typer.Option(help=_("区县代码；只有一个区县时不必写"))] = "",
    layer: Annotated[str, typer.Option(help=_("GeoPackage 里的图层"))] = "",
    source: Annotated[str, typer.Option(help=_("数据来自哪里；同一编号在不同来源里是不同的东西"))] = "",
    findings: Annotated[Path | None, typer.Option(help=_("没有导入的行写到哪个 csv 或 xlsx 文件"))] = None,
    show: Annotated[bool, typer.Option("--show", help=_("只看有哪些列、会怎样对应"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("只检查，不导入"))] = False,
) -> None:
    """导入楼栋、道路、边界等底数；同一行只导入一次。 Import ground truth; safe to run again."""
    console = Console(stderr=True)
    asked, repairs = _choice(GroundKind, kind, "--kind"), [_choice(Repair, one, "--repair") for one in _words(repair)]
    with told_and_ended():
        job = _read(file, asked, area=_county(area), layer=layer, source=source)
        if show:
            _show(job)
            services.abandon(actor=None, job=job, now=timezone.now())
            return
        try:
            job = _checked(job, crs=crs, mapping=mapping, repairs=repairs)
        except BaseException:
            services.abandon(actor=None, job=job, now=timezone.now())
            raise
        _report(job, findings or file.with_name(f"{file.stem}.findings.csv"), console)
        if dry_run:
            services.abandon(actor=None, job=job, now=timezone.now())
        else:
            _let_in(job, console)
    job.refresh_from_db()
    _tell(job, console, dry_run=dry_run)
    if job.refused:
        raise typer.Exit(SOME_REFUSED if job.ready or job.known else NOTHING)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _choice(choices: type[ChoiceT], word: str, option: str) -> ChoiceT:
    try:
        return choices(word.strip().upper())
    except ValueError as unknown:
        known = ", ".join(choices.values).lower()
        raise typer.BadParameter(
            _("没有 {word}；有：{known}。").format(word=word, known=known), param_hint=option
        ) from unknown


def _county(area: str) -> str:
    counties = sorted(one.code for one in places.areas.get().values() if one.kind == PlaceKind.COUNTY)
    if area:
        return places.area_by_code(area).code
    if len(counties) != 1:
        raise typer.BadParameter(
            _("请用 --area 写明区县代码；已登记：{known}。").format(known=listed(counties)), param_hint="--area"
        )
    return counties[0]


def _read(file: Path, kind: GroundKind, *, area: str, layer: str, source: str) -> GroundImport:
    with file.open("rb") as content:
        job = services.stage(
            actor=None,
            kind=kind,
            area_code=area,
            file=iter(lambda: content.read(PIECE_BYTES), b""),
            file_name=file.name,
            source=source,
            now=timezone.now(),
        )
    job = services.read(actor=None, job_id=job.pk, now=timezone.now())
    if job.state == ImportState.READ and layer and layer != job.layer:
        job = services.choose_layer(actor=None, job=job, layer=layer, now=timezone.now())
        job = services.read(actor=None, job_id=job.pk, now=timezone.now())
    _stop_if_refused(job)
    if "columns" not in job.sample:
        services.abandon(actor=None, job=job, now=timezone.now())
        names = listed(job.sample["layers"])
        raise typer.BadParameter(_("请用 --layer 写明图层；有：{names}。").format(names=names), param_hint="--layer")
    return job


def _stop_if_refused(job: GroundImport) -> None:
    if refusal := refusal_words(job):
        Console(stderr=True).print(refusal["sentence"], style="bold red", markup=False)
        Console(stderr=True).print(refusal["remedy"], markup=False)
        raise typer.Exit(NOTHING)


def _checked(job: GroundImport, *, crs: str, mapping: str, repairs: list[Repair]) -> GroundImport:
    kind = GroundKind(job.kind)
    columns = job.columns | (read_mapping(mapping, kind, job.sample["columns"]) if mapping else {})
    job = services.ask_check(actor=None, job=job, crs=crs, columns=columns, repairs=repairs, now=timezone.now())
    job = services.check(actor=None, job_id=job.pk, now=timezone.now())
    _stop_if_refused(job)
    return job


def _show(job: GroundImport) -> None:
    fields = {column: field for field, column in job.columns.items()}
    table = Table(title=_("{count} 行").format(count=job.rows))
    for heading in (_("列"), _("对应"), _("例")):
        table.add_column(heading)
    for column, examples in job.sample["columns"].items():
        table.add_row(column, fields.get(column, ""), " | ".join(examples))
    Console().print(table)


def _report(job: GroundImport, path: Path, console: Console) -> None:
    """Show how often each fault occurs, and write every row that has one."""
    counts = ground_imports.finding_counts(job)
    if not counts:
        return
    table = Table()
    for heading in (_("问题"), _("行数"), _("已修正"), _("怎么办")):
        table.add_column(heading)
    for one in counts:
        table.add_row(finding_name(one.code), str(one.rows), str(one.repaired), remedy_of(one.code))
    console.print(table)
    write_table(path, [str(column) for column in FINDING_COLUMNS], finding_lines(job))
    console.print(_("每一行的问题：{path}").format(path=path), markup=False, soft_wrap=True)


def _let_in(job: GroundImport, console: Console) -> None:
    job = ground_applying.begin(actor=None, job=job, now=timezone.now())
    with progress(_("导入"), total=job.ready, console=console) as advance:
        let_in(job, advance)


def _tell(job: GroundImport, console: Console, *, dry_run: bool) -> None:
    sentence = _("导入 {ready} 行，早已导入 {known} 行，没有导入 {refused} 行。")
    if dry_run:
        sentence = _("试查（没有导入）：可导入 {ready} 行，早已导入 {known} 行，不能导入 {refused} 行。")
    ready = job.ready if dry_run else job.applied
    console.print(sentence.format(ready=ready, known=job.known, refused=job.refused), soft_wrap=True)
