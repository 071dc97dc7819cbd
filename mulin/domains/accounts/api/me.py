"""Who is asking, and what waits for them."""

from datetime import datetime

from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.accounts import access, pages, services
from mulin.domains.accounts.models import User
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once

router = Router(tags=["me"])


class MeOut(Schema):
    username: str
    name: str
    work_phone: str
    permissions: list[str]


class NoticeOut(Schema):
    id: int
    kind: str
    subject: str
    link: str
    created_at: datetime
    read_at: datetime | None


class NoticesOut(Schema):
    items: list[NoticeOut]
    next_before: int | None
    unread: int


class ReadOut(Schema):
    read: int


@router.get("/me", response={200: MeOut, **REFUSALS})
def me(request: Recognised[User]) -> MeOut:
    """The account behind the session or token, with what it may do now."""
    user = request.user
    return MeOut(
        username=user.username, name=user.name, work_phone=user.work_phone, permissions=sorted(user.permissions)
    )


@router.get("/notices", response={200: NoticesOut, **REFUSALS})
def notices(request: Recognised[User], before: Id | None = None) -> NoticesOut:
    """What waits for you, newest first; `next_before` opens the next page."""
    page = pages.notice_page(request.user, before=before)
    items = [NoticeOut.from_orm(one) for one in page.notices]
    return NoticesOut(items=items, next_before=page.next_key, unread=page.unread)


@router.post("/notices/read", response={200: ReadOut, **REFUSALS}, openapi_extra=WRITE)
def read_notices(request: Recognised[User]) -> dict[str, int]:
    """Mark all your notices as read."""
    return once(request, {}, lambda: {"read": services.read_notices(actor=request.user, now=timezone.now())})


@router.post("/notices/{notice_id}/read", response={200: ReadOut, **REFUSALS}, openapi_extra=WRITE)
def read_notice(request: Recognised[User], notice_id: Id) -> dict[str, int]:
    """Mark one of your notices as read."""
    user, now = request.user, timezone.now()

    def do() -> dict[str, int]:
        services.read_notice(actor=user, notice=access.own_notice(user, notice_id), now=now)
        return {"read": 1}

    return once(request, {}, do)
