"""What a desk does to a plan by hand: move buildings, undo and redo, lock a grid."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from ninja import Router

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.draft_schemas import DraftOut, LockIn, MoveBuildingsIn, SeenIn, draft_out
from mulin.domains.planning.models import Draft
from mulin.domains.planning.queries import plans
from mulin.domains.planning.services import editing
from mulin.domains.planning.states import DRAFT, SEE
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once, plain

router = Router(tags=["planning"])

Request = Recognised[User]


@router.post("/planning/drafts/{draft_id}/move", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def move_buildings(request: Request, draft_id: Id, asked: MoveBuildingsIn) -> dict[str, Any]:
    """移动楼栋 into a grid or into a new one; what that bends is said, nothing is refused for bounds."""
    now = timezone.now()

    def move(found: Draft) -> object:
        numbers = plans.numbers_in(found.head, asked.buildings) if found.head else []
        return editing.move_buildings(
            actor=request.user, draft=found, seen=asked.seen, buildings=numbers, to=asked.to, now=now
        )

    return _edited(request, draft_id, asked, move)


@router.post("/planning/drafts/{draft_id}/undo", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def undo_edit(request: Request, draft_id: Id, asked: SeenIn) -> dict[str, Any]:
    """撤销: back one version."""
    now = timezone.now()
    return _edited(
        request,
        draft_id,
        asked,
        lambda found: editing.undo(actor=request.user, draft=found, seen=asked.seen, now=now),
    )


@router.post("/planning/drafts/{draft_id}/redo", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def redo_edit(request: Request, draft_id: Id, asked: SeenIn) -> dict[str, Any]:
    """重做: forward to the version made last from here."""
    now = timezone.now()
    return _edited(
        request,
        draft_id,
        asked,
        lambda found: editing.redo(actor=request.user, draft=found, seen=asked.seen, now=now),
    )


@router.post("/planning/drafts/{draft_id}/lock", response={200: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def lock_grid(request: Request, draft_id: Id, asked: LockIn) -> dict[str, Any]:
    """锁定 a grid, so that later computations leave it as it is; `locked` false frees it."""
    now = timezone.now()
    return _edited(
        request,
        draft_id,
        asked,
        lambda found: editing.lock_grid(
            actor=request.user, draft=found, seen=asked.seen, label=asked.grid, is_locked=asked.locked, now=now
        ),
    )


def _edited(request: Request, draft_id: int, asked: SeenIn, edit: Callable[[Draft], object]) -> dict[str, Any]:
    now = timezone.now()
    found = access.draft_to(DRAFT, request.user, draft_id, now=now)

    def do() -> dict[str, Any]:
        edit(found)
        return plain(DraftOut, draft_out(request.user, access.draft_to(SEE, request.user, draft_id, now=now), now=now))

    return once(request, asked.model_dump(), do)
