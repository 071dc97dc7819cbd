"""`mulin coverage`: who has nobody, as figures or as a file to work from."""

import csv
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.domains.duty.pages.coverage import LABELS, REASONS
from mulin.domains.duty.queries import coverage as queries
from mulin.domains.duty.queries.coverage import Gap, Ground, Tally
from mulin.domains.places import queries as places

SHOWN = 50


class Subject(StrEnum):
    HOUSEHOLDS = queries.HOUSEHOLDS
    BUILDINGS = queries.BUILDINGS
    GRIDS = queries.GRIDS


def coverage(
    area: Annotated[str | None, typer.Option(help=_("12 位区划代码；默认每个县区"))] = None,
    gaps: Annotated[Subject | None, typer.Option(help=_("列出缺口：住户、楼栋或网格"))] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help=_("把缺口写入 CSV 文件"))] = None,
) -> None:
    """户户有联户长，栋栋有楼栋长，格格有人管：数字与缺口。 Coverage and its gaps."""
    console = Console()
    grounds = [Ground(code) for code in _areas(area, console)]
    if gaps is None:
        for ground in grounds:
            console.print(_tallies(ground))
        return
    found = [gap for ground in grounds for gap in queries.gaps(gaps.value, ground, now=timezone.now())]
    if csv_file is not None:
        _write(csv_file, found)
        console.print(_("{count} 处缺口已写入 {file}").format(count=len(found), file=csv_file))
        return
    console.print(_gap_table(found[:SHOWN]))
    if len(found) > SHOWN:
        console.print(
            _("共 {count} 处，只列出前 {shown} 处；用 --csv 写出全部。").format(count=len(found), shown=SHOWN)
        )


def _areas(area: str | None, console: Console) -> list[str]:
    if area is None:
        return [county.code for county in places.counties()]
    try:
        return [places.area_by_code(area).code]
    except places.PlaceUnknown as unknown:
        console.print(f"{unknown.sentence} {area}", style="bold red")
        raise typer.Exit(1) from unknown


def _tallies(ground: Ground) -> Table:
    now = timezone.now()
    tallies = {subject: queries.tally_by_child(subject, ground, now=now) for subject in queries.SUBJECTS}
    table = Table(title=places.area_by_code(ground.area_code).name)
    table.add_column(_("片区"))
    for subject in queries.SUBJECTS:
        table.add_column(str(LABELS[subject]), justify="right")
    for child in queries.children(ground, now=now):
        table.add_row(child.name, *(_words(tallies[one].get(child.key, Tally())) for one in queries.SUBJECTS))
    table.add_section()
    table.add_row(_("合计"), *(_words(sum(tallies[one].values(), Tally())) for one in queries.SUBJECTS))
    return table


def _words(tally: Tally) -> str:
    return _("缺 {gaps} / {total}").format(gaps=tally.gaps, total=tally.total)


HEADINGS = ("id", "area_code", "place", "detail", "reason")


def _row(gap: Gap) -> tuple[str, ...]:
    return str(gap.id), gap.area_code, gap.place, gap.detail, str(REASONS[gap.reason])


def _gap_table(found: list[Gap]) -> Table:
    table = Table(*HEADINGS)
    for gap in found:
        table.add_row(*_row(gap))
    return table


def _write(path: Path, found: list[Gap]) -> None:
    """With a byte order mark, so that a spreadsheet reads the Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_row(gap) for gap in found)
