"""`mulin plan merge`: several departments' grids into one net, with a table of what answers for the old codes."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import shapely
import typer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.core.listed import listed
from mulin.core.tables import check_suffix, write_table
from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.nets.merging import Merged
from mulin.domains.planning.pages.nets import Compared, compared, cross_walk_table, problem_line
from mulin.domains.planning.queries.plans import boundaries_of
from mulin.domains.planning.rules.outlines import cells, outlines
from mulin.domains.planning.services import nets as services
from mulin.kernels.partition.problem import Bounds

COLUMNS = (
    "department", "old_code", "old_name", "new_grid", "households", "share_households", "share_area", "is_main",
)  # fmt: skip


def merge(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=_("各部门的网格：GeoJSON、xlsx …"))],
    area: Annotated[str, typer.Option(help=_("12 位区划代码：在哪个范围内并网"))],
    out: Annotated[Path | None, typer.Option(help=_("一张网写到哪个 GeoJSON 文件"))] = None,
    crosswalk: Annotated[Path | None, typer.Option(help=_("新旧编码对照表写到哪个 csv 或 xlsx 文件"))] = None,
    crs: Annotated[str, typer.Option(help=_("坐标系：CGCS2000、GCJ02、BD09、FILE 或 EPSG 代码"))] = "CGCS2000",
    department: Annotated[str, typer.Option(help=_("文件里没有部门列时的部门名称"))] = "",
    lowest: Annotated[int, typer.Option(min=0, help=_("每格户数下限"))] = 300,
    highest: Annotated[int, typer.Option(min=1, help=_("每格户数上限"))] = 500,
    seconds: Annotated[float, typer.Option(min=0.1, help=_("计算几秒"))] = 10.0,
    repair: Annotated[bool, typer.Option("--repair", help=_("自动修正自相交的边界"))] = False,
    save: Annotated[bool, typer.Option("--save", help=_("保存各部门网格，并存成网格草案"))] = False,
) -> None:
    """几张网并成一张：改动最少，旧编码照样查得到。 Merge several nets into one."""
    console, bounds = Console(), Bounds(lowest, max(lowest, highest))
    with told_and_ended():
        if crosswalk is not None:
            check_suffix(crosswalk)
        laid = services.lay_files(
            actor=None, area_code=area, paths=files, crs=crs, department=department, repair=repair, now=timezone.now()
        )
        for problem in laid.read.problems:
            console.print(problem_line(problem), style="yellow", markup=False)
        _show(compared(laid, bounds), console)
        merged = services.merge_laid(actor=None, laid=laid, bounds=bounds, seconds=seconds)
        _tell(merged, console)
        if out is not None:
            out.write_text(json.dumps(_geojson(merged), ensure_ascii=False), encoding="utf-8")
        if crosswalk is not None:
            rows = cross_walk_table(merged)
            write_table(crosswalk, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
        if save:
            _save(laid, merged, bounds, console)


def _show(found: Compared, console: Console) -> None:
    table = Table(
        title=_("{buildings} 栋楼，{households} 户").format(buildings=found.buildings, households=found.households)
    )
    headings = (
        _("部门"),
        _("网格"),
        _("不在任何网格的楼"),
        _("在几个网格里的楼"),
        _("户数超出范围"),
        _("不相连"),
        _("重叠（公顷）"),
    )
    for heading in headings:
        table.add_column(heading)
    for net in found.nets:
        numbers = (net.grids, net.without_grid, net.in_several, net.outside, net.broken)
        table.add_row(net.department, *map(str, numbers), f"{net.overlap_ha:.2f}")
    console.print(table)
    for one in found.differences:
        console.print(
            _("{first} 与 {second}：{households} 户对不上（{share:.1%}），{area:.1f} 公顷").format(
                first=one.first, second=one.second, households=one.households, share=one.share, area=one.area_ha
            )
        )
    for net in found.nets:
        if net.unknown:
            said = _("{department}：找不到 {count} 栋楼，例如 {name}")
            console.print(said.format(department=net.department, count=len(net.unknown), name=net.unknown[0]))


def _tell(merged: Merged, console: Console) -> None:
    chosen = merged.result.proposals[0]
    names = [one.net.department for one in merged.laid]
    changed = listed(f"{name} {count}" for name, count in zip(names, chosen.changed, strict=True))
    console.print(
        _("一张网：{grids} 个网格；换网格的住户：{changed}（任何一张网都不会少于 {bound:.0f}）。").format(
            grids=int(merged.result.grid.max()) + 1, changed=changed, bound=merged.result.bound
        )
    )
    if chosen.outside:
        console.print(_("{count} 个网格户数超出范围。").format(count=chosen.outside), style="yellow")


def _geojson(merged: Merged) -> dict[str, Any]:
    """The one net, grid by grid, in degrees."""
    arrays, grid = merged.arrays, merged.result.grid
    if merged.result.outlines:
        plane = Plane.around(arrays.lonlat)
        shapes = shapely.transform(np.array(merged.result.outlines, dtype=object), plane.to_degrees)
        drawn = dict(enumerate(shapes))
    else:
        drawn = outlines(cells(arrays.lonlat, arrays.community, boundaries_of(arrays)), grid)
    households = np.bincount(grid, arrays.households)
    features = [
        {
            "type": "Feature",
            "id": number + 1,
            "properties": {
                "grid": number + 1,
                "households": int(households[number]),
                "buildings": int((grid == number).sum()),
                "area_code": str(arrays.community_codes[arrays.community[np.flatnonzero(grid == number)[0]]]),
            },
            "geometry": shapely.geometry.mapping(shape),
        }
        for number, shape in sorted(drawn.items())
    ]
    return {"type": "FeatureCollection", "features": features}


def _save(laid: services.LaidNets, merged: Merged, bounds: Bounds, console: Console) -> None:
    now = timezone.now()
    with transaction.atomic():
        services.keep_nets(actor=None, laid=laid, now=now)
        draft = services.draft_of_merge(
            actor=None, area_code=laid.area_code, merged=merged, bounds=bounds, name=_("并网方案"), now=now
        )
    console.print(_("已存为网格草案 {number}。").format(number=draft.pk))
