"""`mulin plan circle`: the 15-minute life circle of an area at the terminal."""

import json
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.refusals import told_and_ended
from mulin.domains.places import queries as places
from mulin.domains.planning.pages.circle import NoGround, circle_answer, circle_geojson
from mulin.domains.planning.queries.circle import circle_of


def circle(
    area: Annotated[str, typer.Argument(help=_("12 位区划代码：区县、街道或社区"))],
    as_json: Annotated[bool, typer.Option("--json", help=_("输出 JSON"))] = False,
    as_geojson: Annotated[bool, typer.Option("--geojson", help=_("输出 GeoJSON：每栋楼到各种设施的步行米数"))] = False,
) -> None:
    """15 分钟生活圈：谁够得着什么，缺什么。 Who reaches what on foot."""
    with told_and_ended():
        asked = places.area_by_code(area)
        found = circle_of(asked.code, on=timezone.localdate(timezone.now()))
        if found is None:
            raise NoGround
    if as_geojson:
        typer.echo(circle_geojson(found))
        return
    answer = circle_answer(found, asked)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    table = Table(title=_("{name}：得分 {score}").format(name=asked.name, score=answer["score"]))
    for heading in (_("设施"), _("步行不超过"), _("现有"), _("够得着的住户"), _("够不着")):
        table.add_column(heading)
    for line in answer["kinds"]:
        metres, share = _("{metres} 米").format(metres=line["metres"]), f"{100 * line['share']:.1f}%"
        table.add_row(line["name"], metres, str(line["facilities"]), share, str(line["unserved_households"]))
    Console().print(table)
    if answer["makeshift_network"]:
        Console(stderr=True).print(_("没有登记道路，距离按楼与楼之间的直线×1.3 估算。"))
