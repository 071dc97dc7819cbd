"""The desk for programs: dispatching many, saved views, files, and what stands around a case."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import JsonResponse
from django.utils import timezone
from ninja import Query, Router, Status

from mulin.core.audit import purposes
from mulin.core.revealing import services as revealing
from mulin.domains.accounts import access as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, moving, services
from mulin.domains.cases.api.desk_schemas import (
    ChoicesOut,
    ClockOut,
    DispatchIn,
    ExportIn,
    ExportOut,
    FrameIn,
    MapListOut,
    MapOut,
    MapRowOut,
    OutcomeOut,
    OutcomesOut,
    ProtectionIn,
    ProtectionOut,
    RelatedOut,
    RemovedOut,
    ViewIn,
    ViewOut,
)
from mulin.domains.cases.api.related import related_out
from mulin.domains.cases.engine.dispatching import kind_of
from mulin.domains.cases.models import Case
from mulin.domains.cases.pages import desk_detail, export, picture
from mulin.domains.cases.pages.revealed import REPORTERS, care_mask, is_protected, reporters_mask
from mulin.domains.cases.queries import filters, holders, queue
from mulin.domains.cases.services import saved_views
from mulin.domains.duty import queries as duty
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once, plain
from mulin.web.api_revealing import RevealedOut, RevealIn

router = Router(tags=["desk"])

Request = Recognised[User]


def _desk(request: Request) -> User:
    return accounts.require(request.user, "cases.desk")


@router.get("/cases/dispatch-choices", response={200: ChoicesOut, **REFUSALS})
def dispatch_choices(request: Request) -> ChoicesOut:
    """Whom many cases can be handed to at once: desks and grids in your areas, departments."""
    now = timezone.now()
    own = duty.scope_of(_desk(request), "cases.desk", now=now).area_codes
    return ChoicesOut.from_orm(holders.for_many(own, now=now))


@router.post("/cases/dispatch", response={200: OutcomesOut, **REFUSALS}, openapi_extra=WRITE)
def dispatch_many(request: Request, asked: DispatchIn) -> dict[str, Any]:
    """批量派单, at most 200 cases; each is done or refused by itself, and the answer says which and why."""
    user, now, fields = _desk(request), timezone.now(), asked.model_dump()

    def do() -> dict[str, Any]:
        # In one order for everybody: two who hand on the same cases at once do not wait for each other in a circle.
        outcomes = moving.dispatch_many(user, sorted(set(asked.cases)), fields, now=now)
        return _outcomes(outcomes)

    return once(request, fields, do)


def _outcomes(outcomes: list[moving.Outcome]) -> dict[str, Any]:
    refused = sum(one.refusal is not None for one in outcomes)
    items = [
        {
            "case_id": one.case_id,
            "number": one.number,
            "holder": one.holder,
            "refusal": one.refusal.as_dict() if one.refusal else None,
        }
        for one in outcomes
    ]
    return {
        "done": len(outcomes) - refused,
        "refused": refused,
        "items": [plain(OutcomeOut, item) for item in items],
    }


@router.post("/cases/export", response={201: ExportOut, **REFUSALS}, openapi_extra=WRITE)
def export_cases(request: Request, asked: ExportIn) -> Status[dict[str, Any]]:
    """导出: write the list as CSV or XLSX, newest first, without anything about reporters; needs a purpose."""
    _desk(request)
    user, now = accounts.require(request.user, "cases.export"), timezone.now()

    def do() -> dict[str, Any]:
        purpose = purposes.named(asked.purpose, asked.note)
        wanted = access.filters_for(user, asked.filters.model_dump(), now=now)
        made = export.make(user, wanted, asked.format, purpose, now=now)
        return plain(ExportOut, made)

    return Status(201, once(request, asked.model_dump(), do))


@router.get("/cases/map", response={200: MapOut, **REFUSALS})
def cases_on_map(request: Request, asked: Query[FrameIn]) -> JsonResponse:
    """Open cases with a point as GeoJSON: category, urgency and page; nobody's words."""
    user, box, now = _desk(request), picture.box_of(asked.bbox), timezone.now()
    found = picture.map_data(user, access.filters_for(user, asked.model_dump(), now=now), box, now=now)
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


@router.get("/cases/map/list", response={200: MapListOut, **REFUSALS})
def cases_in_frame(request: Request, asked: Query[FrameIn]) -> MapListOut:
    """The list beside the map: the most pressing 60 of the frame, and how many more there are."""
    user, box, now = _desk(request), picture.box_of(asked.bbox), timezone.now()
    wanted = access.filters_for(user, asked.model_dump(), now=now)
    listed = picture.map_list(user, wanted, box, now=now)
    rows = [MapRowOut.from_orm(replace(row, status=str(row.status))) for row in listed.rows]
    return MapListOut(rows=rows, more=listed.more, cut=listed.cut)


@router.get("/views", response={200: list[ViewOut], **REFUSALS})
def saved(request: Request) -> list[ViewOut]:
    """已保存的视图: your filters kept under a name."""
    return [ViewOut.from_orm(view) for view in queue.saved_views(_desk(request))]


@router.post("/views", response={201: ViewOut, **REFUSALS}, openapi_extra=WRITE)
def save_view(request: Request, asked: ViewIn) -> Status[dict[str, Any]]:
    """保存视图."""
    user, now = _desk(request), timezone.now()
    wanted = filters.read(asked.filters.model_dump())

    def do() -> dict[str, Any]:
        return plain(ViewOut, saved_views.keep(actor=user, name=asked.name, filters=wanted, now=now))

    return Status(201, once(request, asked.model_dump(), do))


@router.post("/views/{view_id}/remove", response={200: RemovedOut, **REFUSALS}, openapi_extra=WRITE)
def remove_view(request: Request, view_id: Id) -> dict[str, Any]:
    """删除视图."""
    user, now = _desk(request), timezone.now()

    def do() -> dict[str, Any]:
        saved_views.remove(actor=user, view_id=view_id, now=now)
        return {"removed": view_id}

    return once(request, {}, do)


@router.get("/cases/{case_id}/holders", response={200: ChoicesOut, **REFUSALS})
def case_holders(request: Request, case_id: Id) -> ChoicesOut:
    """Whom the case can be dispatched to or whistle for: seats above its place, departments by duty list."""
    now = timezone.now()
    case = access.case_for(request.user, case_id, now=now)
    seats = holders.along_the_chain(case, now=now)
    departments = holders.departments_for(case.area_code, kind_of(case), now=now)
    return ChoicesOut.from_orm(holders.Choices(tuple(seats), tuple(departments)))


@router.get("/cases/{case_id}/deadlines", response={200: list[ClockOut], **REFUSALS})
def deadlines(request: Request, case_id: Id) -> list[ClockOut]:
    """Both promises of a case, and why this time: which clock, which days were left out, which pauses."""
    case = access.case_for(request.user, case_id, now=timezone.now())
    return [ClockOut.from_orm(clock) for clock in desk_detail.clocks_of(case)]


@router.get("/cases/{case_id}/related", response={200: RelatedOut, **REFUSALS})
def related(request: Request, case_id: Id) -> RelatedOut:
    """What stands beside a case: open cases alike, merged and split ones, seats passed over, other categories."""
    now = timezone.now()
    return related_out(request.user, access.case_for(request.user, case_id, now=now), now=now)


@router.post("/cases/{case_id}/reporters", response={200: RevealedOut, **REFUSALS})
def reveal_reporters(request: Request, case_id: Id, asked: RevealIn) -> RevealedOut:
    """Who asked, with name, phone and room in full; the same as POST /reveal/cases.reporters/{id}."""
    shown = revealing.reveal(
        actor=request.user,
        field=REPORTERS,
        object_id=case_id,
        purpose=purposes.named(asked.purpose, asked.note),
        now=timezone.now(),
    )
    return RevealedOut.from_orm(shown)


@router.get("/cases/{case_id}/protection", response={200: ProtectionOut, **REFUSALS})
def protection(request: Request, case_id: Id) -> ProtectionOut:
    """特别保护 of a case whose reporters you may know, and how its masked values stand for you."""
    now = timezone.now()
    return _protection(request.user, access.case_with_reporters(request.user, case_id, now=now), now=now)


@router.post("/cases/{case_id}/protection", response={200: ProtectionOut, **REFUSALS}, openapi_extra=WRITE)
def protect(request: Request, case_id: Id, asked: ProtectionIn) -> dict[str, Any]:
    """加上特别保护: a child under 14, or a note on health and care; nothing is taken away."""
    user, now = request.user, timezone.now()

    def do() -> dict[str, Any]:
        case = access.case_with_reporters(user, case_id, now=now)
        services.protect(actor=user, case=case, under_14=asked.under_14, note=asked.note, now=now)
        return plain(ProtectionOut, _protection(user, access.case_with_reporters(user, case_id, now=now), now=now))

    return once(request, asked.model_dump(), do)


def _protection(user: User, case: Case, *, now: datetime) -> ProtectionOut:
    care = care_mask(user, case, now=now)
    return ProtectionOut(
        under_14=is_protected(case),
        reporters=reporters_mask(user, case, now=now).state,
        care=care.state if care else None,
    )
