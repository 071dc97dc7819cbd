"""What the pages of imports of ground truth show."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import in_readers_language
from mulin.core.geometry import read_shape
from mulin.core.listed import listed
from mulin.core.tables import guarded
from mulin.domains.places.queries import bounds_of
from mulin.domains.planning.importing.coordinates import CHOICES, FROM_FILE
from mulin.domains.planning.importing.findings import KINDS, remedy_of, repairs_for, sentence_of
from mulin.domains.planning.importing.kinds import FIELD_LABELS, FIELDS, NEEDED, GroundKind
from mulin.domains.planning.models import GroundImport, ImportState, StagedRow
from mulin.domains.planning.queries import ground_imports
from mulin.domains.planning.queries.ground_imports import AT_WORK, PER_PAGE, GroundFigures

BYTE_ORDER_MARK = "\ufeff"
EXAMPLE_CHARACTERS = 30
FINDING_COLUMNS = (
    gettext_lazy("行号"), gettext_lazy("代码"), gettext_lazy("问题"), gettext_lazy("怎么办"), gettext_lazy("已修正"),
    gettext_lazy("经度"), gettext_lazy("纬度"),
)  # fmt: skip
FINDING_NAMES = {
    "geometry_empty": gettext_lazy("没有图形"),
    "coordinates_unreadable": gettext_lazy("坐标看不懂"),
    "geometry_kind": gettext_lazy("图形种类不对"),
    "outside_district": gettext_lazy("在本区以外"),
    "self_crossing": gettext_lazy("图形自相交"),
    "duplicate": gettext_lazy("重复"),
    "key_repeated": gettext_lazy("编号重复"),
    "overlap": gettext_lazy("相互重叠"),
    "overlap_existing": gettext_lazy("与已登记的重叠"),
    "already_there": gettext_lazy("已经登记"),
    "outside_communities": gettext_lazy("不在任何社区内"),
    "community_unknown": gettext_lazy("社区对不上"),
    "count_missing": gettext_lazy("没有户数"),
    "count_invalid": gettext_lazy("户数有误"),
    "floors_invalid": gettext_lazy("层数有误"),
    "class_unknown": gettext_lazy("道路等级不明"),
    "underground": gettext_lazy("在地下"),
    "facility_unknown": gettext_lazy("设施类别不明"),
    "building_unknown": gettext_lazy("楼栋对不上"),
    "building_ambiguous": gettext_lazy("楼栋有重名"),
    "code_invalid": gettext_lazy("编码有误"),
    "code_taken": gettext_lazy("编码已登记"),
    "changed": gettext_lazy("内容变了"),
    "refused": gettext_lazy("登记时被拒绝"),
}
TONES = {
    ImportState.DONE: "good", ImportState.FAILED: "bad", ImportState.CHECKED: "warn", ImportState.READ: "warn",
    ImportState.ABANDONED: "neutral",
}  # fmt: skip
PHASES = {
    "reading": gettext_lazy("正在读文件"),
    "checking": gettext_lazy("正在核对图形和内容"),
    "writing": gettext_lazy("正在写检查结果"),
}


def finding_name(code: str) -> str:
    return str(FINDING_NAMES[code])


def finding_lines(job: GroundImport) -> Iterator[Sequence[Any]]:
    """Yield a line for every fault of every row, for a file people work through."""
    for row in ground_imports.all_with_findings(job):
        lon, lat = _middle(row)
        for one in row.findings:
            repaired = _("是") if one["is_repaired"] else _("否")
            sentence = sentence_of(one["code"], one["details"])
            yield row.number, one["code"], sentence, remedy_of(one["code"]), repaired, lon, lat


def findings_csv(job: GroundImport) -> Iterator[str]:
    """Yield the faults as a CSV a spreadsheet opens, piece by piece; no cell is taken for a formula."""
    yield BYTE_ORDER_MARK
    for line in itertools.chain([FINDING_COLUMNS], finding_lines(job)):
        piece = io.StringIO(newline="")
        csv.writer(piece).writerow([guarded(str(cell)) if isinstance(cell, str | Promise) else cell for cell in line])
        yield piece.getvalue()


def url_of(job: GroundImport) -> str:
    return reverse("planning:ground-import", args=[job.pk])


def _middle(row: StagedRow) -> tuple[float | None, float | None]:
    if row.min_lon is None or row.max_lon is None or row.min_lat is None or row.max_lat is None:
        return None, None
    return round((row.min_lon + row.max_lon) / 2, 6), round((row.min_lat + row.max_lat) / 2, 6)


@dataclass(frozen=True)
class ImportLine:
    """One import in the list."""

    id: int
    kind: str
    kind_code: str
    file_name: str
    state: str
    tone: str
    made_at: Any
    made_by: str
    rows: int
    applied: int
    refused: int
    url: str


@dataclass(frozen=True)
class ImportsPage:
    area: str
    figures: GroundFigures
    lines: list[ImportLine]
    next_key: int | None
    may_import: bool


def imports_page(jobs: Sequence[GroundImport], *, area: str, figures: GroundFigures, may_import: bool) -> ImportsPage:
    shown = jobs[:PER_PAGE]
    next_key = shown[-1].pk if len(jobs) > PER_PAGE else None
    return ImportsPage(area, figures, [_line(job) for job in shown], next_key, may_import)


def _line(job: GroundImport) -> ImportLine:
    return ImportLine(
        id=job.pk,
        kind=job.get_kind_display(),
        kind_code=job.kind,
        file_name=job.file_name,
        state=job.get_state_display(),
        tone=TONES.get(ImportState(job.state), "progress"),
        made_at=job.made_at,
        made_by=job.made_by.name if job.made_by else _("命令行"),
        rows=job.rows,
        applied=job.applied,
        refused=job.refused,
        url=url_of(job),
    )


@dataclass(frozen=True)
class ColumnChoice:
    """One field, the column it is taken from, and whether it has to be named."""

    field: str
    label: str
    column: str
    is_needed: bool


@dataclass(frozen=True)
class FindingSummary:
    code: str
    name: str
    remedy: str
    rows: int
    repaired: int


@dataclass(frozen=True)
class FindingLine:
    number: int
    sentences: list[tuple[str, str, bool]]
    """Sentence, what to do, whether it was repaired."""
    is_ready: bool


@dataclass(frozen=True)
class ImportPage:
    """One import: what was chosen, how far it is, what was found."""

    line: ImportLine
    state: str
    is_at_work: bool
    phase: str
    percent: int
    refusal: Mapping[str, str] | None
    may_import: bool
    source: str
    crs: str
    crs_choices: list[tuple[str, str]]
    crs_of_file: str
    layers: list[str]
    layer: str
    columns: list[ColumnChoice]
    headings: list[tuple[str, str]]
    known: int
    ready: int
    summaries: list[FindingSummary]
    findings: list[FindingLine]
    next_key: int | None
    code: str
    repairs: list[tuple[str, str, bool]]
    map: dict[str, Any] | None

    @property
    def epsg(self) -> str:
        return self.crs if self.crs.startswith("EPSG:") else ""

    @property
    def may_choose(self) -> bool:
        return self.may_import and self.state in (ImportState.READ, ImportState.CHECKED) and bool(self.headings)


def refusal_words(job: GroundImport) -> dict[str, str] | None:
    """Return sentence and remedy in the reader's language; None when nothing was refused."""
    if not job.refusal:
        return None
    return {name: in_readers_language(job.refusal[name]) for name in ("sentence", "remedy")}


def import_page(job: GroundImport, *, code: str, after: int, may_import: bool) -> ImportPage:
    kind, sample = GroundKind(job.kind), job.sample
    counts = ground_imports.finding_counts(job)
    rows = ground_imports.rows_with_findings(job, code=code, after=after) if counts else []
    shown = rows[:PER_PAGE]
    return ImportPage(
        line=_line(job),
        state=job.state,
        is_at_work=job.state in AT_WORK,
        phase=str(PHASES.get(job.phase, job.get_state_display())),
        percent=round(100 * job.applied / job.ready) if job.ready else 0,
        refusal=refusal_words(job),
        may_import=may_import,
        source=job.source,
        crs=job.crs,
        crs_choices=[(value, str(label)) for value, label in CHOICES if value != FROM_FILE or sample.get("crs")],
        crs_of_file=sample.get("crs_name", ""),
        layers=sample.get("layers", []),
        layer=job.layer,
        columns=_columns(kind, job.columns),
        headings=[(name, _heading(name, texts)) for name, texts in sample.get("columns", {}).items()],
        known=job.known,
        ready=job.ready,
        summaries=[
            FindingSummary(one.code, finding_name(one.code), remedy_of(one.code), one.rows, one.repaired)
            for one in counts
        ],
        findings=[_finding(row) for row in shown],
        next_key=shown[-1].number if len(rows) > PER_PAGE else None,
        code=code,
        repairs=_repairs(job, {one.code for one in counts}),
        map=_map(job) if counts else None,
    )


def _heading(name: str, texts: Sequence[str]) -> str:
    """Return a column's heading with what stands in its first rows."""
    examples = Truncator(listed(filter(None, texts))).chars(EXAMPLE_CHARACTERS)
    return _("{name}（例如 {examples}）").format(name=name, examples=examples) if examples else name


def _columns(kind: GroundKind, chosen: Mapping[str, str]) -> list[ColumnChoice]:
    needed = NEEDED.get(kind, ())
    return [ColumnChoice(one, str(FIELD_LABELS[one]), chosen.get(one, ""), one in needed) for one in FIELDS[kind]]


def _repairs(job: GroundImport, codes: set[str]) -> list[tuple[str, str, bool]]:
    """Return the repairs worth offering: those that would mend a fault found, and those asked for already."""
    chosen = set(job.repairs)
    asked = {code for code, kind in KINDS.items() if kind.repair is not None and kind.repair.value in chosen}
    return [(value, label, value in chosen) for value, label in repairs_for(codes | asked)]


def _finding(row: StagedRow) -> FindingLine:
    told = [
        (sentence_of(one["code"], one["details"]), remedy_of(one["code"]), one["is_repaired"]) for one in row.findings
    ]
    return FindingLine(row.number, told, row.is_ready)


def _map(job: GroundImport) -> dict[str, Any]:
    findings = reverse("planning:ground-findings-map", args=[job.pk])
    communities = f"{reverse('places:layer', args=['communities'])}?area={job.area_code}"
    return {
        "bounds": ground_imports.bounds_of_findings(job) or bounds_of(job.area_code),
        "layers": [
            {"id": "areas", "kind": "area", "url": communities},
            {"id": "streets", "kind": "street", "url": reverse("places:layer", args=["roads"]), "by_view": True},
            {
                "id": "buildings",
                "kind": "building",
                "url": reverse("places:layer", args=["buildings"]),
                "by_view": True,
            },
            {"id": "findings", "kind": "area", "url": f"{findings}?outlines=1"},
        ],
        "points": {"url": findings, "cluster": True},
        "legend": [{"tone": "bad", "label": _("没有导入")}, {"tone": "good", "label": _("已修正")}],
    }


def findings_geojson(rows: Iterable[StagedRow], *, outlines: bool) -> dict[str, Any]:
    """Return a point for each row with a fault, or its outline as it is in the file."""
    return {"type": "FeatureCollection", "features": [_feature(row, outline=outlines) for row in rows]}


def _feature(row: StagedRow, *, outline: bool) -> dict[str, Any]:
    shape = read_shape(row.shape or b"")
    drawn = shape if outline else shape.centroid
    names = listed([finding_name(one["code"]) for one in row.findings])
    return {
        "type": "Feature",
        "id": row.pk,
        "properties": {
            "label": _("第 {row} 行 {names}").format(row=row.number, names=names),
            "tone": "good" if row.is_ready else "bad",
        },
        "geometry": shapely.geometry.mapping(shapely.transform(drawn, lambda at: at.round(7))),
    }
