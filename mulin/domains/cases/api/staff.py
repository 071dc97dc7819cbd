"""What people in post do with cases: list, open, move, answer whistles."""

from typing import Annotated, Any, Literal

from django.http import JsonResponse
from django.utils import timezone
from ninja import File, Form, Query, Router
from ninja.decorators import decorate_view
from ninja.files import UploadedFile
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.cases import access, moving
from mulin.domains.cases.api.answers import case_out, row_out
from mulin.domains.cases.api.desk_schemas import PageIn
from mulin.domains.cases.api.schemas import CaseOut, CasePageOut, CountsOut, MoveIn, MoveOut, ReasonOut
from mulin.domains.cases.api.uploading import takes_photos
from mulin.domains.cases.engine import photos as stored_photos
from mulin.domains.cases.engine.photos import StoredPhoto
from mulin.domains.cases.queries import directory, queue
from mulin.domains.places import queries as places
from mulin.web.api import REFUSALS, WRITE, AreaCode, Id, Recognised, Text, once, plain

router = Router(tags=["cases"])

Request = Recognised[User]
MoveName = Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
ReasonList = Literal["return_reasons", "reject_reasons", "pause_reasons"]


@router.get("/cases", response={200: CasePageOut, **REFUSALS})
def cases(request: Request, asked: Query[PageIn]) -> JsonResponse:
    """Cases you may see, 50 to a page, by deadline or (`sort=newest`) by number."""
    now = timezone.now()
    wanted = access.filters_for(request.user, asked.model_dump(), now=now)
    page = queue.page(request.user, wanted, now=now, after=asked.after, before=asked.before)
    rows = [row_out(row) for row in page.rows]
    answer = {"items": rows, "next_key": page.next_key, "previous_key": page.previous_key}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


@router.get("/cases/counts", response={200: CountsOut, **REFUSALS})
def counts(request: Request) -> queue.Counts:
    """What waits among the cases you may see."""
    return queue.counts(request.user, now=timezone.now())


@router.get("/cases/{case_id}", response={200: CaseOut, **REFUSALS})
def case(request: Request, case_id: Id) -> CaseOut:
    """One case with its steps, whistles and photos. A hidden case and none are answered alike."""
    now = timezone.now()
    return case_out(request.user, access.case_for(request.user, case_id, now=now), now=now)


@router.get("/cases/{case_id}/moves", response={200: list[MoveOut], **REFUSALS})
def moves(request: Request, case_id: Id) -> list[MoveOut]:
    """The moves you can make with the case now."""
    now = timezone.now()
    found = access.moves_for(request.user, access.case_for(request.user, case_id, now=now), now=now)
    return [
        MoveOut(name=move.name, label=str(move.label), fields=list(moving.FIELDS.get(move.name, ()))) for move in found
    ]


@router.post("/cases/{case_id}/moves/{move}", response={200: CaseOut, **REFUSALS}, openapi_extra=WRITE)
def make_move(request: Request, case_id: Id, move: MoveName, asked: MoveIn) -> dict[str, Any]:
    """Make a move: accept, contact, escalate, whistle, pause, resolve, dispatch, …; split answers the new case."""
    return _moved(request, case_id, move, asked.model_dump(mode="json", exclude_none=True), ())


@router.post("/cases/{case_id}/resolution", response={200: CaseOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(takes_photos)
def resolve(request: Request, case_id: Id, result: Form[Text], photos: File[list[UploadedFile]]) -> dict[str, Any]:
    """办结 with photos; without them the move `resolve` will do."""
    access.case_for(request.user, case_id, now=timezone.now(), move="resolve")
    stored, kept = stored_photos.store_all(photos), list[bool]()
    try:
        return _moved(request, case_id, "resolve", {"result": result}, tuple(stored), kept)
    finally:
        if not kept:
            stored_photos.discard(stored)


def _moved(
    request: Request,
    case_id: int,
    move: str,
    fields: dict[str, Any],
    photos: tuple[StoredPhoto, ...],
    done: list[bool] | None = None,
) -> dict[str, Any]:
    now = timezone.now()

    def do() -> dict[str, Any]:
        moved = moving.make(request.user, case_id, move, fields, now=now, photos=photos)
        if done is not None:
            done.append(True)
        return plain(CaseOut, case_out(request.user, moved, now=now))

    return once(request, [fields, [photo.sha256 for photo in photos]], do)


@router.post("/whistles/{whistle_id}/moves/{move}", response={200: CaseOut, **REFUSALS}, openapi_extra=WRITE)
def answer_whistle(request: Request, whistle_id: Id, move: MoveName, asked: MoveIn) -> dict[str, Any]:
    """报到 `arrive`, 联合办理结果 `joint_result`, 退哨 `return_whistle`."""
    now, fields = timezone.now(), asked.model_dump(mode="json", exclude_none=True)

    def do() -> dict[str, Any]:
        moved = moving.answer_whistle(request.user, whistle_id, move, fields, now=now)
        return plain(CaseOut, case_out(request.user, moved, now=now))

    return once(request, fields, do)


@router.get("/reasons/{name}", response={200: list[ReasonOut], **REFUSALS})
def reasons(request: Request, name: ReasonList, area: AreaCode) -> list[dict[str, str]]:
    """The dated list of lawful reasons in force in an area."""
    places.area_by_code(area)
    found: list[dict[str, str]] = directory.policy(name, now=timezone.now(), area_code=area)
    return found
