"""`mulin calendar`: which days and hours are worked, and why a deadline is when it is."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.core import calendar_queries as queries
from mulin.core import calendar_services as services
from mulin.core.calendar_days import LIBRARY_YEARS, decode
from mulin.core.clocks import SHANGHAI, deadline, parse_allowance
from mulin.core.clocks.sentences import day_text, sentences
from mulin.core.listed import listed

ACTOR = "mulin calendar"
DAY_FORMATS = ["%Y-%m-%d"]
TIME_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
_PERIOD = re.compile(r"(\d{1,2}):(\d{2})[-–](\d{1,2}):(\d{2})", re.ASCII)

app = typer.Typer(no_args_is_help=True, help=_("工作日历：放假、调休、上下班时间，期限怎么算。 The work calendar."))

Day = Annotated[datetime, typer.Argument(formats=DAY_FORMATS, metavar="DATE", help=_("日期，如 2026-10-10"))]
Year = Annotated[int, typer.Argument(min=2000, max=2100, help=_("年份"))]
Source = Annotated[str, typer.Option(help=_("依据，如通知的文号"))]
Region = Annotated[str, typer.Option(help=_("区划代码；不写则为各地通用"))]


@app.command()
def show(year: Year) -> None:
    """列出一年的放假和调休上班日。 List the days off and the days made up."""
    with told_and_ended():
        known = queries.year_table(year)
    table = Table(title=_("{year} 年：{count} 个工作日").format(year=year, count=known.working_days))
    for heading in (_("日期"), _("休/班"), _("名称"), _("依据")):
        table.add_column(heading)
    for row in known.days:
        table.add_row(day_text(row.date), _("班") if row.is_working else _("休"), row.name, row.source)
    console = Console()
    console.print(table)
    for hours in known.hours:
        console.print(hours, markup=False)


@app.command()
def seed(
    years: Annotated[list[int] | None, typer.Argument(help=_("年份；不写则为全部已知年份"))] = None,
) -> None:
    """从 chinesecalendar 填入年份；已有的年份不动。 Fill years; those already there are kept."""
    with told_and_ended():
        seeded = services.seed_calendar(actor=ACTOR, now=timezone.now(), years=years or LIBRARY_YEARS)
    typer.echo(_("新增 {added} 年，保留 {kept} 年。").format(added=len(seeded.added), kept=len(seeded.kept)))


@app.command("import")
def import_(
    year: Year,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=_("CSV 文件"))],
    source: Source = "",
) -> None:
    """用 CSV 文件（date,status,name_zh,name_en）换掉一年的放假安排。 Replace a year's days by those of a file."""
    with told_and_ended():
        count = services.import_year(
            year=year,
            lines=decode(file.read_bytes()),
            source=(source or file.name)[:200],
            actor=ACTOR,
            now=timezone.now(),
        )
    typer.echo(_("{year} 年已导入，共 {count} 天。").format(year=year, count=count))


@app.command("set")
def set_(
    day: Day,
    working: Annotated[bool, typer.Option("--working/--off", help=_("上班还是放假"))],
    name: Annotated[str, typer.Option(help=_("名称，如 国庆节"))] = "",
    name_en: Annotated[str, typer.Option(help=_("英文名称"))] = "",
    source: Source = ACTOR,
) -> None:
    """定一天上班或放假。 Declare one day worked or off."""
    with told_and_ended():
        services.set_day(
            day=day.date(),
            is_working=working,
            name_zh=name,
            name_en=name_en,
            source=source,
            actor=ACTOR,
            now=timezone.now(),
        )
    typer.echo(f"{day_text(day.date())} {_('班') if working else _('休')} {name}")


@app.command()
def hours(
    valid_from: Day,
    periods: Annotated[list[str], typer.Argument(help=_("各段上班时间，如 09:00-12:00 14:30-18:00"))],
    region: Region = "",
    source: Source = ACTOR,
) -> None:
    """定上下班时间，从某日起用。 Set the working hours from a day on."""
    with told_and_ended():
        services.set_working_hours(
            valid_from=valid_from.date(), periods=[_period(text) for text in periods], source=source, region=region
        )
    typer.echo(_("{day} 起：{periods}").format(day=day_text(valid_from.date()), periods=listed(periods)))


@app.command()
def explain(
    start: Annotated[datetime, typer.Argument(formats=TIME_FORMATS, help=_('开始时间，如 "2026-09-18 17:29"'))],
    allow: Annotated[str, typer.Option(help=_('时限，如 "5 工作日"、"8 工作时"、"2 紧急工作时"'))],
    region: Region = "",
) -> None:
    """一步一步说明期限怎么算出来。 Tell step by step how a deadline is counted."""
    with told_and_ended():
        found = deadline(start.replace(tzinfo=SHANGHAI), parse_allowance(allow), services.work_calendar(region))
    for sentence in sentences(found.explanation):
        typer.echo(sentence)


def _period(text: str) -> tuple[int, int]:
    written = _PERIOD.fullmatch(text)
    if written is None:
        raise services.WorkingHoursInvalid(periods=text)
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in written.groups())
    return from_hour * 60 + from_minute, to_hour * 60 + to_minute
