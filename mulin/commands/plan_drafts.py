"""`mulin plan draft|compare|publish`: grids drawn, compared and put in force from the terminal."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.status import Status
from rich.table import Table

from mulin.commands.people import acting_as
from mulin.commands.refusals import told_and_ended
from mulin.domains.planning import access, computing
from mulin.domains.planning.computing import Search
from mulin.domains.planning.general_program import figures_beside
from mulin.domains.planning.geojson import grids_geojson, lying_in, read_buildings, read_grids
from mulin.domains.planning.models import Draft, PublicationState
from mulin.domains.planning.pages import comparing, drafts, plan_figures
from mulin.domains.planning.pages.draft_words import FIGURES, certificate_words, refusal_words
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.rules.labels import living_on
from mulin.domains.planning.services import drafting, publishing
from mulin.domains.planning.services.drafting import Outcome, Wish
from mulin.domains.planning.states import DRAFT, PUBLISH, SEE, DraftState
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.problem import Bounds
from mulin.kernels.partition.result import Progress
from mulin.kernels.stop import Stop

IMPOSSIBLE, USAGE, BENT = 1, 2, 3
"""Nothing computed; asked wrongly; a plan, but some grids lie outside their bounds."""

Columns = dict[str, Mapping[str, Any]]
"""Figures by what they are of, as they stand beside each other."""

AsUser = Annotated[str, typer.Option("--as", help=_("以谁的身份"))]


def draft(
    area: Annotated[str, typer.Option(help=_("12 位区划代码：存成网格草案"))] = "",
    as_user: AsUser = "",
    buildings: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=_("不用数据库：楼栋的 GeoJSON 文件"))
    ] = None,
    edges: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=_("邻接关系的 JSON 文件；不写则自动计算"))
    ] = None,
    grids: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=_("不计算：把 GeoJSON 文件里画好的网格存成草案"))
    ] = None,
    out: Annotated[Path | None, typer.Option(help=_("网格写到哪个 GeoJSON 文件"))] = None,
    name: Annotated[str, typer.Option(help=_("草案的名称"))] = "",
    lowest: Annotated[int, typer.Option(min=0, help=_("每格户数下限"))] = 300,
    highest: Annotated[int, typer.Option(min=1, help=_("每格户数上限"))] = 500,
    seconds: Annotated[int, typer.Option(min=1, max=600, help=_("计算几秒"))] = 10,
    seed: Annotated[int, typer.Option(min=0, help=_("随机种子：同样的种子、同样的底数，得到同样的起点"))] = 1,
    anew: Annotated[bool, typer.Option("--anew", help=_("不管现有网格，重新划分"))] = False,
    balance: Annotated[float, typer.Option(min=0, help=_("户数相近的权重"))] = 0.0,
    compactness: Annotated[float, typer.Option(min=0, help=_("紧凑的权重"))] = 0.05,
    straddling: Annotated[float, typer.Option(min=0, help=_("不跨主干道的权重"))] = 20.0,
    change: Annotated[float, typer.Option(min=0, help=_("少换网格的权重"))] = 0.2,
) -> None:
    """起草网格方案。 Draw grids: a draft of an area, or a plan of a file."""
    if bool(area) == (buildings is not None) or (area and not as_user) or (grids is not None and not area):
        raise typer.BadParameter(_("请用 --area 和 --as（可加 --grids），或用 --buildings，二者选一。"))
    weights = {"balance": balance, "compactness": compactness, "straddling": straddling, "change": change}
    console = Console()
    with told_and_ended():
        wish = Wish(name, lowest, highest, weights, keeps_present=not anew, seed=seed, time_limit_s=seconds)
        wish.check()
        if buildings is not None:
            columns, words, text = _of_file(buildings, edges, wish)
        elif grids is not None:
            columns, words, text = _of_grids(area, as_user, wish, grids, console)
        else:
            columns, words, text = _of_area(area, as_user, wish, console)
        console.print(_figures(columns))
        for line in words:
            console.print(line, markup=False)
        if out is not None:
            out.write_text(text, encoding="utf-8")
    if columns[_("草案")]["outside"]:
        raise typer.Exit(BENT)


def _of_file(buildings: Path, edges: Path | None, wish: Wish) -> tuple[Columns, list[str], str]:
    arrays = read_buildings(buildings, edges)
    bounds = Bounds(wish.lowest, wish.highest)
    search = Search(arrays, bounds, wish.weights, keeps_present=False, seed=wish.seed)
    with _watching() as status:
        outcome = _outcome(search, wish, status)
    words = [
        certificate_words(
            {"code": one.code}, int(arrays.households[list(one.buildings)].sum()), bounds, [str(one.buildings[0])]
        )
        for one in outcome.certificates
    ]
    return _columns(outcome.figures, outcome.yardstick), words, grids_geojson(arrays, outcome.grid)


def _columns(figures: dict[str, Any], metis: Mapping[str, Any] | None) -> Columns:
    return {_("草案"): figures} | ({plan_figures.metis_heading(metis): metis} if metis else {})


def _watching() -> Status:
    return Console(stderr=True).status(_("计算中…"))


def _outcome(search: Search, wish: Wish, status: Status) -> Outcome:
    def tell(progress: Progress) -> None:
        status.update(
            _("{seconds:.0f} 秒：{grids} 个网格，{outside} 个户数超出范围，切断 {cut:.0f}").format(
                seconds=progress.seconds,
                grids=progress.figures.grids,
                outside=progress.figures.outside,
                cut=progress.figures.cut,
            )
        )

    try:
        return search.outcome(Stop(seconds=wish.time_limit_s), tell)
    except BadProblem as bad:
        Console(stderr=True).print(refusal_words({"code": bad.code}), style="bold red", markup=False)
        raise typer.Exit(IMPOSSIBLE) from bad


def _of_area(area: str, as_user: str, wish: Wish, console: Console) -> tuple[Columns, list[str], str]:
    """Make a draft like the page does, computed in this process."""
    user, now = acting_as(as_user, DRAFT), timezone.now()
    where = access.area_to(DRAFT, user, area, now=now)
    asked = drafting.ask_draft(actor=user, area_code=where.code, wish=wish, now=now)
    claimed = drafting.claim(actor=user, now=now, draft_id=asked.pk)
    with _watching():
        if claimed is not None:
            computing.compute(*claimed)
    made = plans.draft(asked.pk)
    console.print(_("草案 {id}：{state}").format(id=made.pk, state=DraftState(made.state).label), markup=False)
    if made.head is None:
        console.print(refusal_words(made.refusal), style="bold red", markup=False)
        raise typer.Exit(IMPOSSIBLE)
    columns = _columns(made.head.figures, plan_figures.metis_figures(made))
    return columns, drafts.certificates(made, made.head), drafts.plan_geojson(made)


def _of_grids(area: str, as_user: str, wish: Wish, file: Path, console: Console) -> tuple[Columns, list[str], str]:
    """Make a draft of grids drawn elsewhere: each building goes with the grid it lies in."""
    user, now = acting_as(as_user, DRAFT), timezone.now()
    where = access.area_to(DRAFT, user, area, now=now)
    shapes, arrays = read_grids(file), ground.problem_of(where.code, on=timezone.localdate(now))
    if not len(arrays):
        console.print(refusal_words({"code": computing.NO_BUILDINGS}), style="bold red", markup=False)
        raise typer.Exit(IMPOSSIBLE)
    drawn, outside = lying_in(shapes, arrays.lonlat)
    grid = living_on(drawn, arrays.present, len(arrays.grid_ids), arrays.households, arrays.community)
    bounds, params = Bounds(wish.lowest, wish.highest), params_of(dict(wish.weights))
    figures, metis = figures_of(arrays, grid, bounds, params), figures_beside(arrays, grid, bounds, params)
    outcome = Outcome(grid, figures, yardstick=metis)
    made = drafting.take_in(actor=user, area_code=where.code, wish=wish, arrays=arrays, outcome=outcome, now=now)
    console.print(_("草案 {id}：{state}").format(id=made.pk, state=DraftState(made.state).label), markup=False)
    outside_words = [_("{count} 栋楼不在任何网格里，已归入最近的网格。").format(count=outside)] if outside else []
    return _columns(figures, outcome.yardstick), outside_words, drafts.plan_geojson(made)


def _figures(columns: Columns) -> Table:
    table = Table(_("指标"), *columns)
    for name, label, kind in FIGURES:
        cells = [plan_figures.figure(figures[name], kind) if name in figures else "—" for figures in columns.values()]
        table.add_row(str(label), *cells)
    return table


def compare(
    first: Annotated[int, typer.Argument(help=_("草案编号"))],
    second: Annotated[int, typer.Argument(help=_("草案编号"))],
    as_user: AsUser,
    out: Annotated[Path | None, typer.Option(help=_("网格不同的楼栋写到哪个 GeoJSON 文件"))] = None,
) -> None:
    """比较两份草案、现状和通用软件 METIS。 Compare two drafts, today's grids and METIS."""
    user, now, console = acting_as(as_user, SEE), timezone.now(), Console()
    with told_and_ended():
        one, other = (access.draft_to(SEE, user, pk, now=now) for pk in (first, second))
        page = comparing.comparison(one, other)
        if out is not None:
            out.write_text(comparing.differs_geojson(one, other), encoding="utf-8")
    columns: Columns = {_("现状"): plan_figures.present_figures(one)}
    columns |= {comparing.numbered(item): item.head.figures for item in (one, other) if item.head}
    columns |= plan_figures.metis_columns(one, other)
    console.print(_figures(columns))
    console.print(
        _("{buildings} 栋楼、{households} 户在两份草案中的网格不同。").format(
            buildings=page.buildings, households=page.households
        )
    )


def publish(
    draft_id: Annotated[int, typer.Argument(help=_("草案编号"))],
    as_user: AsUser,
    from_date: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help=_("从哪天起；不写则今天"))
    ] = None,
    reason: Annotated[str, typer.Option(help=_("户数超出范围的理由"))] = "",
) -> None:
    """让草案从某天起生效。 Put a draft in force from a day on."""
    user, now = acting_as(as_user, PUBLISH), timezone.now()
    with told_and_ended():
        found: Draft = access.draft_to(PUBLISH, user, draft_id, now=now)
        if found.head_id is None:
            raise drafts.NoPlanYet
        day = from_date.date() if from_date else timezone.localdate(now)
        made = publishing.schedule(actor=user, draft=found, seen=found.head_id, from_date=day, reason=reason, now=now)
        state = publishing.carry_out(actor=user, publication_id=made.pk, now=now)
    made.refresh_from_db()
    told = {
        PublicationState.CARRIED_OUT: _("已生效。"),
        PublicationState.SCHEDULED: _("已定生效日期：{day}").format(day=day.isoformat()),
    }
    typer.echo(told.get(state) or refusal_words(made.refusal))
    if state == PublicationState.SENT_BACK:
        raise typer.Exit(IMPOSSIBLE)
