"""人员草案: who is to work in which grid; made, changed by hand, published as tenures."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router, Status

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.staffing_schemas import (
    AddIn,
    BanIn,
    CandidateOut,
    ChoiceIn,
    FromIn,
    MakeIn,
    NearIn,
    RoughPlaceOut,
    RulesIn,
    StaffingListOut,
    StaffingOut,
    staffing_out,
    staffing_rows,
)
from mulin.domains.planning.api.values import ANSWERS_GEOJSON, GEOJSON
from mulin.domains.planning.models import StaffingDraft, StaffingPerson
from mulin.domains.planning.pages import staffing as pages
from mulin.domains.planning.queries import staffing as queries
from mulin.domains.planning.services import staffing as services
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, Word, once, plain

router = Router(tags=["planning"])

Request = Recognised[User]


def _seen(request: Request, draft_id: int) -> StaffingDraft:
    return access.staffing_to(access.SEE, request.user, draft_id, now=timezone.now())


@router.get("/planning/staffing", response={200: StaffingListOut, **REFUSALS})
def staffing_drafts(request: Request, after: Id | None = None) -> StaffingListOut:
    """人员草案 of your areas, latest first, 50 to a page, and the posts one can be made for."""
    now = timezone.now()
    found = queries.listed(access.own_areas(request.user, now=now), after=after)
    next_key = found[-1].pk if len(found) == queries.LIST_LENGTH else None
    return StaffingListOut(
        items=staffing_rows(found), next_key=next_key, posts=[post.code for post in queries.grid_posts(now=now)]
    )


@router.post("/planning/staffing", response={201: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def make_staffing(request: Request, asked: MakeIn) -> Status[dict[str, Any]]:
    """起草 with who holds the post now."""
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, asked.area or "", now=now)
    post = access.grid_post(asked.post, now=now)

    def do() -> dict[str, Any]:
        made = services.make_staffing(
            actor=request.user, area_code=area.code, post=post, wish=asked.rules.wish(), now=now
        )
        return _told(request, made.pk)

    return Status(201, once(request, asked.model_dump(), do))


def _told(request: Request, draft_id: int) -> dict[str, Any]:
    return plain(StaffingOut, staffing_out(_seen(request, draft_id), now=timezone.now()))


@router.get("/planning/staffing/{draft_id}", response={200: StaffingOut, **REFUSALS})
def staffing_draft(request: Request, draft_id: Id) -> StaffingOut:
    """A draft: who stays, moves, comes or leaves, the ways in m, and which rules cannot be kept and why."""
    return staffing_out(_seen(request, draft_id), now=timezone.now())


@router.get("/planning/staffing/{draft_id}/geojson", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def staffing_geojson(request: Request, draft_id: Id) -> HttpResponse:
    """The grids and the ways of those who move, for other maps."""
    page = pages.staffing_page(_seen(request, draft_id), now=timezone.now())
    return JsonResponse(pages.staffing_geojson(page), content_type=GEOJSON, json_dumps_params={"ensure_ascii": False})


@router.get("/planning/staffing/{draft_id}/rough-places", response={200: list[RoughPlaceOut], **REFUSALS})
def rough_places(request: Request, draft_id: Id) -> list[RoughPlaceOut]:
    """What may be named as a rough starting point: communities and estates, never a home."""
    found = queries.rough_places(_seen(request, draft_id).area_code)
    return [RoughPlaceOut.from_orm(one) for one in found]


@router.get("/planning/staffing/{draft_id}/candidates", response={200: list[CandidateOut], **REFUSALS})
def staffing_candidates(request: Request, draft_id: Id, text: Word) -> list[CandidateOut]:
    """People with an account whose name begins so and who are not in the draft yet."""
    page = pages.staffing_page(_seen(request, draft_id), now=timezone.now())
    return [CandidateOut.from_orm(one) for one in pages.people_to_add(page, text)]


@router.post("/planning/staffing/{draft_id}/rules", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def change_staffing_rules(request: Request, draft_id: Id, asked: RulesIn) -> dict[str, Any]:
    """改要求: compute the draft under other rules."""
    now = timezone.now()
    return _changed(
        request,
        draft_id,
        asked.model_dump(),
        lambda found: services.change_rules(actor=request.user, draft=found, wish=asked.wish(), now=now),
    )


@router.post("/planning/staffing/{draft_id}/people", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def add_staffing_person(request: Request, draft_id: Id, asked: AddIn) -> dict[str, Any]:
    """加入人员; `near` is a rough starting point, for this draft only."""
    now = timezone.now()

    def add(found: StaffingDraft) -> object:
        person = access.person_to_place(asked.person)
        near = access.rough_point(asked.near, area_code=found.area_code) if asked.near else None
        return services.add_person(actor=request.user, draft=found, person=person, near=near, now=now)

    return _changed(request, draft_id, asked.model_dump(), add)


@router.post(
    "/planning/staffing/{draft_id}/people/{row_id}/grid", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE
)
def choose_staffing_grid(request: Request, draft_id: Id, row_id: Id, asked: ChoiceIn) -> dict[str, Any]:
    """指定 a grid for somebody; without one the reserve 候补."""
    now = timezone.now()

    def choose(row: StaffingPerson, found: StaffingDraft) -> None:
        services.choose_grid(actor=request.user, row=row, grid_id=asked.grid, now=now)

    return _decided(request, draft_id, row_id, asked.model_dump(), choose)


@router.post(
    "/planning/staffing/{draft_id}/people/{row_id}/auto", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE
)
def let_staffing_compute(request: Request, draft_id: Id, row_id: Id) -> dict[str, Any]:
    """自动: take back what was decided by hand, refusals of grids too."""
    now = timezone.now()

    def let(row: StaffingPerson, found: StaffingDraft) -> None:
        services.let_compute(actor=request.user, row=row, now=now)

    return _decided(request, draft_id, row_id, {}, let)


@router.post(
    "/planning/staffing/{draft_id}/people/{row_id}/ban", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE
)
def ban_staffing_grid(request: Request, draft_id: Id, row_id: Id, asked: BanIn) -> dict[str, Any]:
    """不去: this person does not go to this grid."""
    now = timezone.now()

    def ban(row: StaffingPerson, found: StaffingDraft) -> None:
        services.ban_grid(actor=request.user, row=row, grid_id=asked.grid, now=now)

    return _decided(request, draft_id, row_id, asked.model_dump(), ban)


@router.post(
    "/planning/staffing/{draft_id}/people/{row_id}/near", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE
)
def set_staffing_near(request: Request, draft_id: Id, row_id: Id, asked: NearIn) -> dict[str, Any]:
    """Name a rough starting point, or without a place erase it."""
    now = timezone.now()

    def set_near(row: StaffingPerson, found: StaffingDraft) -> None:
        near = access.rough_point(asked.near, area_code=found.area_code) if asked.near else None
        services.set_near(actor=request.user, row=row, near=near, now=now)

    return _decided(request, draft_id, row_id, asked.model_dump(), set_near)


@router.post(
    "/planning/staffing/{draft_id}/people/{row_id}/remove",
    response={200: StaffingOut, **REFUSALS},
    openapi_extra=WRITE,
)
def remove_staffing_person(request: Request, draft_id: Id, row_id: Id) -> dict[str, Any]:
    """Leave somebody out of the draft: nothing about them changes by it."""
    now = timezone.now()

    def remove(row: StaffingPerson, found: StaffingDraft) -> None:
        services.remove_person(actor=request.user, row=row, now=now)

    return _decided(request, draft_id, row_id, {}, remove)


@router.post("/planning/staffing/{draft_id}/present", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def read_present_staff(request: Request, draft_id: Id) -> dict[str, Any]:
    """重新读取现任: take over who holds the post today."""
    now = timezone.now()
    return _changed(
        request, draft_id, {}, lambda found: services.read_present(actor=request.user, draft=found, now=now)
    )


@router.post("/planning/staffing/{draft_id}/publish", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def publish_staffing(request: Request, draft_id: Id, asked: FromIn) -> dict[str, Any]:
    """发布: make tenures of the draft from a day on, all of it or nothing."""
    now = timezone.now()
    return _changed(
        request,
        draft_id,
        asked.model_dump(mode="json"),
        lambda found: services.publish_staffing(actor=request.user, draft=found, from_date=asked.from_date, now=now),
        permission=access.PUBLISH,
    )


@router.post("/planning/staffing/{draft_id}/discard", response={200: StaffingOut, **REFUSALS}, openapi_extra=WRITE)
def discard_staffing(request: Request, draft_id: Id) -> dict[str, Any]:
    """作废; what was said for this draft only is erased."""
    now = timezone.now()
    return _changed(
        request, draft_id, {}, lambda found: services.discard_staffing(actor=request.user, draft=found, now=now)
    )


def _changed(
    request: Request,
    draft_id: int,
    content: object,
    act: Callable[[StaffingDraft], object],
    *,
    permission: str = access.DRAFT,
) -> dict[str, Any]:
    """Do something to a draft once, and answer the draft as it is then."""
    found = access.staffing_to(permission, request.user, draft_id, now=timezone.now())

    def do() -> dict[str, Any]:
        act(found)
        return _told(request, draft_id)

    return once(request, content, do)


def _decided(
    request: Request,
    draft_id: int,
    row_id: int,
    content: object,
    act: Callable[[StaffingPerson, StaffingDraft], None],
) -> dict[str, Any]:
    """Decide something about one person of a draft."""
    return _changed(request, draft_id, content, lambda found: act(access.staffing_person(found, row_id), found))
