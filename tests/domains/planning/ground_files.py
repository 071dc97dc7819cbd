"""Files of ground truth as somebody might send them, around the community of `make_town`."""

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio.raw import write

from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import GroundImport, ImportState
from mulin.domains.planning.services import ground_applying, ground_imports
from tests.factories import COUNTY_CODE, NOW, SOUTH, WEST

Row = tuple[shapely.Geometry | None, dict[str, Any]]
TYPES = {"Point": "Point", "Polygon": "Polygon", "LineString": "LineString"}


def house(column: int, row: int = 0, *, west: float = WEST + 0.02, south: float = SOUTH + 0.0005) -> shapely.Polygon:
    """A building of about 20 × 11 m on a lattice in the middle of the community, clear of the town's own."""
    left, low = west + column * 0.0004, south + row * 0.0004
    return shapely.box(left, low, left + 0.0002, low + 0.0001)


def bow_tie(column: int) -> shapely.Polygon:
    """A building whose outline crosses itself."""
    left, low, right, high = house(column).bounds
    return shapely.Polygon([(left, low), (right, high), (right, low), (left, high)])


def geojson(path: Path, rows: Sequence[Row]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None,
        }
        for shape, properties in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def layer(path: Path, rows: Sequence[Row], *, crs: str | None, name: str = "layer", append: bool = False) -> Path:
    """Write a GeoPackage or Shapefile."""
    fields = list(rows[0][1])
    columns = [np.array([properties[field] for _shape, properties in rows]) for field in fields]
    write(
        str(path),
        shapely.to_wkb(np.array([shape for shape, _properties in rows], dtype=object)),
        columns,
        np.array(fields),
        geometry_type=TYPES[rows[0][0].geom_type],
        crs=crs,
        layer=name,
        append=append,
    )
    return path


def zipped_shapefile(path: Path, rows: Sequence[Row], *, crs: str | None, inside: str = "数据/楼栋") -> Path:
    folder = path.parent / f"{path.stem}-parts"
    folder.mkdir()
    layer(folder / "layer.shp", rows, crs=crs)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{inside}{part.suffix}")
    return path


def staged(path: Path, kind: GroundKind, *, source: str = "test", now: datetime = NOW) -> GroundImport:
    """Hand a file in and let it be looked at."""
    job = ground_imports.stage(
        actor=None, kind=kind, area_code=COUNTY_CODE, file=[path.read_bytes()], file_name=path.name, source=source,
        now=now,
    )  # fmt: skip
    return ground_imports.read(actor=None, job_id=job.pk, now=now)


def checked(
    path: Path,
    kind: GroundKind,
    *,
    crs: str = "CGCS2000",
    columns: dict[str, str] | None = None,
    repairs: Sequence[str] = (),
    source: str = "test",
    now: datetime = NOW,
) -> GroundImport:
    job = staged(path, kind, source=source, now=now)
    assert job.state == ImportState.READ, job.refusal
    mapping = job.columns if columns is None else columns
    ground_imports.ask_check(actor=None, job=job, crs=crs, columns=mapping, repairs=repairs, now=now)
    return ground_imports.check(actor=None, job_id=job.pk, now=now)


def imported(path: Path, kind: GroundKind, *, now: datetime = NOW, **options: Any) -> GroundImport:
    job = checked(path, kind, now=now, **options)
    assert job.state == ImportState.CHECKED, job.refusal
    ground_applying.begin(actor=None, job=job, now=now)
    while ground_applying.apply_portion(actor=None, job_id=job.pk, now=now):
        pass
    job.refresh_from_db()
    return job


def codes_of(job: GroundImport) -> dict[int, list[str]]:
    """The faults by row of the file."""
    rows = job.staged.exclude(findings=[]).order_by("number")
    return {row.number: [one["code"] for one in row.findings] for row in rows}
