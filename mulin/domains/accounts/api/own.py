"""One's own account: what is kept about oneself, how one comes in, where one is signed in."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field

from mulin.core.errors import Conflict
from mulin.core.privacy.about import About, about, copy_for
from mulin.domains.accounts import access, pages, services
from mulin.domains.accounts.models import User
from mulin.web.api import REFUSALS, WRITE, Recognised, once

router = Router(tags=["me"])

Request = Recognised[User]
Handle = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]


class SessionInUse(Conflict):
    code = "session_in_use"
    sentence = _("这是您正在用的登录。")
    remedy = _("要结束它，请退出登录。")


class AboutOut(Schema):
    """A class of data kept about you: why, on what ground, how long (`days` since `since`; null: for good)."""

    what: str
    purpose: str
    basis: str
    since: str
    days: int | None
    records: int


class FactorOut(Schema):
    """The second step: an authenticator app, passkeys, recovery codes left."""

    app: bool
    passkeys: int
    recovery_codes: int


class SessionOut(Schema):
    """A sign-in that lasts; `is_this`: the one that asks."""

    handle: str
    device: str
    place: str
    created_at: datetime | None
    seen_at: datetime | None
    is_this: bool


class EntryOut(Schema):
    """A line of the sign-in log, in words."""

    id: int
    at: datetime
    who: str
    username: str
    result: str
    method: str
    place: str
    device: str


class PasskeyOut(Schema):
    id: int
    name: str
    created_at: datetime


class SecurityOut(Schema):
    """账号与安全 without the secrets: they are made and changed on the page only."""

    factor: FactorOut
    is_demanded: bool
    phone_verified: bool
    is_linked: bool
    passkeys: list[PasskeyOut]
    sessions: list[SessionOut]
    entries: list[EntryOut]


class EndedOut(Schema):
    ended: int


@router.get("/me/data", response={200: list[AboutOut], **REFUSALS})
def about_me(request: Request) -> list[AboutOut]:
    """关于我的信息: what is kept about you, for what purpose, for how long, in how many records."""
    return [_about(one) for one in about(request.user, on=timezone.localdate())]


def _about(one: About) -> AboutOut:
    return AboutOut(
        what=str(one.period.name),
        purpose=str(one.purpose.name),
        basis=str(one.purpose.basis),
        since=str(one.period.since),
        days=one.period.days,
        records=one.rows,
    )


@router.get("/me/data/copy", response={200: dict[str, list[dict[str, Any]]], **REFUSALS})
def copy_about_me(request: Request) -> dict[str, list[dict[str, Any]]]:
    """The records themselves, without secrets and without what is about residents."""
    return copy_for(request.user)


@router.get("/me/security", response={200: SecurityOut, **REFUSALS})
def my_security(request: Request) -> SecurityOut:
    """账号与安全: second step, passkeys, where you are signed in, your latest sign-ins."""
    user = request.user
    page = pages.security_page(user, session_key=_session_key(request) or "", now=timezone.now())
    return SecurityOut(
        factor=FactorOut.from_orm(page.factor),
        is_demanded=page.is_demanded,
        phone_verified=user.has_verified_phone,
        is_linked=page.is_linked,
        passkeys=[PasskeyOut.from_orm(one) for one in page.passkeys],
        sessions=[SessionOut.from_orm(one) for one in page.sessions],
        entries=[EntryOut.from_orm(one) for one in page.entries],
    )


def _session_key(request: HttpRequest) -> str | None:
    """Return the session that asks; a program has none."""
    return getattr(getattr(request, "session", None), "session_key", None)


@router.post("/me/sessions/end-others", response={200: EndedOut, **REFUSALS}, openapi_extra=WRITE)
def end_other_sessions(request: Request) -> dict[str, int]:
    """End every sign-in of yours but the one that asks; asked by a token, all of them."""
    user, now, keep = request.user, timezone.now(), _session_key(request)
    return once(request, {}, lambda: {"ended": services.end_sessions(actor=user, user=user, now=now, keep=keep)})


@router.post("/me/sessions/{handle}/end", response={200: EndedOut, **REFUSALS}, openapi_extra=WRITE)
def end_session(request: Request, handle: Handle) -> dict[str, int]:
    """End one of your sign-ins."""
    user, now = request.user, timezone.now()

    def do() -> dict[str, int]:
        session = access.own_session(user, handle, now=now)
        if session.session_key == _session_key(request):
            raise SessionInUse
        services.end_session(actor=user, session=session, now=now)
        return {"ended": 1}

    return once(request, {}, do)
