"""`mulin rates`: the three rates of an area, as figures or as JSON to compare with."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from mulin.commands.people import acting_as
from mulin.commands.refusals import told_and_ended
from mulin.domains.cases.pages.rates import period_of
from mulin.domains.cases.queries import rates as queries
from mulin.domains.cases.rules import Rates
from mulin.domains.places import queries as places

DAYS = ["%Y-%m-%d"]
SHARES = ("responded", "solved", "satisfied", "rated", "in_time", "returned", "reopened")


def rates(
    area: Annotated[str, typer.Option(help=_("12 位区划代码"))],
    as_user: Annotated[str, typer.Option("--as", help=_("以谁的身份：只计这个人看得到的事项"))],
    first: Annotated[datetime | None, typer.Option("--from", formats=DAYS, help=_("从哪天起；不写则为本月"))] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help=_("到哪天止，含当天"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("写成 JSON"))] = False,
) -> None:
    """响应率、解决率、满意率及相伴的数字。 The three rates and what stands beside them."""
    user, now = acting_as(as_user, "cases.see_rates"), timezone.now()
    days = {name: f"{day:%Y-%m-%d}" for name, day in (("first", first), ("last", last)) if day}
    with told_and_ended():
        code = places.area_by_code(area).code
        period = period_of(days, now=now)
        definitions = queries.definitions(code, period)
        tallies = queries.tallies(user, code, period, now=now, excluded=definitions.excluded)
    by_area = queries.summed(tallies, lambda key: key[0].ljust(12, "0"))
    total = queries.summed(tallies, lambda key: "").get("", queries.Tally())
    found = {code: total.rates(definitions.by_code)}
    found |= {child: tally.rates(definitions.by_code) for child, tally in sorted(by_area.items()) if child != code}
    if as_json:
        typer.echo(json.dumps({key: asdict(one) for key, one in found.items()}, ensure_ascii=False, indent=2))
        return
    Console().print(_table(found))


def _table(found: dict[str, Rates]) -> Table:
    table = Table()
    names = (_("响应率"), _("解决率"), _("满意率"), _("评价率"), _("按期办结率"), _("退单率"), _("重办率"))
    for heading in (_("区域"), *names, _("首次联系（分钟，中位数）")):
        table.add_column(heading)
    known = places.areas.get()
    for code, one in found.items():
        shares = [getattr(one, name) for name in SHARES]
        cells = ["—" if s.value is None else f"{s.value:.1%} ({s.part:g}/{s.whole})" for s in shares]
        minutes = "—" if one.median_minutes is None else f"{one.median_minutes:.0f} ({one.contacted})"
        table.add_row(known[code].name if code in known else code, *cells, minutes)
    return table
