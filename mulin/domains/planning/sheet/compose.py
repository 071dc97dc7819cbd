"""The whole sheet: title, map, legend, list of grids, foot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from mulin.domains.planning.queries.sheets import SheetFacts, SheetGrid
from mulin.domains.planning.sheet import svg
from mulin.domains.planning.sheet.ground import AROUND_MM, BUILDING, GREEN, INK, RED, WATER, GroundMap
from mulin.domains.planning.sheet.labels import Line, width_of
from mulin.domains.planning.sheet.plane import Frame, Paper

MARGIN, HEAD, FOOT, GAP = 11.0, 27.0, 12.0, 4.0
PANEL_WIDTH, LEGEND_HEIGHT = 112.0, 34.0
LONG_MM, SHORT_MM = 420.0, 297.0
ROW_MOST, ROW_LEAST = 6.2, 3.6
LONGEST_NAME = 9
STREET_SIZE, COMMUNITY_SIZE = (2.9, 2.3), (3.6, 2.7)
DEDICATED_SWATCH = "url(#dedicated)"


@dataclass(frozen=True)
class Layout:
    """Where things stand: the map beside its list on a wide sheet, above it on a high one."""

    width: float
    height: float
    map: Frame
    legend: Frame
    table: Frame
    columns: int


def layout_for(facts: SheetFacts) -> Layout:
    """Return the sheet, wide or high, on which the area is drawn larger."""
    rows = len(facts.grids) + len(facts.parts)
    sheets = (_wide(rows), _high(rows))
    return min(sheets, key=lambda sheet: Paper.fit(facts.box, sheet.map, margin_mm=AROUND_MM).metres_per_mm)


def _wide(rows: int) -> Layout:
    body = SHORT_MM - 2 * MARGIN - HEAD - FOOT
    columns = 1 if rows * ROW_LEAST <= body - LEGEND_HEIGHT - GAP else 2
    panel = PANEL_WIDTH * columns
    left = LONG_MM - MARGIN - panel
    top = MARGIN + HEAD
    return Layout(
        LONG_MM,
        SHORT_MM,
        map=Frame(MARGIN, top, left - MARGIN - GAP, body),
        legend=Frame(left, top, panel, LEGEND_HEIGHT),
        table=Frame(left, top + LEGEND_HEIGHT + GAP, panel, body - LEGEND_HEIGHT - GAP),
        columns=columns,
    )


def _high(rows: int) -> Layout:
    columns = 2
    table = min(max(-(-rows // columns) * ROW_MOST + ROW_MOST, LEGEND_HEIGHT), 130.0)
    inside = SHORT_MM - 2 * MARGIN
    top = MARGIN + HEAD
    body = LONG_MM - 2 * MARGIN - HEAD - FOOT - table - GAP - LEGEND_HEIGHT / 2 - GAP
    below = top + body + GAP
    return Layout(
        SHORT_MM,
        LONG_MM,
        map=Frame(MARGIN, top, inside, body),
        legend=Frame(MARGIN, below, inside, LEGEND_HEIGHT / 2),
        table=Frame(MARGIN, below + LEGEND_HEIGHT / 2 + GAP, inside, table),
        columns=columns,
    )


def sheet_svg(facts: SheetFacts) -> str:
    """Return the whole sheet as one SVG, every mark and letter in it."""
    layout = layout_for(facts)
    names = {grid.id: short_name(grid, facts) for grid in facts.grids}
    is_community = not facts.parts
    drawing = GroundMap(
        facts,
        layout.map,
        [_wordings(grid, names[grid.id], is_community=is_community) for grid in facts.grids],
        with_building_names=is_community,
    )
    marks = [
        svg.rectangle(0, 0, layout.width, layout.height, fill="#ffffff"),
        *drawing.marks(),
        *_head(facts, layout),
        *_legend(layout.legend, is_community=is_community, has_micro=bool(facts.micro)),
        *_table(facts, layout, names, drawing.colours),
        *_foot(facts, layout),
    ]
    return svg.document(marks, width_mm=layout.width, height_mm=layout.height, title=title_of(facts))


def title_of(facts: SheetFacts) -> str:
    return _("{area}网格分布图").format(area=facts.area.name)


def short_name(grid: SheetGrid, facts: SheetFacts) -> str:
    """Return a grid's name without the name of its community, which stands beside it anyway."""
    known = (facts.area.name, *(part.name for part in facts.parts))
    return next((grid.name.removeprefix(one) for one in known if grid.name.startswith(one)), grid.name) or grid.name


def _wordings(grid: SheetGrid, name: str, *, is_community: bool) -> list[list[Line]]:
    """The labels a grid may have on the map, the fullest first."""
    large, small = COMMUNITY_SIZE if is_community else STREET_SIZE
    title = [Line(part, large, bold=True) for part in _in_two(name)]
    code = Line(grid.code, small)
    homes = [Line(_("{count} 户").format(count=grid.households), small)] if grid.households else []
    if grid.coordinator is None:
        vacant = Line(_("待任命"), small)
        return [[*title, code, vacant, *homes], [*title, vacant, *homes], [*title, vacant], title]
    person = Line(f"{_post(grid)} {grid.coordinator.name}", small)
    name_only, phone = Line(grid.coordinator.name, small), Line(grid.coordinator.work_phone, small)
    return [
        [*title, code, person, phone, *homes],
        [*title, person, phone],
        [*title, name_only, phone],
        [*title, name_only],
        title,
    ]


def _in_two(name: str) -> list[str]:
    """A long name stands on two lines."""
    half = -(-len(name) // 2)
    return [name] if len(name) <= LONGEST_NAME else [name[:half], name[half:]]


def _post(grid: SheetGrid) -> str:
    if grid.coordinator is None:
        return ""
    return grid.coordinator.post_en if (get_language() or "").startswith("en") else grid.coordinator.post_zh


def _day(facts: SheetFacts) -> str:
    return str(date_format(facts.on, pgettext("date format", "Y年n月j日")))


def _head(facts: SheetFacts, layout: Layout) -> Iterator[str]:
    middle = layout.width / 2
    yield svg.strong(title_of(facts), middle, MARGIN + 8.5, 13.0, text_anchor="middle", fill=RED)
    households = sum(grid.households for grid in facts.grids)
    buildings = sum(grid.buildings for grid in facts.grids)
    said = _("共 {grids} 个网格 · {buildings} 栋楼 · {households} 户").format(
        grids=len(facts.grids), buildings=buildings, households=f"{households:,}"
    )
    yield svg.text(said, middle, MARGIN + 20.5, 4.2, text_anchor="middle")
    yield svg.line(MARGIN, MARGIN + 24.5, layout.width - MARGIN, MARGIN + 24.5, stroke=RED, stroke_width=0.8)


def _foot(facts: SheetFacts, layout: Layout) -> Iterator[str]:
    y = layout.height - MARGIN - 3.5
    office = _("发布单位：{office}").format(office=facts.office)
    day = _("网格以 {day} 为准").format(day=_day(facts))
    yield svg.text(office, MARGIN, y, 4.0)
    yield svg.text(day, layout.width / 2, y, 4.0, text_anchor="middle")
    source = _("CGCS2000 坐标 · 示意图，不作权属和划界依据")
    yield svg.text(source, layout.width - MARGIN, y, 3.0, text_anchor="end", fill="#6b6f75")


def _legend(frame: Frame, *, is_community: bool, has_micro: bool) -> Iterator[str]:
    yield svg.strong(_("图例"), frame.x, frame.y + 3.0, 4.2, fill=RED)
    marks = _legend_marks(is_community=is_community, has_micro=has_micro)
    columns = 3 if frame.width < 150 else 5
    wide = frame.width / columns
    for place, (mark, words) in enumerate(marks):
        row, column = divmod(place, columns)
        x, y = frame.x + column * wide, frame.y + 9.6 + row * 6.2
        yield svg.group([mark], transform=f"translate({svg.number(x)} {svg.number(y)})")
        yield svg.text(words, x + 12.5, y, 3.0)


def _legend_marks(*, is_community: bool, has_micro: bool) -> list[tuple[str, str]]:
    box = (0.0, -2.0, 10.0, 4.0)
    marks = [
        (svg.line(0.0, 0.0, 10.0, 0.0, stroke=RED, stroke_width=1.2), _("范围界线")),
        (svg.rectangle(*box, fill="#fdf3bf", stroke=INK, stroke_width=0.55), _("网格")),
        (svg.rectangle(*box, fill=DEDICATED_SWATCH, stroke=INK, stroke_width=0.55), _("专属网格")),
        (svg.rectangle(*box, fill=BUILDING, fill_opacity=0.55, stroke="#55585e", stroke_width=0.12), _("楼栋")),
        (svg.rectangle(*box, fill="#ffffff", stroke="#a9a49a", stroke_width=0.3), _("道路")),
        (svg.rectangle(*box, fill=WATER), _("水面")),
        (svg.rectangle(*box, fill=GREEN), _("绿地")),
    ]
    if not is_community:
        border = svg.line(0.0, 0.0, 10.0, 0.0, stroke=RED, stroke_width=0.8, stroke_dasharray="4 1.2 0.9 1.2")
        marks.insert(1, (border, _("社区界线")))
    if has_micro:
        dashes = svg.line(0.0, 0.0, 10.0, 0.0, stroke=INK, stroke_width=0.25, stroke_dasharray="1 0.8")
        marks.append((dashes, _("微网格界线")))
    return marks


@dataclass(frozen=True)
class Column:
    """One column of the list of grids: where it begins within a panel of PANEL_WIDTH, how wide, and its heading."""

    x: float
    width: float
    heading: str
    anchor: str = "start"


def _columns() -> list[Column]:
    return [
        Column(6.0, 30.0, _("网格")),
        Column(37.0, 24.0, _("编码")),
        Column(63.0, 9.0, _("户数"), "end"),
        Column(76.0, 16.0, _("负责人")),
        Column(92.5, 18.5, _("工作电话")),
    ]


def _table(facts: SheetFacts, layout: Layout, names: dict[int, str], colours: Sequence[str]) -> Iterator[str]:
    rows = _rows(facts, colours)
    per_column = -(-len(rows) // layout.columns) or 1
    height = min(max(layout.table.height / (per_column + 1), ROW_LEAST), ROW_MOST)
    size = min(height * 0.52, 2.9)
    wide = layout.table.width / layout.columns
    for column in range(layout.columns):
        chosen = rows[column * per_column : (column + 1) * per_column]
        if chosen:
            frame = Frame(
                layout.table.x + column * wide, layout.table.y, wide - (GAP if column + 1 < layout.columns else 0), 0
            )
            yield from _panel(chosen, frame, names, height, size)


Row = tuple[SheetGrid, str] | str
"""A grid with its colour, or the name of the community that the grids below belong to."""


def _rows(facts: SheetFacts, colours: Sequence[str]) -> list[Row]:
    names = {part.code: part.name for part in facts.parts}
    rows: list[Row] = []
    community = ""
    for grid, colour in zip(facts.grids, colours, strict=True):
        if grid.area_code in names and grid.area_code != community:
            community = grid.area_code
            rows.append(names[community])
        rows.append((grid, colour))
    return rows


def _panel(rows: Sequence[Row], frame: Frame, names: dict[int, str], height: float, size: float) -> Iterator[str]:
    columns = _columns()
    stretch = frame.width / PANEL_WIDTH
    y = frame.y + height / 2
    for column in columns:
        yield _cell(column.heading, column, frame.x, y, size, stretch, fill=RED)
    for row in rows:
        y += height
        yield svg.line(frame.x, y - height / 2, frame.right, y - height / 2, stroke="#d8d3ca", stroke_width=0.18)
        if isinstance(row, str):
            yield svg.strong(row, frame.x, y, size * 1.08, fill=RED)
            continue
        grid, colour = row
        yield svg.rectangle(frame.x, y - height * 0.32, 4.4, height * 0.64, fill=colour, stroke=INK, stroke_width=0.15)
        if grid.is_dedicated:
            yield svg.rectangle(frame.x, y - height * 0.32, 4.4, height * 0.64, fill=DEDICATED_SWATCH)
        for column, words in zip(columns, _cells(grid, names[grid.id]), strict=True):
            yield _cell(words, column, frame.x, y, size, stretch)


def _cells(grid: SheetGrid, name: str) -> tuple[str, ...]:
    person = grid.coordinator
    homes = f"{grid.households:,}" if grid.households else "—"
    return name, grid.code, homes, person.name if person else _("待任命"), person.work_phone if person else ""


def _cell(words: str, column: Column, left: float, y: float, size: float, stretch: float, **attributes: str) -> str:
    """Set words into a column, smaller where they would run over."""
    room = column.width * stretch
    wide = width_of(words, size)
    fitted = size if wide <= room else size * room / wide
    x = left + (column.x + (column.width if column.anchor == "end" else 0.0)) * stretch
    return svg.text(words, x, y, fitted, text_anchor=column.anchor, **attributes)
