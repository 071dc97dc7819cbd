"""The auditor's questions for programs: who did what, when, why and from where; never what residents said or left."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from mulin.web.api import REFUSALS, Day, Id, Recognised
from mulin.web.auditing import FIELDS, Row, audit_page
from mulin.web.guards import check

router = Router(tags=["audit"])

Asked = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]


class AuditIn(Schema):
    """Days of Asia/Shanghai, both included. `object`: a number of a case, or kind and id, as in `places.place 12`."""

    username: Asked = ""
    object: Asked = ""
    area: Asked = ""
    kind: Literal["READ", "WRITE", ""] = ""
    purpose: Asked = ""
    since: Day | None = None
    until: Day | None = None
    before: Id | None = None


class AuditRowOut(Schema):
    """`what` and `why` are the words for `action` and `purpose`."""

    id: int
    at: datetime
    kind: str
    action: str
    what: str
    actor_username: str
    actor_name: str
    actor_role: str
    object_kind: str
    object_id: str
    purpose: str
    why: str
    purpose_note: str
    address: str
    request_id: str


class VerificationOut(Schema):
    at: datetime
    up_to: int
    finished_at: datetime | None
    batches: int
    faults: int
    first_faults: list[Any]


class ChainOut(Schema):
    """How the audit's chain stands: its end, what waits to be sealed, what the last walk along it found."""

    sequence: int
    hash: str
    sealed_at: datetime | None
    unsealed: int
    removed_up_to: int
    verification: VerificationOut | None


class AreaOfWorkOut(Schema):
    code: str
    name: str


class AuditOut(Schema):
    items: list[AuditRowOut]
    next_before: int | None
    chain: ChainOut
    areas: list[AreaOfWorkOut]
    days_kept: int


@router.get("/audit", response={200: AuditOut, **REFUSALS})
def audit(request: Recognised[Any], asked: Query[AuditIn]) -> AuditOut:
    """审计: newest first, 50 to a page; `next_before` as `before` opens the next. For the audit administrator."""
    check(request.user, "accounts.audit")
    given = asked.model_dump(mode="json")
    page = audit_page({name: str(given[name] or "").strip() for name in FIELDS})
    return AuditOut(
        items=[_row(one) for one in page.rows],
        next_before=page.next_key,
        chain=ChainOut.from_orm(page.chain),
        areas=[AreaOfWorkOut(code=code, name=name) for code, name in page.areas],
        days_kept=page.days_kept,
    )


def _row(one: Row) -> AuditRowOut:
    record = one.record
    return AuditRowOut(
        id=record.pk,
        at=record.at,
        kind=record.kind,
        action=record.action,
        what=one.what,
        actor_username=record.actor_username,
        actor_name=record.actor_name,
        actor_role=record.actor_role,
        object_kind=record.object_kind,
        object_id=record.object_id,
        purpose=record.purpose,
        why=one.why,
        purpose_note=record.purpose_note,
        address=record.address,
        request_id=record.request_id,
    )
