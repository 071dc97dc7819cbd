"""Turn the parquet instances into files `mulin import ground` reads: `python -m benchmarks.planning_files DATA OUT`.

The places are real, the district is not: coordinates are moved to the county the demonstration town lies in. Only
benchmarks read parquet.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import shapely
from numpy.typing import NDArray
from pyogrio.raw import write

Geometries = NDArray[np.object_]

MIDDLES = {"hdb": (106.93, 27.735), "nanshan": (107.23, 27.735)}
"""汇川区, the county of the demonstration town, and beside it."""
STREET = "520303001"


def moved(shapes: Geometries, middle: tuple[float, float], to: tuple[float, float]) -> Geometries:
    """Return the shapes around another middle, as large on the ground as they were."""
    scale = np.array([np.cos(np.radians(middle[1])) / np.cos(np.radians(to[1])), 1.0])
    there: Geometries = shapely.transform(shapes, lambda at: (at - middle) * scale + to)
    return there


def write_layer(path: Path, name: str, shapes: Geometries, kind: str, fields: dict[str, NDArray[Any]]) -> None:
    write(
        str(path), shapely.to_wkb(shapes), list(fields.values()), np.array(list(fields)), geometry_type=kind,
        crs="EPSG:4490", layer=name, append=path.exists(),
    )  # fmt: skip
    print(f"{path.name} · {name}: {len(shapes)}")


def hulls(points: Geometries, town: NDArray[Any]) -> tuple[Geometries, list[Any]]:
    """Return communities that part the ground between the towns: the points nearest to each town's own."""
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shapely.box(*_frame(points)))
    )
    tree = shapely.STRtree(cells)
    point, cell = tree.query(points, predicate="intersects")
    owner = np.full(len(cells), -1)
    owner[cell] = point
    names = sorted(set(town.tolist()))
    shapes = [shapely.union_all(cells[(owner >= 0) & (town[owner] == name)]) for name in names]
    return shapely.intersection(np.array(shapes, dtype=object), shapely.box(*_frame(points))), names


def _frame(points: Geometries) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(points)
    return west - 0.003, south - 0.003, east + 0.003, north + 0.003


def hdb(data: Path, out: Path) -> None:
    """Blocks with true dwelling counts; a town is a community."""
    table = parquet.read_table(data / "hdb_buildings.parquet").to_pydict()
    lon_lat = np.column_stack([table["lon"], table["lat"]])
    middle = tuple((lon_lat.min(axis=0) + lon_lat.max(axis=0)) / 2.0)
    points = moved(shapely.points(lon_lat), (float(middle[0]), float(middle[1])), MIDDLES["hdb"])
    towns, names = hulls(points, np.array(table["town"]))
    path = out / "hdb.gpkg"
    codes = np.array([f"{STREET}{number + 801:03}" for number in range(len(names))])
    write_layer(path, "communities", towns, "MultiPolygon", {"code": codes, "name": np.array(names)})
    fields = {
        "id": np.array([f"hdb{number}" for number in range(len(points))]),
        "households": np.array(table["hh"]),
        "floors": np.array(table["floors"]),
    }
    write_layer(path, "buildings", points, "Point", fields)


def nanshan(data: Path, out: Path) -> None:
    """Footprints with heights, and streets with their class."""
    prints = parquet.read_table(data / "nanshan_footprints.parquet").to_pydict()
    shapes = shapely.from_wkb(np.array(prints["geometry"], dtype=object))
    west, south, east, north = shapely.total_bounds(shapes)
    middle = ((west + east) / 2.0, (south + north) / 2.0)
    shapes = moved(shapes, middle, MIDDLES["nanshan"])
    path = out / "nanshan.gpkg"
    whole = np.array([shapely.box(*_frame(shapes))], dtype=object)
    write_layer(
        path, "communities", whole, "MultiPolygon", {"code": np.array([f"{STREET}901"]), "name": np.array(["南山"])}
    )
    fields = {
        "id": np.array([f"ns{number}" for number in range(len(shapes))]),
        "height_m": np.array(prints["height_m"]),
        "households": np.full(len(shapes), "", dtype=object),
    }
    write_layer(path, "buildings", shapes, "Unknown", fields)
    roads = parquet.read_table(data / "nanshan_roads.parquet").to_pydict()
    lines = moved(shapely.from_wkb(np.array(roads["geometry"], dtype=object)), middle, MIDDLES["nanshan"])
    parts, owner = shapely.get_parts(lines, return_index=True)
    write_layer(path, "roads", parts, "LineString", {"highway": np.array(roads["highway"])[owner]})


def main(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in ("hdb", "nanshan"):
        (out / f"{name}.gpkg").unlink(missing_ok=True)
    hdb(data, out)
    nanshan(data, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
