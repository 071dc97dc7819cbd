"""方案生效: the last look, from when a plan holds, taking that back, and what it changed."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.draft_schemas import DraftOut, SeenIn, draft_out
from mulin.domains.planning.models import Publication
from mulin.domains.planning.notice_pdf import notices_pdf
from mulin.domains.planning.pages import publications as pages
from mulin.domains.planning.pages.drafts import NoPlanYet
from mulin.domains.planning.pages.notices import notice_data
from mulin.domains.planning.pages.publications import PublishPage
from mulin.domains.planning.services import publishing
from mulin.domains.planning.states import PUBLISH, SEE
from mulin.web.api import REFUSALS, WRITE, Day, Id, Recognised, answers_file, once, plain

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"

router = Router(tags=["planning"])

Request = Recognised[User]
Change = Annotated[int, Field(ge=0, le=2**62)]


class PublishIn(SeenIn):
    """From when the plan holds; a `reason` where bounds are bent and nothing forces it."""

    from_date: Day
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""


class LastLookOut(Schema):
    """What putting a plan in force would change, and what stands in its way.

    `hard` may never be, `soft` needs a reason, `excused` cannot be helped; `new_buildings` and `moved_buildings` came
    or were moved since the draft was begun.
    """

    hard: list[str]
    soft: list[str]
    excused: list[str]
    new_buildings: list[str]
    moved_buildings: list[str]
    gone: int
    new_grids: list[str]
    kept_grids: int
    closed_grids: list[str]
    changed: int


class HandOverTallyOut(Schema):
    buildings: int
    changed_buildings: int
    households: int
    changed_households: int
    new_grids: int
    closed_grids: int


class PostToFillOut(Schema):
    place_id: int
    grid: str
    code: str


class NoticePortionOut(Schema):
    """Notices of the first to the last building; `after` opens them as one file."""

    first: int
    last: int
    after: int


class PublicationOut(Schema):
    """When a plan holds from and, once it does, what it changed; `refusal` says why it was sent back."""

    draft_id: int
    state: str
    state_name: str
    from_date: date
    reason: str
    scheduled_by: str
    scheduled_at: datetime
    refusal: str
    tally: HandOverTallyOut | None
    posts_to_fill: list[PostToFillOut]
    notices: list[NoticePortionOut]


@router.get("/planning/drafts/{draft_id}/last-look", response={200: LastLookOut, **REFUSALS})
def last_look(request: Request, draft_id: Id) -> PublishPage:
    """What stands in the way of a plan, and what it would change, before a day is set."""
    now = timezone.now()
    draft = access.draft_to(PUBLISH, request.user, draft_id, now=now)
    if draft.head is None:
        raise NoPlanYet
    return pages.publish_page(draft, today=timezone.localdate(now))


@router.post("/planning/drafts/{draft_id}/publication", response={201: PublicationOut, **REFUSALS}, openapi_extra=WRITE)
def publish_draft(request: Request, draft_id: Id, asked: PublishIn) -> Status[dict[str, Any]]:
    """定生效日期: the plan holds from that day on, at once where it is today; `state` says what became of it."""
    now = timezone.now()
    draft = access.draft_to(PUBLISH, request.user, draft_id, now=now)

    def do() -> dict[str, Any]:
        publishing.put_in_force(
            actor=request.user, draft=draft, seen=asked.seen, from_date=asked.from_date, reason=asked.reason, now=now
        )
        return plain(PublicationOut, _out(access.publication_to_see(request.user, draft_id, now=now)))

    return Status(201, once(request, asked.model_dump(mode="json"), do))


@router.post("/planning/drafts/{draft_id}/recall", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def recall_draft(request: Request, draft_id: Id) -> dict[str, Any]:
    """撤回: take a plan back before its day."""
    now = timezone.now()
    draft = access.draft_to(PUBLISH, request.user, draft_id, now=now)

    def do() -> dict[str, Any]:
        publishing.recall(actor=request.user, draft=draft, now=now)
        return plain(DraftOut, draft_out(request.user, access.draft_to(SEE, request.user, draft_id, now=now), now=now))

    return once(request, {}, do)


@router.get("/planning/drafts/{draft_id}/publication", response={200: PublicationOut, **REFUSALS})
def publication(request: Request, draft_id: Id) -> PublicationOut:
    """When the plan holds from, what it changed, and the posts it leaves to be filled."""
    return _out(access.publication_to_see(request.user, draft_id, now=timezone.now()))


def _out(found: Publication) -> PublicationOut:
    page = pages.publication_page(found, now=timezone.now())
    return PublicationOut(
        draft_id=found.draft_id,
        state=found.state,
        state_name=page.state,
        from_date=page.from_date,
        reason=page.reason,
        scheduled_by=page.scheduled_by,
        scheduled_at=page.scheduled_at,
        refusal=page.refusal,
        tally=HandOverTallyOut.from_orm(page.tally) if page.tally else None,
        posts_to_fill=[PostToFillOut.from_orm(one) for one in page.posts],
        notices=[NoticePortionOut.from_orm(one) for one in page.portions],
    )


@router.get(
    "/planning/drafts/{draft_id}/publication/households",
    response={200: None, **REFUSALS},
    openapi_extra=answers_file(XLSX),
)
def publication_households(request: Request, draft_id: Id) -> HttpResponse:
    """前后对照表: every household by its door, with its grid before and after."""
    found = access.publication_to_see(request.user, draft_id, now=timezone.now())
    return HttpResponse(pages.household_sheet(found), content_type=XLSX)


@router.get(
    "/planning/drafts/{draft_id}/publication/notices",
    response={200: None, **REFUSALS},
    openapi_extra=answers_file(PDF),
)
def publication_notices(
    request: Request, draft_id: Id, after: Annotated[int, Field(ge=0, le=2**62)] = 0
) -> HttpResponse:
    """网格调整告知书 to print, a door a page, at most 200; `after` as the publication's `notices` name it."""
    now = timezone.now()
    found = access.publication_to_see(request.user, draft_id, now=now)
    return HttpResponse(notices_pdf(notice_data(found, after=after, now=now)), content_type=PDF)
