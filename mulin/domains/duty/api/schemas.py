"""What the API takes and answers about posts, tenures and absences."""

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from mulin.domains.duty.models import Absence, EndReason, Tenure
from mulin.domains.duty.queries.posts import Seat
from mulin.web.api import Id, Moment

Name = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
Phone = Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class AbsenceOut(Schema):
    """离岗: without a substitute the tier above acts meanwhile."""

    id: int
    tenure_id: int
    begins_at: datetime
    ends_at: datetime
    substitute_id: int | None
    substitute: str
    reason: str


class TenureOut(Schema):
    """任期: a person in one seat of a post; `ends_on` is the first day without them."""

    id: int
    post: str
    post_zh: str
    post_en: str
    seat: int
    place_id: int | None
    organisation_id: int | None
    where: str
    holder_id: int
    holder: str
    work_phone: str
    state: str
    starts_on: date
    ends_on: date | None
    end_reason: str
    absences: list[AbsenceOut]


class SeatOut(Schema):
    """席位: who holds it now, and who is to follow."""

    post: str
    post_zh: str
    post_en: str
    tier: int
    seat: int
    present: TenureOut | None
    planned: list[TenureOut]


class NamedOut(Schema):
    id: int
    kind: str
    name: str


class PostsOut(Schema):
    """The seats at a place or in an organisation, and the places and organisations directly below that have posts."""

    name: str
    kind: str
    area_code: str
    seats: list[SeatOut]
    places: list[NamedOut]
    organisations: list[NamedOut]


class PersonOut(Schema):
    id: int
    name: str
    work_phone: str


class TenuresOut(Schema):
    items: list[TenureOut]
    next_key: int | None


class AppointIn(Schema):
    """Somebody with an account (`person`), or `name` and `work_phone` of somebody who gets one.

    `ends_present` hands over: who holds the seat keeps it until `starts_on` and no longer.
    """

    person: Id | None = None
    name: Name = ""
    work_phone: Phone = ""
    starts_on: date | None = None
    ends_on: date | None = None
    ends_present: bool = False


class EndIn(Schema):
    reason: Reason = ""


class AbsenceIn(Schema):
    """`substitute`: one of those whom `/tenures/{id}/substitutes` names; without one the tier above acts."""

    begins_at: Moment
    ends_at: Moment
    substitute: Id | None = None
    reason: Reason = ""


def absence_out(absence: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=absence.pk,
        tenure_id=absence.tenure_id,
        begins_at=absence.begins_at,
        ends_at=absence.ends_at,
        substitute_id=absence.substitute_id,
        substitute=absence.substitute.name if absence.substitute else "",
        reason=absence.reason,
    )


def tenure_out(tenure: Tenure) -> TenureOut:
    """Answer a tenure read with `posts.with_absences`."""
    coming: list[Absence] = getattr(tenure, "coming_absences", [])
    return TenureOut(
        id=tenure.pk,
        post=tenure.post_kind.code,
        post_zh=tenure.post_kind.name_zh,
        post_en=tenure.post_kind.name_en,
        seat=tenure.seat,
        place_id=tenure.place_id,
        organisation_id=tenure.organisation_id,
        where=str(tenure.place or tenure.organisation or ""),
        holder_id=tenure.holder_id,
        holder=tenure.holder.name,
        work_phone=tenure.holder.work_phone,
        state=tenure.state,
        starts_on=tenure.starts_on,
        ends_on=tenure.ends_on,
        end_reason=str(dict(EndReason.choices).get(tenure.end_reason, tenure.end_reason)),
        absences=[absence_out(one) for one in coming],
    )


def seat_out(seat: Seat) -> SeatOut:
    return SeatOut(
        post=seat.kind.code,
        post_zh=seat.kind.name_zh,
        post_en=seat.kind.name_en,
        tier=seat.kind.tier,
        seat=seat.number,
        present=tenure_out(seat.present) if seat.present else None,
        planned=[tenure_out(one) for one in seat.planned],
    )
