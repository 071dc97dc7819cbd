"""`mulin plan staff`: who should work in which grid, and what it saves over "nearest first"."""

import json
from typing import Annotated, Any

import typer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.core.listed import listed
from mulin.domains.places import queries as places
from mulin.domains.planning import access
from mulin.domains.planning.models import StaffingDraft
from mulin.domains.planning.pages.staffing import (
    STAYS,
    PersonRow,
    StaffingPage,
    metres,
    staffing_geojson,
    staffing_page,
)
from mulin.domains.planning.queries import staffing as queries
from mulin.domains.planning.services import staffing as services
from mulin.domains.planning.services.staffing import StaffingWish


def staff(
    area: Annotated[str, typer.Argument(help=_("12 位区划代码：街道或社区"))],
    post: Annotated[str, typer.Option(help=_("岗位代码：grid_worker、grid_leader、first_grid_leader"))] = "grid_worker",
    lowest: Annotated[int, typer.Option(min=0, help=_("每格至少几人"))] = 1,
    highest: Annotated[int, typer.Option(min=1, help=_("每格至多几人"))] = 1,
    change: Annotated[int, typer.Option(min=0, help=_("少走多少米才值得换人"))] = 300,
    farthest: Annotated[int | None, typer.Option(min=1, help=_("最远不超过多少米"))] = None,
    fairest: Annotated[bool, typer.Option("--fairest", help=_("先让走得最远的人少走"))] = False,
    person: Annotated[list[str] | None, typer.Option(help=_("另外加入的人的用户名，可写多次"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("输出 JSON"))] = False,
    as_geojson: Annotated[
        bool, typer.Option("--geojson", help=_("输出 GeoJSON：网格，和要调整的人到网格的连线"))
    ] = False,
    save: Annotated[bool, typer.Option("--save", help=_("存成草案，在页面上继续调整和发布"))] = False,
) -> None:
    """把人员安排到网格：总路程最短，规则都守住。 Assign staff to grids, exactly."""
    console = Console()
    wish = StaffingWish(lowest, highest, change, farthest, fairest)
    with told_and_ended(), transaction.atomic():
        draft = _draft(area, post, wish, person or [])
        page = staffing_page(draft, now=timezone.now())
        answer = _answer(draft, page, is_saved=save)
        if not save:
            transaction.set_rollback(True)
    if as_geojson:
        typer.echo(json.dumps(staffing_geojson(page), ensure_ascii=False))
        return
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    _show(answer, console)


def _draft(area: str, post: str, wish: StaffingWish, usernames: list[str]) -> StaffingDraft:
    now = timezone.now()
    others = queries.people_named(usernames)
    unknown = sorted(set(usernames) - {one.username for one in others})
    if unknown:
        raise typer.BadParameter(_("没有用户名 {names}。").format(names=listed(unknown)), param_hint="--person")
    return services.make_staffing(
        actor=None,
        area_code=places.area_by_code(area).code,
        post=access.grid_post(post, now=now),
        wish=wish,
        now=now,
        others=others,
    )


def _answer(draft: StaffingDraft, page: StaffingPage, *, is_saved: bool) -> dict[str, Any]:
    return {
        "draft": draft.pk if is_saved else None,
        "area": page.area,
        "post": page.post,
        "figures": draft.figures,
        "problems": list(page.problems),
        "empty_grids": list(page.empty_grids),
        "people": [_person(row) for row in page.rows_by_change],
    }


def _person(row: PersonRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "change": row.change,
        "word": row.word,
        "present": row.present,
        "proposed": row.proposed,
        "before": row.before,
        "after": row.after,
    }


def _show(answer: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{answer['area']} · {answer['post']}")
    for heading in (_("姓名"), _("变动"), _("现在"), _("拟安排"), _("距离")):
        table.add_column(heading)
    for one in answer["people"]:
        style = None if one["change"] == STAYS else "bold"
        table.add_row(
            one["name"], one["word"], one["present"], one["proposed"], f"{one['before']} → {one['after']}", style=style
        )
    console.print(table)
    figures = answer["figures"]
    console.print(
        _("路程合计 {total}，最远 {farthest}；“谁近谁先”要走 {greedy}，最远 {greedy_farthest}。").format(
            total=metres(figures["total_m"]),
            farthest=metres(figures["farthest_m"]),
            greedy=metres(figures["greedy_total_m"]),
            greedy_farthest=metres(figures["greedy_farthest_m"]),
        )
    )
    console.print(_("与最优之差：{gap}").format(gap=metres(figures["gap_m"])))
    for problem in answer["problems"]:
        console.print(problem, style="yellow", markup=False)
    if answer["empty_grids"]:
        console.print(_("没有人的网格：{grids}").format(grids=listed(answer["empty_grids"])), markup=False)
    if answer["draft"]:
        console.print(_("已存为草案 {number}。").format(number=answer["draft"]))
