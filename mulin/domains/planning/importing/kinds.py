"""What a file may hold, which columns it may have, and what a word in them means."""

import re
from collections.abc import Iterable, Mapping

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.core.listed import listed_lazily


class GroundKind(TextChoices):
    COMMUNITIES = "COMMUNITIES", _("社区边界")
    GRIDS = "GRIDS", _("现有网格")
    BUILDINGS = "BUILDINGS", _("楼栋")
    ENTRANCES = "ENTRANCES", _("单元（出入口）")
    HOUSEHOLDS = "HOUSEHOLDS", _("户数")
    ROADS = "ROADS", _("道路")
    RAILWAYS = "RAILWAYS", _("铁路")
    WATER = "WATER", _("河流、水面")
    FACILITIES = "FACILITIES", _("服务设施")


class ColumnsInvalid(Invalid):
    code = "mapping_invalid"
    sentence = _("列的对应关系有误。")
    remedy = _("写成 name=楼栋名称,floors=层数；左边是字段，右边是文件里的列名。")


FIELD_LABELS = {
    "key": _("编号（本文件内唯一）"),
    "code": _("区划或网格编码"),
    "name": _("名称"),
    "address": _("地址"),
    "community": _("社区（代码或名称）"),
    "building": _("所属楼栋（编号、编码或地址）"),
    "floors": _("层数"),
    "height": _("高度（米）"),
    "households": _("户数"),
    "class": _("道路等级"),
    "tunnel": _("地下（隧道）"),
    "facility": _("设施类别"),
    "lon": _("经度（或横坐标）"),
    "lat": _("纬度（或纵坐标）"),
    "wkt": _("图形（WKT）"),
}
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "key": ("编号", "楼栋编号", "id", "fid", "osm_id", "objectid", "key", "bldg", "code"),
    "code": ("编码", "网格编码", "社区代码", "区划代码", "代码", "code"),
    "name": ("名称", "楼栋名称", "楼名", "网格名称", "社区名称", "道路名称", "name", "label"),
    "address": ("地址", "门牌", "门牌地址", "address", "addr"),
    "community": ("社区", "所属社区", "社区名称", "community", "town"),
    "building": ("楼栋", "所属楼栋", "楼栋编号", "building", "building_id", "bldg"),
    "floors": ("层数", "楼层数", "地上层数", "floors", "levels", "building:levels", "floor"),
    "height": ("高度", "楼高", "height", "height_m"),
    "households": ("户数", "住户数", "常住户数", "households", "hh", "dwellings"),
    "class": ("等级", "道路等级", "类型", "class", "highway", "fclass", "kind", "rank"),
    "tunnel": ("隧道", "地下", "tunnel"),
    "facility": ("类别", "设施类别", "类型", "kind", "facility", "amenity", "fclass"),
    "lon": ("经度", "lon", "lng", "longitude", "x"),
    "lat": ("纬度", "lat", "latitude", "y"),
    "wkt": ("wkt", "geometry", "geom", "图形"),
}
PLACED = ("lon", "lat", "wkt")
FIELDS: Mapping[GroundKind, tuple[str, ...]] = {
    GroundKind.COMMUNITIES: ("code", "name", *PLACED),
    GroundKind.GRIDS: ("code", "name", *PLACED),
    GroundKind.BUILDINGS: ("key", "name", "address", "community", "floors", "height", "households", *PLACED),
    GroundKind.ENTRANCES: ("key", "name", "building", *PLACED),
    GroundKind.HOUSEHOLDS: ("building", "households"),
    GroundKind.ROADS: ("key", "name", "class", "tunnel", *PLACED),
    GroundKind.RAILWAYS: ("key", "name", "tunnel", *PLACED),
    GroundKind.WATER: ("key", "name", "tunnel", *PLACED),
    GroundKind.FACILITIES: ("key", "name", "facility", *PLACED),
}
NEEDED: Mapping[GroundKind, tuple[str, ...]] = {
    GroundKind.COMMUNITIES: ("code",),
    GroundKind.GRIDS: ("code",),
    GroundKind.ENTRANCES: ("building",),
    GroundKind.HOUSEHOLDS: ("building", "households"),
    GroundKind.ROADS: ("class",),
    GroundKind.FACILITIES: ("facility",),
}

# 1 main road … 5 path; OpenStreetMap's words and those of GB 50220 / GB/T 51328.
ROAD_RANKS: Mapping[str, int] = {
    "1": 1, "2": 2, "3": 3, "4": 4, "5": 5,
    "motorway": 1, "trunk": 1, "primary": 1, "secondary": 2, "tertiary": 3, "unclassified": 3, "residential": 4,
    "living_street": 4, "service": 5, "footway": 5, "path": 5, "pedestrian": 5, "steps": 5, "cycleway": 5, "track": 5,
    "main": 1, "minor": 3, "lane": 4,
    "高速公路": 1, "快速路": 1, "主干路": 1, "主干道": 1, "国道": 1, "省道": 1, "次干路": 2, "次干道": 2, "县道": 2,
    "支路": 3, "乡道": 3, "街巷": 4, "小区路": 5, "村道": 4, "小路": 5,
}  # fmt: skip


def road_rank(words: str) -> int | None:
    """Return the rank of a road class as written, None when it is not known."""
    return ROAD_RANKS.get(words.strip().lower().removesuffix("_link"))


def suggested_columns(kind: GroundKind, columns: Iterable[str]) -> dict[str, str]:
    """Return field → column for headings that are known, the better known heading first."""
    known = {_plain(column): column for column in columns}
    found: dict[str, str] = {}
    for field in FIELDS[kind]:
        free = (known[h] for h in map(_plain, HEADINGS[field]) if h in known and known[h] not in found.values())
        if (match := next(free, None)) is not None:
            found[field] = match
    return found


def _plain(heading: str) -> str:
    return re.sub(r"[\s_:：*（）()]", "", heading).lower()


def read_mapping(text: str, kind: GroundKind, columns: Iterable[str]) -> dict[str, str]:
    """Return field → column of `name=名称,floors=层数`; raise ColumnsInvalid."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return checked_columns(kind, {field.strip(): column.strip() for field, _equals, column in pairs}, columns)


def checked_columns(kind: GroundKind, mapping: Mapping[str, str], columns: Iterable[str]) -> dict[str, str]:
    """Return the mapping if its fields and columns exist; raise ColumnsInvalid."""
    known = set(columns)
    for field, column in mapping.items():
        if field not in FIELDS[kind]:
            wanted = listed_lazily(FIELDS[kind])
            raise ColumnsInvalid(format_lazy(_("没有“{field}”这个字段；有：{wanted}。"), field=field, wanted=wanted))
        if column not in known:
            raise ColumnsInvalid(
                format_lazy(
                    _("文件里没有“{column}”这一列；有：{known}。"), column=column, known=listed_lazily(sorted(known))
                )
            )
    return dict(mapping)


def check_needed(kind: GroundKind, mapping: Mapping[str, str], *, has_shapes: bool) -> None:
    """Raise ColumnsInvalid when a column without which no row can go in is not named."""
    missing = [field for field in NEEDED.get(kind, ()) if field not in mapping]
    if kind != GroundKind.HOUSEHOLDS and not has_shapes and "wkt" not in mapping:
        missing += [field for field in ("lon", "lat") if field not in mapping]
    if missing:
        labels = listed_lazily([FIELD_LABELS[field] for field in missing])
        raise ColumnsInvalid(format_lazy(_("还缺少：{missing}。"), missing=labels))
