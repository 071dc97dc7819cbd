"""Files nobody should have to read: valid ones broken in many ways, and some made to do harm."""

import gzip
import json
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from typing import Any

Change = Callable[[random.Random, bytes], bytes]
FORMULAS = ('=cmd|"/C calc"!A0', "@SUM(1)", "+1+1", "-2+3", '=HYPERLINK("http://x")')
NASTY_TEXTS = (
    *FORMULAS,
    *("\x00", "\u202e", "'; DROP TABLE cases_case; --", "{{ 7*7 }}", "<script>alert(1)</script>"),
    *("../../../etc/passwd", "\U0001f600" * 50, "0" * 70_000, "９" * 20, "1e999", "NaN", "-0", "2026-02-30"),
)
NASTY_VALUES: tuple[Any, ...] = (None, [], {}, "", -1, 0, 1e300, -1e300, float("nan"), float("inf"), 10**30, True,
                                 *NASTY_TEXTS[:8])  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "gb18030", "big5", "shift_jis", "utf-32", "utf-7")
DEEP = 5_000
MOST_DRAWN = 200_000_000


def truncated(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def flipped(chance: random.Random, raw: bytes) -> bytes:
    """Change a few bits."""
    changed = bytearray(raw)
    for _number in range(chance.choice((1, 3, 20, 200))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(chance: random.Random, raw: bytes) -> bytes:
    begin = chance.randrange(len(raw))
    piece = chance.choice((b"\x00", b"\xff", b"<", b'"', chance.randbytes(1))) * chance.choice((1, 8, 300))
    return raw[:begin] + piece + raw[begin + len(piece) :]


def repeated(chance: random.Random, raw: bytes) -> bytes:
    begin = chance.randrange(len(raw))
    end = min(len(raw), begin + chance.choice((1, 20, 500)))
    return raw[:end] + raw[begin:end] * chance.choice((1, 5, 100)) + raw[end:]


def shortened(chance: random.Random, raw: bytes) -> bytes:
    begin = chance.randrange(len(raw))
    return raw[:begin] + raw[begin + chance.choice((1, 10, 400)) :]


def recoded(chance: random.Random, raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def with_nasty_texts(chance: random.Random, raw: bytes) -> bytes:
    """Put texts nobody expects in the place of words and numbers between separators."""
    parts = raw.split(b",")
    for _number in range(chance.choice((1, 2, 5))):
        text = chance.choice(NASTY_TEXTS).encode("utf-8", "replace")
        parts[chance.randrange(len(parts))] = chance.choice((text, b'"' + text, b'"' + text + b'"'))
    return b",".join(parts)


def with_nasty_values(chance: random.Random, raw: bytes) -> bytes:
    """Change values somewhere in a JSON document."""
    document = json.loads(raw)
    spots = list(_spots(document))
    for _number in range(chance.choice((1, 1, 3, 10))):
        holder, key = chance.choice(spots)
        value = chance.choice(NASTY_VALUES)
        if isinstance(holder, dict) and chance.random() < 0.2:
            holder.pop(key, None)
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = value
    return json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace")


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _spots(inner)


def repacked(chance: random.Random, raw: bytes) -> bytes:
    """Break one member of an archive, or rename it to where it should not go."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(raw)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        victim = chance.choice(archive.namelist())
        for one in archive.infolist():
            content, name = archive.read(one), one.filename
            if name == victim and content:
                way = chance.randrange(8)
                name = ("../../" + name, "/tmp/" + name, name)[min(way, 2)]
                content = chance.choice(BYTES)(chance, content) if way > 1 else content
                if way == 7:
                    continue
            entry = zipfile.ZipInfo(name)
            if chance.random() < 0.05:
                entry.external_attr = 0o120777 << 16  # a symbolic link
            made.writestr(entry, content)
    return out.getvalue()


BYTES: tuple[Change, ...] = (truncated, flipped, overwritten, repeated, shortened)
TEXTS: tuple[Change, ...] = (*BYTES, recoded, with_nasty_texts)
JSONS: tuple[Change, ...] = (*BYTES, recoded, with_nasty_values, with_nasty_values, with_nasty_values)
ARCHIVES: tuple[Change, ...] = (*BYTES, repacked, repacked, repacked)
CHANGES = {".csv": TEXTS, ".geojson": JSONS, ".json": JSONS, ".zip": ARCHIVES, ".xlsx": ARCHIVES}


def broken(chance: random.Random, suffix: str, seed: bytes) -> bytes:
    """Return the seed broken in one to three ways."""
    raw = seed
    for _number in range(chance.choice((1, 1, 1, 2, 3))):
        change = chance.choice(CHANGES.get(suffix, BYTES))
        try:
            raw = change(chance, raw) or b"\x00"
        except (
            ValueError,
            zipfile.BadZipFile,
            IndexError,
            KeyError,
            EOFError,
            zlib.error,
            NotImplementedError,
            OSError,
        ):
            raw = flipped(chance, raw)  # broken already, so that only its bytes are left to change
    return raw


def workbook(sheet: str) -> bytes:
    """An .xlsx around the XML of its only sheet."""
    schemas = "http://schemas.openxmlformats.org"
    main, packages = f"{schemas}/spreadsheetml/2006/main", f"{schemas}/package/2006"
    relations = f"{schemas}/officeDocument/2006/relationships"

    def related(kind: str, target: str) -> str:
        one = f'<Relationship Id="r1" Type="{relations}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{packages}/relationships">{one}</Relationships>'

    sheets = '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
    members = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"/>',
        "_rels/.rels": related("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": related("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet.replace("MAIN", main),
    }
    return _zip({name: text.encode() for name, text in members.items()})


def cell(at: str, text: str = "x") -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
XML_BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>'


def harmful_tables() -> dict[str, bytes]:
    """Spreadsheets and texts that are small on disk and endless in memory, or lead elsewhere."""
    rows = '<worksheet xmlns="MAIN"><sheetData>{}</sheetData></worksheet>'
    wide = f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>'
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return {
        "far-corner.xlsx": workbook(rows.format(wide)),
        "no-such-row.xlsx": workbook(rows.format(f'<row r="99999999999">{cell("A99999999999")}</row>')),
        "laughs.xlsx": workbook(XML_BOMB + rows.format(f'<row r="1">{cell("A1", "&a11;")}</row>')),
        "entity.xlsx": workbook(outside + rows.format(f'<row r="1">{cell("A1", "&e;")}</row>')),
        "bomb.xlsx": workbook(rows.format(" " * 200_000_000)),
        "far-corner.ods": ods(1_048_576, 16_384),
        "one-line.csv": b"x" * 5_000_000,
        "columns.csv": b"," * 300_000 + b"\n" + b"," * 300_000,
        "quote.csv": b'text\n"' + b"x\n" * 200_000,
        "nul.csv": b"\x00" * 100_000,
        "gzip.csv": gzip.compress(b"text,place\n" * 1000),
        "empty.csv": b"",
        "bom.csv": b"\xef\xbb\xbf",
    }


def ods(rows: int, columns: int) -> bytes:
    """An .ods that says one cell stands in every place of a sheet."""
    office, table, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{office}" xmlns:table="{table}" '
        f'xmlns:text="{text}"><office:body><office:spreadsheet><table:table table:name="a">'
        f'<table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    members = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return _zip({name: text.encode() for name, text in members.items()})


def harmful_ground() -> dict[str, bytes]:
    """Geographic files of the same kind."""
    feature = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"编号":"1"},"geometry":GEOMETRY}]}'
    )
    ring = ",".join(f"[{106.9 + n * 1e-7},27.7]" for n in range(200_000))
    return {
        "deep.geojson": b'{"type":' + b"[" * DEEP + b"]" * DEEP + b"}",
        "deep-properties.geojson": feature.replace('"1"', '{"a":' * DEEP + "1" + "}" * DEEP)
        .replace("GEOMETRY", "null")
        .encode(),
        "nan.geojson": feature.replace("GEOMETRY", '{"type":"Point","coordinates":[NaN,Infinity]}').encode(),
        "far.geojson": feature.replace("GEOMETRY", '{"type":"Point","coordinates":[1e308,-1e308]}').encode(),
        "text.geojson": feature.replace("GEOMETRY", '{"type":"Point","coordinates":["a","b"]}').encode(),
        "no-ring.geojson": feature.replace("GEOMETRY", '{"type":"Polygon","coordinates":[[]]}').encode(),
        "nested.geojson": feature.replace(
            "GEOMETRY", '{"type":"GeometryCollection","geometries":[' * 400 + "]}" * 400
        ).encode(),
        "long-ring.geojson": feature.replace("GEOMETRY", f'{{"type":"Polygon","coordinates":[[{ring}]]}}').encode(),
        "crs.geojson": feature.replace("GEOMETRY", "null")
        .replace('"features"', '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::999999"}},"features"')
        .encode(),
        "vrt.geojson": b'{"type":"FeatureCollection"} <OGRVRTDataSource/>',
        "vrt.gpkg": b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>",
        "endless-view.gpkg": endless_view(),
        "many.zip": _zip({f"{n}.shp": b"" for n in range(5000)}),
        "up.zip": _zip({"../../up.shp": struct.pack(">i", 9994) * 30, "../../up.dbf": b"\x03" * 64}),
        "bomb.zip": _zip({"a.shp": b"\x00\x00\x27\x0a" + b"\x00" * 300_000_000, "a.dbf": b""}),
        "in-itself.zip": _zip({"a.zip": _zip({"a.shp": b""})}),
    }


def endless_view() -> bytes:
    """A GeoPackage whose layer is a question SQLite never finishes."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, NULL AS geom FROM n WHERE i < 0"
    )
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(
            f"""
            PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;
            CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT,
              last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,
              srs_id INTEGER, z INTEGER, m INTEGER);
            CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER, organization TEXT,
              organization_coordsys_id INTEGER, definition TEXT, description TEXT);
            INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'undefined', '');
            INSERT INTO gpkg_contents VALUES ('v', 'features', 'v', '', '2026-01-01T00:00:00Z', 0, 0, 1, 1, 4326);
            INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4326, 0, 0);
            CREATE VIEW v AS {endless};
            """
        )
        return made.serialize()


def _zip(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def png(width: int, height: int, *, data: bytes = b"") -> bytes:
    """A PNG of one grey level; `data` in the place of its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    told = width * height <= MOST_DRAWN
    pixels = data or zlib.compress(b"\x00" * ((width + 7) // 8 + 1) * height if told else b"\x00")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def harmful_photos() -> dict[str, bytes]:
    svg = XML_BOMB + '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>&a11;</text></svg>'
    small = png(8, 8)
    return {
        "hundred-megapixels.png": png(10_000, 10_000),
        "a-line.png": png(1_000_000, 1),
        "endless.png": png(2**31 - 1, 2**31 - 1),
        "nothing.png": png(0, 0),
        "no-pixels.png": png(4_000, 4_000, data=zlib.compress(b"")),
        "text-bomb.png": small[:33] + _text_chunk() + small[33:],
        "laughs.svg": svg.encode(),
        "polyglot.png": small + b"<?php system($_GET[0]); ?><script>alert(1)</script>",
        "html.jpg": b"GIF89a/*<script>alert(1)</script>*/",
        "page.jpg": b"<!doctype html><script>alert(1)</script>",
        "zip.jpg": b"\xff\xd8\xff\xe0" + _zip({"a": b"b" * 100}),
        "eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file",
        "empty.jpg": b"",
    }


def _text_chunk() -> bytes:
    body = b"Comment\x00\x00" + zlib.compress(b"x" * 100_000_000)
    return struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
