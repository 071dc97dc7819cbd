"""What the API takes and answers about imports of ground truth."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from mulin.domains.planning.api.values import ShortCode, Source
from mulin.domains.planning.importing.findings import Repair
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import GroundImport
from mulin.domains.planning.pages.ground_imports import ImportPage
from mulin.domains.planning.queries.ground_imports import PER_PAGE, GroundFigures
from mulin.web.api import Word


class FileIn(Schema):
    """What the file holds, and whose it is: the same key of another source is another thing."""

    kind: GroundKind
    source: Source = ""


class LayerIn(Schema):
    layer: Word


class ReadingIn(Schema):
    """`crs`: one of `crs_choices` or an EPSG code; `columns`: field → column of the file."""

    crs: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")] = ""
    columns: Annotated[dict[ShortCode, Word], Field(max_length=30)] = {}
    repairs: Annotated[list[Repair], Field(max_length=20)] = []


class FindingsIn(Schema):
    """Rows with faults, of one `code` or all, those after a number in the file."""

    code: ShortCode = ""
    after: Annotated[int, Field(ge=-1, le=2**31 - 1)] = -1


class GroundFiguresOut(Schema):
    communities: int
    communities_drawn: int
    buildings: int
    buildings_placed: int
    grids: int


class GroundRowOut(Schema):
    id: int
    kind: str
    file_name: str
    state: str
    made_by: str
    made_at: datetime
    rows: int
    applied: int
    refused: int


class GroundImportsOut(Schema):
    area_code: str
    figures: GroundFiguresOut
    items: list[GroundRowOut]
    next_key: int | None


class ColumnOut(Schema):
    """A field and the column it is taken from; needed ones have to be named."""

    field: str
    label: str
    column: str
    is_needed: bool


class WhyOut(Schema):
    code: str
    sentence: str
    remedy: str


class FaultOut(Schema):
    """How many rows have a fault, and how many of them were mended."""

    code: str
    name: str
    remedy: str
    rows: int
    repaired: int


class RepairOut(Schema):
    code: str
    label: str
    is_chosen: bool


class SaidOut(Schema):
    sentence: str
    remedy: str
    is_repaired: bool


class FaultyRowOut(Schema):
    number: int
    said: list[SaidOut]
    is_ready: bool


class GroundImportOut(GroundRowOut):
    """`headings` of the file with what stands in its first rows; `next_key` as `after` opens the next rows."""

    source: str
    phase: str
    is_at_work: bool
    refusal: WhyOut | None
    layers: list[str]
    layer: str
    crs: str
    crs_of_file: str
    crs_choices: list[str]
    columns: list[ColumnOut]
    headings: list[str]
    known: int
    ready: int
    faults: list[FaultOut]
    repairs: list[RepairOut]
    items: list[FaultyRowOut]
    next_key: int | None
    may_import: bool


def imports_out(jobs: Sequence[GroundImport], figures: GroundFigures, *, area_code: str) -> GroundImportsOut:
    shown = jobs[:PER_PAGE]
    return GroundImportsOut(
        area_code=area_code,
        figures=GroundFiguresOut.from_orm(figures),
        items=[_row(job) for job in shown],
        next_key=shown[-1].pk if len(jobs) > PER_PAGE else None,
    )


def _row(job: GroundImport) -> GroundRowOut:
    return GroundRowOut(
        id=job.pk,
        kind=job.kind,
        file_name=job.file_name,
        state=job.state,
        made_by=job.made_by.name if job.made_by else "",
        made_at=job.made_at,
        rows=job.rows,
        applied=job.applied,
        refused=job.refused,
    )


def import_out(job: GroundImport, page: ImportPage) -> GroundImportOut:
    return GroundImportOut(
        **_row(job).model_dump(),
        source=job.source,
        phase=job.phase,
        is_at_work=page.is_at_work,
        refusal=WhyOut(**job.refusal) if job.refusal else None,
        layers=page.layers,
        layer=page.layer,
        crs=page.crs,
        crs_of_file=page.crs_of_file,
        crs_choices=[value for value, _label in page.crs_choices],
        columns=[ColumnOut.from_orm(one) for one in page.columns],
        headings=[name for name, _examples in page.headings],
        known=page.known,
        ready=page.ready,
        faults=[FaultOut.from_orm(one) for one in page.summaries],
        repairs=[RepairOut(code=code, label=label, is_chosen=is_chosen) for code, label, is_chosen in page.repairs],
        items=[
            FaultyRowOut(
                number=row.number,
                said=[
                    SaidOut(sentence=sentence, remedy=remedy, is_repaired=is_repaired)
                    for sentence, remedy, is_repaired in row.sentences
                ],
                is_ready=row.is_ready,
            )
            for row in page.findings
        ],
        next_key=page.next_key,
        may_import=page.may_import,
    )
