"""Buildings in and grids out as GeoJSON, for plans that touch no database."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from mulin.core.errors import Invalid
from mulin.domains.planning.ground.adjacency import adjacency
from mulin.domains.planning.ground.plane import Plane
from mulin.domains.planning.ground.terrain import Terrain
from mulin.domains.planning.rules.outlines import cells, outlines
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.kernels.partition.problem import MINOR_STREET, Integers

DECIMALS = 6
AREAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
Shapes = NDArray[Any]


class BuildingsUnreadable(Invalid):
    code = "buildings_unreadable"
    sentence = _("这个文件里读不出楼栋。")
    remedy = _("请给出 GeoJSON：每个要素是一栋楼（面或点），属性 households 是户数，community 是社区（可不写）。")


class EdgesUnreadable(Invalid):
    code = "edges_unreadable"
    sentence = _("这个文件里读不出邻接关系。")
    remedy = _("请给出 JSON：[[第几栋, 第几栋, 隔着什么], …]，从 0 数起；0 同一街区，1 小路，2 主干道，3 不通。")


class GridsUnreadable(Invalid):
    code = "grids_unreadable"
    sentence = _("这个文件里读不出网格。")
    remedy = _("请给出 GeoJSON：每个要素是一个网格，图形是面，坐标是 CGCS2000 经纬度。")


def read_grids(path: Path) -> Shapes:
    """Return the outlines of the grids in a file. Raises GridsUnreadable."""
    try:
        shapes, _known = _features(path)
    except BuildingsUnreadable:
        raise GridsUnreadable from None
    if not np.isin(shapely.get_type_id(shapes), AREAL).all():
        raise GridsUnreadable
    made: Shapes = shapely.make_valid(shapes)
    return made


def lying_in(shapes: Shapes, lonlat: Shapes) -> tuple[Integers, int]:
    """Return for each point the grid it lies in, the nearest where it lies in none, and how many lie in none."""
    tree, points = shapely.STRtree(shapes), shapely.points(lonlat)
    grid = tree.nearest(points).astype(np.int64)
    inside, found = tree.query(points, predicate="intersects")
    grid[inside[::-1]] = found[::-1]
    return grid, len(points) - len(np.unique(inside))


def read_buildings(path: Path, edges: Path | None = None) -> GroundArrays:
    """Return the ground of a file of buildings; neighbours are worked out unless a file of pairs is given.

    Raises BuildingsUnreadable, EdgesUnreadable.
    """
    shapes, known = _features(path)
    lonlat = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    plane = Plane.around(lonlat)
    xy = plane.to_metres(lonlat)
    names, community = np.unique(np.array([str(row.get("community") or "") for row in known]), return_inverse=True)
    community = community.reshape(-1).astype(np.int64)
    if edges is not None:
        pairs, barriers = _pairs(edges, len(xy))
    else:
        found = adjacency(xy=xy, community=community, terrain=Terrain(), footprints=plane.flatten(shapes))
        pairs, barriers = found.edges, found.barriers
    return GroundArrays(
        building_ids=np.arange(len(xy), dtype=np.int64),
        households=np.array([_households(path, row) for row in known], dtype=np.int64),
        xy=xy,
        lonlat=lonlat,
        edges=pairs,
        barriers=barriers,
        community=community,
        community_codes=names,
        present=np.full(len(xy), -1, dtype=np.int64),
        grid_ids=np.zeros(0, dtype=np.int64),
        dedicated=np.zeros(0, dtype=np.bool_),
    )


def _features(path: Path) -> tuple[Any, list[Mapping[str, Any]]]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        shapes = shapely.from_geojson(np.array([json.dumps(one["geometry"]) for one in features], dtype=object))
        known = [one.get("properties") or {} for one in features]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.GEOSException):
        raise BuildingsUnreadable from None
    if not len(shapes) or shapely.is_missing(shapes).any() or shapely.is_empty(shapes).any():
        raise BuildingsUnreadable
    return shapes, known


def _households(path: Path, row: Mapping[str, Any]) -> int:
    value = row.get("households", 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value < 0:
        raise BuildingsUnreadable(
            format_lazy(_("文件 {name} 里有的楼栋户数不是数字：{value}"), name=path.name, value=str(value))
        )
    return int(value)


def _pairs(path: Path, buildings: int) -> tuple[Integers, Integers]:
    try:
        rows = [(*row, MINOR_STREET)[:3] for row in json.loads(path.read_text(encoding="utf-8"))]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    except (OSError, ValueError, TypeError):
        raise EdgesUnreadable from None
    if len(table) and (table[:, :2].min() < 0 or table[:, :2].max() >= buildings):
        raise EdgesUnreadable
    return table[:, :2], table[:, 2]


def grids_geojson(arrays: GroundArrays, grid: Integers) -> str:
    """Return the grids of a plan as GeoJSON: outline, community, households, numbers of the buildings."""
    ground = cells(arrays.lonlat, arrays.community, dict.fromkeys(range(len(arrays.community_codes))))
    features = []
    for label, shape in outlines(ground, grid).items():
        members = np.flatnonzero(grid == label)
        properties = {
            "grid": label,
            "community": str(arrays.community_codes[arrays.community[members[0]]]),
            "households": int(arrays.households[members].sum()),
            "buildings": members.tolist(),
        }
        rounded = shapely.set_precision(shape, 10**-DECIMALS, mode="pointwise")
        features.append(
            {"type": "Feature", "id": label, "properties": properties, "geometry": shapely.geometry.mapping(rounded)}
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
