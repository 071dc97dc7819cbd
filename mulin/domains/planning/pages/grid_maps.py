"""What the page of the grid map shows, and the sheet itself as SVG or PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.domains.places import queries as places
from mulin.domains.places.queries import Area
from mulin.domains.planning.queries.sheets import SheetFacts, sheet_facts
from mulin.domains.planning.sheet.compose import layout_for, sheet_svg, title_of
from mulin.domains.planning.sheet.paper import sheet_pdf

MOST_GRIDS = 130
"""What the list beside the map has room for in letters that can be read."""


class TooManyGrids(Invalid):
    code = "sheet_too_many_grids"
    sentence = _("这个范围内的网格太多，一张 A3 图上看不清。")
    remedy = _("请选择一个街道或社区。")


class NothingToDraw(Invalid):
    code = "sheet_nothing_to_draw"
    sentence = _("这一天这个范围内还没有画好的网格。")
    remedy = _("请换一个日期，或先划定网格。")


class DayInvalid(Invalid):
    code = "sheet_day_invalid"
    sentence = _("日期有误。")
    remedy = _("请按 年-月-日 填写，例如 2026-03-04。")


@dataclass(frozen=True)
class GridMapPage:
    """The choice of area and day; `problem` says why there is nothing to download."""

    area: Area
    on: date
    areas: Sequence[Area]
    grids: int
    households: int
    problem: Invalid | None


def day_asked(text: str, *, today: date) -> date:
    """Return the day somebody wrote, or today; raise DayInvalid."""
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        raise DayInvalid from None


def grid_map_page(area: Area, *, own: Area, on: date) -> GridMapPage:
    facts = sheet_facts(area, on=on)
    return GridMapPage(
        area=area,
        on=on,
        areas=_areas_below(own),
        grids=len(facts.grids),
        households=sum(grid.households for grid in facts.grids),
        problem=_problem(facts),
    )


def _areas_below(own: Area) -> list[Area]:
    """The person's area with the streets and communities in it, by code."""
    first, last = places.code_range(own.code)
    known = places.areas.get()
    return [known[code] for code in sorted(known) if first <= code <= last]


def _problem(facts: SheetFacts) -> Invalid | None:
    if not facts.grids:
        return NothingToDraw()
    return TooManyGrids() if len(facts.grids) > MOST_GRIDS else None


def _drawable(area: Area, on: date) -> SheetFacts:
    facts = sheet_facts(area, on=on)
    problem = _problem(facts)
    if problem is not None:
        raise problem
    return facts


def grid_map_svg(area: Area, *, on: date) -> bytes:
    """Return the sheet as SVG. Raises NothingToDraw, TooManyGrids."""
    return sheet_svg(_drawable(area, on)).encode()


def grid_map_pdf(area: Area, *, on: date) -> bytes:
    """Return the sheet as PDF of A3. Raises NothingToDraw, TooManyGrids."""
    facts = _drawable(area, on)
    layout = layout_for(facts)
    return sheet_pdf(sheet_svg(facts), width_mm=layout.width, height_mm=layout.height, title=title_of(facts))
