"""Departments' grids from files: outlines with a code, or tables that list the buildings of each grid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from mulin.core.errors import Invalid, Text
from mulin.core.listed import listed
from mulin.domains.planning.importing.coordinates import Named, to_ours
from mulin.domains.planning.importing.reading import Source, read_source

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "department": ("department", "dept", "部门", "部门名称", "单位"),
    "code": ("code", "grid_code", "编码", "网格编码", "网格代码", "编号", "网格编号"),
    "name": ("name", "grid_name", "名称", "网格名称", "网格"),
    "buildings": ("buildings", "building", "building_code", "楼栋", "楼栋编码", "楼栋清单", "包含楼栋"),
}
SEPARATORS = str.maketrans(dict.fromkeys("，,；;、|/\n\t", "\n"))
LONGEST = {"department": 60, "code": 60, "name": 100}
AREAS = ("Polygon", "MultiPolygon")


class NetFileUnusable(Invalid):
    code = "net_file_unusable"
    sentence = _("文件里没有可用的网格。")
    remedy = _("每行要有网格编码，以及边界图形或楼栋清单；部门名称写在“部门”列或另行指定。")


@dataclass(frozen=True)
class OldGrid:
    """A department's grid: its outline in degrees, or the buildings it lists as somebody wrote them."""

    code: str
    name: str = ""
    outline: BaseGeometry | None = None
    buildings: tuple[str, ...] = ()


@dataclass(frozen=True)
class OldNet:
    department: str
    grids: tuple[OldGrid, ...]


@dataclass(frozen=True)
class RowProblem:
    """A row that was not taken, or taken after a repair, and why."""

    file: str
    row: int
    said: Text


@dataclass
class ReadNets:
    nets: list[OldNet] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def read_nets(paths: Iterable[Path], *, crs: str, shift: Any, department: str = "", repair: bool = False) -> ReadNets:
    """Return the nets of some files, one per department, and the rows that cannot be used.

    A file without a column for the department is that of `department`, else of its own name. Crossed outlines are
    mended only when told to. Raises NetFileUnusable when nothing is left.
    """
    read = ReadNets()
    grids: dict[str, dict[str, OldGrid]] = {}
    for path in paths:
        source = read_source(path)
        columns = _columns(source)
        shapes = _shapes(source, crs, shift)
        for row in range(len(source)):
            owner = _cell(source, columns, "department", row) or department or path.stem[: LONGEST["department"]]
            found = _grid(source, columns, shapes, row, repair=repair)
            if isinstance(found, OldGrid):
                own = grids.setdefault(owner, {})
                own[found.code] = _joined(own.get(found.code), found)
            else:
                read.problems.append(RowProblem(path.name, source.numbers[row], found))
    read.nets = [OldNet(owner, tuple(own.values())) for owner, own in grids.items()]
    if not read.nets:
        raise NetFileUnusable(problems=[f"{one.file}:{one.row} {one.said}" for one in read.problems[:20]])
    return read


def _columns(source: Source) -> dict[str, str]:
    """Return field → column by the names people give them."""
    known = {column.strip().lower(): column for column in source.columns}
    found = {field: next((known[name] for name in names if name in known), "") for field, names in COLUMNS.items()}
    if not found["code"]:
        raise NetFileUnusable(
            format_lazy(_("文件里没有网格编码列；有的列：{columns}"), columns=listed(source.columns[:20]))
        )
    return found


def _shapes(source: Source, crs: str, shift: Any) -> Sequence[BaseGeometry | None]:
    if source.shapes is None:
        return [None] * len(source)
    return list(to_ours(np.asarray(source.shapes, dtype=object), Named.of(crs, source.crs), shift))


def _cell(source: Source, columns: Mapping[str, str], field: str, row: int) -> str:
    column = columns[field]
    return str(source.cells[column][row]).strip()[: LONGEST.get(field)] if column else ""


def _grid(
    source: Source, columns: Mapping[str, str], shapes: Sequence[BaseGeometry | None], row: int, *, repair: bool
) -> OldGrid | Text:
    """Return the grid of a row, or why it cannot be used."""
    code = _cell(source, columns, "code", row)
    if not code:
        return _("没有网格编码。")
    outline = shapes[row]
    written = _cell(source, columns, "buildings", row)
    buildings = tuple(part.strip() for part in written.translate(SEPARATORS).split("\n") if part.strip())
    if outline is not None and not outline.is_empty:
        if outline.geom_type not in AREAS:
            return _("图形不是面。")
        if not np.isfinite(shapely.get_coordinates(outline)).all():
            return _("坐标里有的不是数。")
        if not outline.is_valid:
            if not repair:
                return _("边界自相交；确认可以自动修正后再导入。")
            outline = _mended(outline)
    elif not buildings:
        return _("既没有边界，也没有楼栋清单。")
    return OldGrid(code, _cell(source, columns, "name", row), outline, buildings)


def _mended(outline: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shapely.make_valid(outline)) if part.geom_type in AREAS]
    return shapely.union_all(parts)


def _joined(before: OldGrid | None, more: OldGrid) -> OldGrid:
    """A grid may stand on several rows: its grounds and buildings are put together."""
    if before is None:
        return more
    outlines = [one.outline for one in (before, more) if one.outline is not None]
    outline = shapely.union_all(outlines) if outlines else None
    buildings = tuple(dict.fromkeys((*before.buildings, *more.buildings)))
    return OldGrid(before.code, before.name or more.name, outline, buildings)
