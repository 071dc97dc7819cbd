"""遮盖与查看 for programs: reveal a masked value with a purpose, ask a second person, decide as the second person."""

from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from mulin.core.audit import purposes
from mulin.core.audit.recording import Actor
from mulin.core.revealing import queries, services
from mulin.core.revealing.queries import Request as Asked
from mulin.core.revealing.queries import State
from mulin.web.api import REFUSALS, WRITE, Code, Id, Recognised, Word, once, plain

router = Router(tags=["revealing"])

Request = Recognised[Actor]
FieldName = Annotated[str, Field(max_length=60, pattern=r"^[a-z_.]+$")]


class PurposeOut(Schema):
    code: str
    name: str


class RevealIn(Schema):
    """Why: a code of GET /purposes; OTHER with a note."""

    purpose: Code
    note: Word = ""


class RevealedLineOut(Schema):
    label: str
    text: str


class RevealedOut(Schema):
    """Values in full. That you saw them, and why, is written down and told to the resident."""

    name: str
    purpose: str
    lines: list[RevealedLineOut]


class ApprovalOut(Schema):
    """A request to see what is specially protected; never the value. `expires_at`: until when it may be seen."""

    id: int
    field: str
    field_name: str
    object_id: int
    title: str
    state: State
    asked_by: str
    purpose: str
    purpose_name: str
    purpose_note: str
    asked_at: datetime
    lapses_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    expires_at: datetime | None


class ApprovalsOut(Schema):
    """`waiting` for your word, oldest first; `asked` by you, latest first; at most 30 of each field."""

    waiting: list[ApprovalOut]
    asked: list[ApprovalOut]


class DecisionIn(Schema):
    granted: bool
    reason: Word = ""


@router.get("/purposes", response={200: list[PurposeOut], **REFUSALS})
def purpose_list(request: Request) -> list[PurposeOut]:
    """用途: for what personal data may be looked at or taken out."""
    return [PurposeOut(code=code, name=name) for code, name in purposes.choices()]


@router.post("/reveal/{field}/{object_id}", response={200: RevealedOut, **REFUSALS})
def reveal(request: Request, field: FieldName, object_id: Id, asked: RevealIn) -> RevealedOut:
    """The masked values of an object in full: `cases.reporters` or `cases.care` of a case, for who may know them.

    Needs a purpose and is written down. Where a child or somebody's health is concerned a second person approves first
    (409 `approval_needed`). Nothing of the answer is kept, so it takes no Idempotency-Key.
    """
    purpose = purposes.named(asked.purpose, asked.note)
    shown = services.reveal(actor=request.user, field=field, object_id=object_id, purpose=purpose, now=timezone.now())
    return RevealedOut.from_orm(shown)


@router.post("/reveal/{field}/{object_id}/ask", response={200: ApprovalOut, **REFUSALS}, openapi_extra=WRITE)
def ask_to_reveal(request: Request, field: FieldName, object_id: Id, asked: RevealIn) -> dict[str, Any]:
    """申请查看: ask a second person; asking again while it waits changes nothing."""
    user, now = request.user, timezone.now()
    purpose = purposes.named(asked.purpose, asked.note)

    def do() -> dict[str, Any]:
        approval = services.ask(actor=user, field=field, object_id=object_id, purpose=purpose, now=now)
        return plain(ApprovalOut, _approval(queries.as_request(approval, now=now)))

    return once(request, asked.model_dump(), do)


@router.get("/approvals", response={200: ApprovalsOut, **REFUSALS})
def approvals(request: Request) -> ApprovalsOut:
    """查看审批: what waits for your word, and what you have asked for."""
    user, now = request.user, timezone.now()
    return ApprovalsOut(
        waiting=[_approval(one) for one in queries.waiting_for(user, now=now)],
        asked=[_approval(one) for one in queries.asked_by(user, now=now)],
    )


@router.post("/approvals/{approval_id}/decision", response={200: ApprovalOut, **REFUSALS}, openapi_extra=WRITE)
def decide_reveal(request: Request, approval_id: Id, asked: DecisionIn) -> dict[str, Any]:
    """同意 or 不同意, by a second person who may approve; who asked is none."""
    user, now = request.user, timezone.now()

    def do() -> dict[str, Any]:
        approval = queries.request_for(user, approval_id, now=now)
        decided = services.decide(actor=user, approval=approval, granted=asked.granted, reason=asked.reason, now=now)
        return plain(ApprovalOut, _approval(queries.as_request(decided, now=now)))

    return once(request, asked.model_dump(), do)


def _approval(one: Asked) -> ApprovalOut:
    row = one.approval
    return ApprovalOut(
        id=row.pk,
        field=row.field,
        field_name=str(one.field.name),
        object_id=row.object_id,
        title=one.title,
        state=one.state,
        asked_by=row.asker_name,
        purpose=row.purpose,
        purpose_name=one.purpose,
        purpose_note=row.purpose_note,
        asked_at=row.asked_at,
        lapses_at=row.lapses_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        reason=row.reason,
        expires_at=row.expires_at,
    )
