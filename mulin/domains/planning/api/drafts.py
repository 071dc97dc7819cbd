"""网格草案: ask for one, follow it, compare, comment, compute on, lay aside. The worker computes."""

import gzip
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Status

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.draft_schemas import (
    AskIn,
    CommentIn,
    CommentOut,
    CommentsOut,
    ComparisonOut,
    DraftOut,
    DraftsOut,
    ImproveIn,
    PlanOut,
    comment_out,
    comparison_out,
    draft_out,
    draft_rows,
    plan_out,
)
from mulin.domains.planning.api.values import ANSWERS_GEOJSON, GEOJSON
from mulin.domains.planning.models import Draft
from mulin.domains.planning.pages import comparing
from mulin.domains.planning.pages import drafts as pages
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.services import drafting, editing
from mulin.domains.planning.services.drafting import Wish
from mulin.domains.planning.states import DRAFT, SEE
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once, plain

COMMENTS_PER_PAGE = 50

router = Router(tags=["planning"])

Request = Recognised[User]


def _seen(request: Request, draft_id: int) -> Draft:
    return access.draft_to(SEE, request.user, draft_id, now=timezone.now())


@router.get("/planning/drafts", response={200: DraftsOut, **REFUSALS})
def grid_drafts(request: Request, after: Id | None = None) -> DraftsOut:
    """网格草案 of your areas, latest first, 100 to a page; `next_key` as `after` opens the next."""
    found = plans.listed(access.own_areas(request.user, now=timezone.now()), after=after)
    next_key = found[-1].pk if len(found) == plans.LIST_LENGTH else None
    return DraftsOut(items=draft_rows(found), next_key=next_key)


@router.post("/planning/drafts", response={201: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def ask_grid_draft(request: Request, asked: AskIn) -> Status[dict[str, Any]]:
    """起草: have a draft computed; it is queued, `state` and `is_at_work` tell how far it is."""
    now = timezone.now()
    area = access.area_to(DRAFT, request.user, asked.area or "", now=now)
    wish = Wish(
        name=asked.name,
        lowest=asked.lowest,
        highest=asked.highest,
        weights=pages.weights_of(asked.model_dump()),
        keeps_present=asked.keeps_present,
        time_limit_s=asked.seconds,
    )

    def do() -> dict[str, Any]:
        made = drafting.ask_draft(actor=request.user, area_code=area.code, wish=wish, now=now)
        return _told(request, made.pk)

    return Status(201, once(request, asked.model_dump(), do))


def _told(request: Request, draft_id: int) -> dict[str, Any]:
    return plain(DraftOut, draft_out(request.user, _seen(request, draft_id), now=timezone.now()))


@router.get("/planning/drafts/{draft_id}", response={200: DraftOut, **REFUSALS})
def grid_draft(request: Request, draft_id: Id) -> DraftOut:
    """A draft: how far it is, its figures beside today's, the rules it bends, what no plan keeps, what you may do."""
    return draft_out(request.user, _seen(request, draft_id), now=timezone.now())


@router.get("/planning/drafts/{draft_id}/plan", response={200: PlanOut, **REFUSALS})
def grid_draft_plan(request: Request, draft_id: Id) -> PlanOut:
    """The grid of each building, and the grids; while it is computed, of the plan saved last."""
    found = _seen(request, draft_id)
    return plan_out(found, pages.shown_plan(found))


@router.get("/planning/drafts/{draft_id}/geojson", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def grid_draft_geojson(request: Request, draft_id: Id) -> HttpResponse:
    """The grids with their outlines, for other maps."""
    return HttpResponse(pages.plan_geojson(_seen(request, draft_id)), content_type=GEOJSON)


@router.get("/planning/drafts/{draft_id}/ground", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def grid_draft_ground(request: Request, draft_id: Id) -> HttpResponse:
    """The buildings the draft stands on, in the order of the plan's `buildings`."""
    found = _seen(request, draft_id)
    if found.snapshot_id is None:
        raise pages.NoPlanYet
    return HttpResponse(gzip.decompress(pages.ground_data(found.snapshot_id)), content_type=GEOJSON)


@router.get("/planning/drafts/{draft_id}/changes", response={200: ComparisonOut, **REFUSALS})
def draft_changes(request: Request, draft_id: Id) -> ComparisonOut:
    """What gets another grid than today's, and why."""
    return comparison_out(comparing.changes(_seen(request, draft_id)))


@router.get("/planning/drafts/{draft_id}/compare/{other_id}", response={200: ComparisonOut, **REFUSALS})
def compare_drafts(request: Request, draft_id: Id, other_id: Id) -> ComparisonOut:
    """Two drafts on the same ground beside each other."""
    return comparison_out(comparing.comparison(_seen(request, draft_id), _seen(request, other_id)))


@router.get(
    "/planning/drafts/{draft_id}/compare/{other_id}/geojson",
    response={200: None, **REFUSALS},
    openapi_extra=ANSWERS_GEOJSON,
)
def drafts_difference(request: Request, draft_id: Id, other_id: Id) -> HttpResponse:
    """Every building that differs between two drafts, with its grid in both."""
    body = comparing.differs_geojson(_seen(request, draft_id), _seen(request, other_id))
    return HttpResponse(body, content_type=GEOJSON)


@router.get("/planning/drafts/{draft_id}/comments", response={200: CommentsOut, **REFUSALS})
def draft_comments(request: Request, draft_id: Id, after: Id | None = None) -> CommentsOut:
    """意见, latest first, 50 to a page."""
    found = plans.comments_of(_seen(request, draft_id).pk, after=after, limit=COMMENTS_PER_PAGE + 1)
    shown = found[:COMMENTS_PER_PAGE]
    next_key = shown[-1].pk if len(found) > len(shown) else None
    return CommentsOut(items=[comment_out(one) for one in shown], next_key=next_key)


@router.post("/planning/drafts/{draft_id}/comments", response={201: CommentOut, **REFUSALS}, openapi_extra=WRITE)
def comment_on_draft(request: Request, draft_id: Id, asked: CommentIn) -> Status[dict[str, Any]]:
    """提意见, on a draft or on one of its grids."""
    found, now = _seen(request, draft_id), timezone.now()

    def do() -> dict[str, Any]:
        said = editing.comment(actor=request.user, draft=found, text=asked.text, label=asked.grid, now=now)
        return plain(CommentOut, comment_out(said))

    return Status(201, once(request, asked.model_dump(), do))


@router.post("/planning/drafts/{draft_id}/stop", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def stop_draft(request: Request, draft_id: Id) -> dict[str, Any]:
    """停止: end the computation and take what is there."""
    return _done(
        request, draft_id, {}, lambda found: drafting.stop(actor=request.user, draft=found, now=timezone.now())
    )


@router.post("/planning/drafts/{draft_id}/improve", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def improve_draft(request: Request, draft_id: Id, asked: ImproveIn) -> dict[str, Any]:
    """继续优化: have it computed on from the plan there is; locked grids stay. It is queued."""
    return _done(
        request,
        draft_id,
        asked.model_dump(),
        lambda found: drafting.improve(
            actor=request.user, draft=found, time_limit_s=asked.seconds or found.time_limit_s, now=timezone.now()
        ),
    )


@router.post("/planning/drafts/{draft_id}/refresh", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def refresh_draft(request: Request, draft_id: Id) -> dict[str, Any]:
    """更新底数: take in what was built, pulled down or moved since the draft was begun."""
    now = timezone.now()
    found = access.draft_to(DRAFT, request.user, draft_id, now=now)
    arrays = ground.problem_of(found.area_code, on=timezone.localdate(now))
    return _done(
        request,
        draft_id,
        {},
        lambda draft: editing.refresh_ground(actor=request.user, draft=draft, arrays=arrays, now=now),
    )


@router.post("/planning/drafts/{draft_id}/discard", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def discard_draft(request: Request, draft_id: Id) -> dict[str, Any]:
    """作废: lay a draft aside for good."""
    return _done(
        request, draft_id, {}, lambda found: drafting.discard(actor=request.user, draft=found, now=timezone.now())
    )


def _done(request: Request, draft_id: int, content: object, act: Callable[[Draft], object]) -> dict[str, Any]:
    """Do something to a draft of one's area once, and answer the draft as it is then."""
    found = access.draft_to(DRAFT, request.user, draft_id, now=timezone.now())

    def do() -> dict[str, Any]:
        act(found)
        return _told(request, draft_id)

    return once(request, content, do)
