"""Exports for programs: those one has made, and the file of one."""

from datetime import datetime

from django.http.response import HttpResponseBase
from ninja import Router, Schema

from mulin.core.audit.recording import Actor
from mulin.core.exports import queries
from mulin.core.exports.models import ExportFile
from mulin.web.api import REFUSALS, Id, Recognised, answers_file
from mulin.web.exports import file_for

router = Router(tags=["exports"])

Request = Recognised[Actor]
MEDIA_TYPES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class ExportRowOut(Schema):
    """An export of yours and why it was made; its file is there until `expires_at`.

    With a `path` a command wrote it there on the server, and it is not fetched here.
    """

    id: int
    kind: str
    name: str
    purpose: str
    purpose_name: str
    purpose_note: str
    rows: int
    bytes: int
    made_at: datetime
    expires_at: datetime
    deleted_at: datetime | None
    path: str


@router.get("/exports", response={200: list[ExportRowOut], **REFUSALS})
def exports(request: Request) -> list[ExportRowOut]:
    """我的导出: the latest 50, those deleted too."""
    return [_export(one, purpose_name) for one, purpose_name in queries.made_by(request.user)]


def _export(one: ExportFile, purpose_name: str) -> ExportRowOut:
    return ExportRowOut(
        id=one.pk,
        kind=one.kind,
        name=one.name,
        purpose=one.purpose,
        purpose_name=purpose_name,
        purpose_note=one.purpose_note,
        rows=one.rows,
        bytes=one.bytes,
        made_at=one.made_at,
        expires_at=one.expires_at,
        deleted_at=one.deleted_at,
        path=one.path,
    )


@router.get("/exports/{export_id}", response={200: None, **REFUSALS}, openapi_extra=answers_file(*MEDIA_TYPES))
def export_file(request: Request, export_id: Id) -> HttpResponseBase:
    """The file of an export you made, until it expires; every time is written down."""
    return file_for(request.user, export_id)
