"""我的令牌: the keys by which programs act for oneself."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import Field

from mulin.core.errors import NotAllowed
from mulin.domains.accounts import access, queries, services
from mulin.domains.accounts.api.in_person import in_person
from mulin.domains.accounts.models import User
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once, plain

router = Router(tags=["tokens"])

Request = Recognised[User]
Application = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]


class TokenByToken(NotAllowed):
    """Else a key that got away could give itself a successor, and stopping it would stop nothing."""

    code = "token_by_token"
    sentence = _("不能用令牌申请新的令牌。")
    remedy = _("请本人登录后申请，例如在“接口令牌”页。")


class TokenOut(Schema):
    """A token without its key: the key is kept nowhere."""

    id: int
    application: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewTokenOut(TokenOut):
    """`key` is shown in this answer only; a repetition under the same Idempotency-Key has it empty."""

    key: str


class TokenIn(Schema):
    application: Application
    days: Literal[30, 90, 365] = 90


@router.get("/tokens", response={200: list[TokenOut], **REFUSALS})
def tokens(request: Request) -> list[TokenOut]:
    """我的令牌, newest first, those stopped and expired too."""
    return [TokenOut.from_orm(token) for token in queries.tokens_of(request.user)]


@router.post("/tokens", response={201: NewTokenOut, **REFUSALS}, openapi_extra=WRITE)
def issue_token(request: Request, asked: TokenIn) -> Status[dict[str, Any]]:
    """申请令牌, signed in oneself: a token cannot be used to make another."""
    in_person(request, TokenByToken)
    now, made = timezone.now(), list[str]()

    def do() -> dict[str, Any]:
        life = timedelta(days=asked.days)
        user = request.user
        made.append(services.issue_token(actor=user, user=user, application=asked.application, life=life, now=now))
        return plain(TokenOut, queries.token_by_key(made[0]))

    answer = once(request, asked.model_dump(), do)
    return Status(201, {**answer, "key": next(iter(made), "")})


@router.post("/tokens/{token_id}/revoke", response={200: TokenOut, **REFUSALS}, openapi_extra=WRITE)
def revoke_token(request: Request, token_id: Id) -> dict[str, Any]:
    """停用令牌: from now on no program gets in with it."""
    user, now = request.user, timezone.now()

    def do() -> dict[str, Any]:
        services.revoke_token(actor=user, token=access.own_token(user, token_id), now=now)
        return plain(TokenOut, access.own_token(user, token_id))

    return once(request, {}, do)
