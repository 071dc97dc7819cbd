"""后台任务: what waits for delivery, what could not be delivered, the periodic tasks."""

from datetime import datetime

from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.accounts import access, pages, services
from mulin.domains.accounts.models import User
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once

router = Router(tags=["worker"])

Request = Recognised[User]


class QueueOut(Schema):
    pending: int
    overdue: int
    oldest_due_at: datetime | None
    dead: int


class DeadLetterOut(Schema):
    """A message that could not be delivered: what it was and why, never what it said."""

    id: int
    event: str
    handler: str
    error: str
    attempts: int
    published_at: datetime


class TaskOut(Schema):
    name: str
    ran_at: datetime | None
    due_at: datetime
    took_ms: int | None
    error: str


class WorkerOut(Schema):
    queue: QueueOut
    letters: list[DeadLetterOut]
    next_key: int | None
    tasks: list[TaskOut]


class RevivedOut(Schema):
    revived: int


@router.get("/worker", response={200: WorkerOut, **REFUSALS})
def worker(request: Request, before: Id | None = None) -> pages.WorkerPage:
    """后台任务 as it stands; dead letters newest first, `next_key` as `before` opens the next page."""
    user = access.require(request.user, "accounts.see_worker")
    return pages.worker_page(user, before=before, now=timezone.now())


@router.post("/worker/messages/{message_id}/revive", response={200: RevivedOut, **REFUSALS}, openapi_extra=WRITE)
def revive_message(request: Request, message_id: Id) -> dict[str, int]:
    """重新排队: put a dead letter back in the queue."""
    user, now = access.require(request.user, "accounts.manage_worker"), timezone.now()

    def do() -> dict[str, int]:
        services.revive_message(actor=user, message_id=message_id, now=now)
        return {"revived": message_id}

    return once(request, {}, do)
