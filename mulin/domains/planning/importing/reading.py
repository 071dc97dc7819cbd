"""Files as rows with shapes: GeoJSON, zipped Shapefile, GeoPackage, spreadsheets. A file is never trusted.

The format is named by the suffix and proved by the first bytes, so that nothing else is opened in its stead; names
inside an archive are never used as paths.
"""

import lzma
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from mulin.core.errors import Invalid
from mulin.core.listed import listed_lazily
from mulin.core.tables import SHEET_SUFFIXES, read_table, text_of

Geometries = NDArray[np.object_]

TABLES = SHEET_SUFFIXES | {".csv"}
JSON_SUFFIXES = frozenset({".geojson", ".json"})
SUFFIXES = JSON_SUFFIXES | {".zip", ".gpkg"} | TABLES
HEAD_BYTES = 4_096
SHAPEFILE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
GEOPACKAGE_MARK, SHAPEFILE_MARK, ZIP_MARK = b"SQLite format 3\x00", b"\x00\x00\x27\x0a", b"PK\x03\x04"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
                  OSError, EOFError, ValueError)  # fmt: skip
MOST_ROWS = 500_000
MOST_PARTS = 200
MOST_UNPACKED_BYTES = 1_000_000_000
COPY_BYTES = 1 << 20


class GroundFileUnreadable(Invalid):
    code = "ground_file_unreadable"
    sentence = _("这个文件打不开，没有读入任何内容。")
    remedy = _("请使用 GeoJSON、GeoPackage、打包成 zip 的 Shapefile，或 xlsx、csv 表格。")


class ArchiveTooLarge(Invalid):
    code = "archive_too_large"
    sentence = _("压缩包解开以后太大，没有读入。")
    remedy = _("请只打包一个图层的 shp、shx、dbf、prj、cpg 文件。")


class LayerIsAView(Invalid):
    code = "layer_is_a_view"
    sentence = _("GeoPackage 里的图层是视图，没有读入。")
    remedy = _("请把它另存为普通图层，再导入。")


class LayerNotNamed(Invalid):
    code = "layer_not_named"
    sentence = _("文件里有几个图层，不知道读哪一个。")


class TooManyRows(Invalid):
    code = "too_many_rows"
    sentence = _("文件的行数太多。")
    remedy = _("请按街道拆成几个文件分别导入。")


@dataclass(frozen=True)
class Source:
    """Rows of a file: `numbers` as people count them there, cells as text, shapes in the file's own coordinates.

    `shapes` is None where the file is a plain table; `crs` is what the file says of its coordinates, or "".
    """

    numbers: tuple[int, ...]
    columns: tuple[str, ...]
    cells: Mapping[str, Sequence[str]]
    shapes: Geometries | None
    crs: str

    def __len__(self) -> int:
        return len(self.numbers)


def read_source(path: Path, *, layer: str = "", encoding: str = "") -> Source:
    """Return the rows of a file. Raises GroundFileUnreadable, LayerNotNamed, ArchiveTooLarge, TooManyRows."""
    suffix = path.suffix.lower()
    if suffix in TABLES:
        return _table(path, encoding)
    from mulin.domains.planning.importing import gdal

    with _layer_file(path, suffix) as opened:
        try:
            return _features(opened, layer, encoding)
        except gdal.FAILURES as failure:
            raise GroundFileUnreadable(format_lazy(_("这个文件打不开：{why}"), why=_first_line(failure))) from failure


def _first_line(failure: Exception) -> str:
    """Say what is wrong without telling where we keep our files."""
    line = (str(failure).splitlines() or [""])[0]
    return line.rpartition("/")[2][:200]


def _table(path: Path, encoding: str) -> Source:
    table = read_table(path, encoding=encoding)
    if len(table.lines) > MOST_ROWS:
        raise TooManyRows
    cells = {column: [text_of(line.cells.get(column)) for line in table.lines] for column in table.columns}
    return Source(tuple(line.number for line in table.lines), table.columns, cells, None, "")


@contextmanager
def _layer_file(path: Path, suffix: str) -> Iterator[Path]:
    """Yield the file GDAL is to open, after a look at its first bytes."""
    with path.open("rb") as file:
        mark = file.read(16)
    is_json = suffix in JSON_SUFFIXES and mark.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"{"
    if is_json:
        yield path
    elif suffix == ".gpkg" and mark == GEOPACKAGE_MARK:
        _check_layers_are_tables(path)
        yield path
    elif suffix == ".zip" and mark.startswith(ZIP_MARK):
        with TemporaryDirectory(prefix="mulin-ground-") as folder:
            yield _unpacked(path, Path(folder))
    else:
        raise GroundFileUnreadable


def _check_layers_are_tables(path: Path) -> None:
    """A layer that is a view is a program of a stranger: it may never end. Raises LayerIsAView."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as content:
            kinds = {name.lower(): kind for name, kind in content.execute("SELECT name, type FROM sqlite_master")}
            layers = [name.lower() for (name,) in content.execute("SELECT table_name FROM gpkg_contents")]
    except (sqlite3.Error, AttributeError) as failure:
        raise GroundFileUnreadable from failure
    if any(kinds.get(one) != "table" for one in (*layers, "gpkg_contents", "gpkg_geometry_columns") if one in kinds):
        raise LayerIsAView


def _unpacked(path: Path, folder: Path) -> Path:
    """Write the parts of the one shapefile of an archive under names of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _shapefile_parts(archive)
            rest = MOST_UNPACKED_BYTES
            for part in parts:
                rest = _copy(archive, part, folder / f"layer{PurePosixPath(part.filename).suffix.lower()}", rest)
    except BROKEN_ARCHIVE as failure:
        raise GroundFileUnreadable from failure
    shapefile = folder / "layer.shp"
    if not shapefile.read_bytes()[:4] == SHAPEFILE_MARK:
        raise GroundFileUnreadable
    return shapefile


def _shapefile_parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise ArchiveTooLarge
    shapefiles = [one for one in entries if one.filename.lower().endswith(".shp") and not _is_hidden(one.filename)]
    if len(shapefiles) != 1:
        raise LayerNotNamed(
            _("压缩包里应当正好有一个 .shp 文件。"),
            remedy=_("请每个压缩包只放一个图层的 shp、shx、dbf、prj、cpg 文件。"),
        )
    stem = shapefiles[0].filename[: -len(".shp")].lower()
    wanted = {f"{stem}{suffix}" for suffix in SHAPEFILE_PARTS}
    return [one for one in entries if one.filename.lower() in wanted]


def _is_hidden(name: str) -> bool:
    """What a Mac adds to an archive."""
    return PurePosixPath(name).name.startswith(".") or name.startswith("__MACOSX/")


def _copy(archive: zipfile.ZipFile, part: zipfile.ZipInfo, target: Path, most_bytes: int) -> int:
    """Write one part and return how many bytes are left; what the archive says of sizes is not believed."""
    with archive.open(part) as packed, target.open("wb") as file:
        while piece := packed.read(COPY_BYTES):
            most_bytes -= len(piece)
            if most_bytes < 0:
                raise ArchiveTooLarge
            file.write(piece)
    return most_bytes


def layers_of(path: Path) -> list[str]:
    """Return the names of the layers a GeoPackage holds; of other files, none."""
    if path.suffix.lower() != ".gpkg":
        return []
    from mulin.domains.planning.importing import gdal

    try:
        with _layer_file(path, ".gpkg") as opened:
            return gdal.layer_names(opened)
    except gdal.FAILURES as failure:
        raise GroundFileUnreadable from failure


def _features(path: Path, layer: str, encoding: str) -> Source:
    from mulin.domains.planning.importing import gdal

    names = gdal.layer_names(path)
    if layer not in names and (layer or len(names) != 1):
        raise LayerNotNamed(remedy=format_lazy(_("请指定其中一个：{names}。"), names=listed_lazily(names)))
    described, wkb, columns = gdal.read_layer(path, layer or names[0], encoding=encoding, most=MOST_ROWS + 1)
    count = len(wkb) if wkb is not None else len(columns[0]) if columns else 0
    if count > MOST_ROWS:
        raise TooManyRows
    shapes = np.full(count, None, dtype=object) if wkb is None else shapely.from_wkb(wkb, on_invalid="fix")
    fields = tuple(str(name) for name in described["fields"])
    cells = {name: [_text(value) for value in column] for name, column in zip(fields, columns, strict=True)}
    crs = str(described["crs"] or "") if _says_crs(path) else ""
    return Source(tuple(range(1, count + 1)), fields, cells, shapes.astype(object), crs)


def _says_crs(path: Path) -> bool:
    """GeoJSON that says nothing is WGS-84 by its standard and GCJ-02 by the habit of map services: it is asked."""
    if path.suffix.lower() not in JSON_SUFFIXES:
        return True
    with path.open("rb") as file:
        return b'"crs"' in file.read(HEAD_BYTES)


def _text(value: Any) -> str:
    """Return a value as `tables.text_of` would; NaN and NaT are a missing number and date."""
    if value is None or value != value:
        return ""
    return text_of(value.item() if isinstance(value, np.generic) else value)
