"""我也遇到: what neighbours have reported at a building already, and joining it; and the photos of a case."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from mulin.domains.accounts.models import User
from mulin.domains.cases import access, services
from mulin.domains.cases.api.residents import PlaceMissing
from mulin.domains.cases.api.schemas import WhereIn
from mulin.domains.cases.pages import photo as photo_pages
from mulin.domains.cases.pages import report as report_pages
from mulin.domains.cases.queries import similar
from mulin.domains.places.queries import Location
from mulin.web.api import REFUSALS, WRITE, Code, Id, Text, Word, answers_file, once
from mulin.web.guards import address_of, may_ask

router = Router(tags=["residents"])


class SimilarIn(WhereIn):
    category: Code


class NeighboursCaseOut(Schema):
    """What a neighbour may know of another's case: nobody's words, nobody's name."""

    case_id: int
    category_code: str
    status: str
    reported_at: datetime


class JoinIn(WhereIn):
    """Where you are, and what you want to add; contact is optional."""

    text: Text = ""
    name: Word = ""
    phone: Word = ""
    room: Word = ""


class JoinedOut(Schema):
    """A code of one's own: it shows progress and result; rating and reopening stay with who reported first."""

    follow_code: str
    number: str


def _located(asked: WhereIn) -> Location:
    location = report_pages.place_named(asked.model_dump() | {"b": asked.board})
    if location is None:
        raise PlaceMissing
    return location


@router.get("/reports/similar", response={200: list[NeighboursCaseOut], **REFUSALS})
def similar_reports(request: HttpRequest, asked: Query[SimilarIn]) -> list[similar.Similar]:
    """Open cases of the category at the same building, latest first; none where it would tell about a neighbour."""
    may_ask(request)
    return similar.open_at(_located(asked), asked.category, now=timezone.now())


@router.post("/reports/{case_id}/join", response={201: JoinedOut, **REFUSALS}, openapi_extra=WRITE)
def join(request: HttpRequest, case_id: Id, asked: JoinIn) -> Status[dict[str, Any]]:
    """我也遇到: become a further reporter of an open case at your building instead of filing it again."""
    now, actor = timezone.now(), request.user if isinstance(request.user, User) else None
    location = _located(asked)
    if actor is None:
        access.may_report(address_of(request), now=now)

    def do() -> dict[str, Any]:
        case = access.neighbours_case(location, case_id, now=now)
        contact = services.Contact(asked.name, asked.phone, asked.room)
        reporter = services.join_case(actor=actor, case=case, words=asked.text, contact=contact, now=now)
        return {"follow_code": reporter.follow_code, "number": case.number}

    return Status(201, once(request, asked.model_dump(), do))


@router.get("/photos/{photo_id}", response={200: None, **REFUSALS}, openapi_extra=answers_file("image/jpeg"))
def photo(request: HttpRequest, photo_id: Id, code: Code | None = None) -> FileResponse:
    """A photo of a case, for who has its receipt code or may see the case."""
    viewer: User | access.Visitor = access.Visitor(address_of(request), code or "")
    if code is None:
        if not isinstance(request.user, User):
            raise access.CaseUnknown
        viewer = request.user
    return photo_pages.as_file(access.photo_for(viewer, photo_id, now=timezone.now()))
