"""任期 and 离岗: the tenures of an area, ending one, who is away and who stands in."""

from typing import Any

from django.utils import timezone
from ninja import Router, Status

from mulin.domains.accounts.models import User
from mulin.domains.duty import access, services
from mulin.domains.duty.api.schemas import (
    AbsenceIn,
    AbsenceOut,
    EndIn,
    PersonOut,
    TenureOut,
    TenuresOut,
    absence_out,
    tenure_out,
)
from mulin.domains.duty.models import Tenure
from mulin.domains.duty.queries import posts
from mulin.domains.duty.queries.posts import Where
from mulin.web.api import REFUSALS, WRITE, AreaCode, Id, Recognised, once, plain

TENURES_PER_PAGE = 50

router = Router(tags=["duty"])

Request = Recognised[User]


@router.get("/tenures", response={200: TenuresOut, **REFUSALS})
def tenures(request: Request, area: AreaCode, after: Id | None = None) -> TenuresOut:
    """任期 in force or planned in an area you manage, 50 to a page; `next_key` as `after` opens the next."""
    now = timezone.now()
    managed = access.desk_area(request.user, area, now=now)
    found = posts.tenures_in(managed, now=now, after=after or 0, limit=TENURES_PER_PAGE + 1)
    shown = found[:TENURES_PER_PAGE]
    next_key = shown[-1].pk if len(found) > len(shown) else None
    return TenuresOut(items=[tenure_out(one) for one in shown], next_key=next_key)


@router.get("/tenures/{tenure_id}", response={200: TenureOut, **REFUSALS})
def tenure(request: Request, tenure_id: Id) -> TenureOut:
    """One 任期 with the absences that run or are to come."""
    now = timezone.now()
    return tenure_out(posts.tenure(access.tenure_to_manage(request.user, tenure_id, now=now).pk, now=now))


@router.post("/tenures/{tenure_id}/end", response={200: TenureOut, **REFUSALS}, openapi_extra=WRITE)
def end_tenure(request: Request, tenure_id: Id, asked: EndIn) -> dict[str, Any]:
    """结束任期 today; open cases go to the next holder or to the tier above."""
    now = timezone.now()
    ending = access.tenure_to_manage(request.user, tenure_id, now=now)

    def do() -> dict[str, Any]:
        services.end_tenure(actor=request.user, tenure=ending, now=now, reason=asked.reason)
        return plain(TenureOut, tenure_out(posts.tenure(tenure_id, now=now)))

    return once(request, asked.model_dump(), do)


@router.get("/tenures/{tenure_id}/substitutes", response={200: list[PersonOut], **REFUSALS})
def substitutes(request: Request, tenure_id: Id) -> list[PersonOut]:
    """Who could stand in (代班): people with a post in the same area."""
    now = timezone.now()
    held = access.tenure_to_manage(request.user, tenure_id, now=now)
    return [PersonOut.from_orm(one) for one in posts.colleagues(_area_of(held), but=held.holder_id, now=now)]


def _area_of(tenure: Tenure) -> str:
    return Where(tenure.place, tenure.organisation).area_code


@router.get("/tenures/{tenure_id}/absences", response={200: list[AbsenceOut], **REFUSALS})
def absences(request: Request, tenure_id: Id) -> list[AbsenceOut]:
    """离岗 of a tenure that run or are to come, the next one first."""
    return tenure(request, tenure_id).absences


@router.post("/tenures/{tenure_id}/absences", response={201: AbsenceOut, **REFUSALS}, openapi_extra=WRITE)
def begin_absence(request: Request, tenure_id: Id, asked: AbsenceIn) -> Status[dict[str, Any]]:
    """登记离岗, now or to come, with who stands in."""
    now = timezone.now()
    held = access.tenure_to_manage(request.user, tenure_id, now=now)

    def do() -> dict[str, Any]:
        absence = services.begin_absence(
            actor=request.user,
            tenure=held,
            begins_at=asked.begins_at,
            ends_at=asked.ends_at,
            substitute=_stand_in(held, asked.substitute) if asked.substitute else None,
            reason=asked.reason,
            now=now,
        )
        return plain(AbsenceOut, absence_out(absence))

    return Status(201, once(request, asked.model_dump(mode="json"), do))


def _stand_in(tenure: Tenure, person_id: int) -> User:
    found = posts.colleague(person_id, area_code=_area_of(tenure), but=tenure.holder_id)
    if found is None:
        raise services.SubstituteInvalid
    return found


@router.post("/absences/{absence_id}/end", response={200: TenureOut, **REFUSALS}, openapi_extra=WRITE)
def end_absence(request: Request, absence_id: Id) -> dict[str, Any]:
    """销假: the holder is back, or does not leave after all; answers the tenure as it is then."""
    now = timezone.now()

    def do() -> dict[str, Any]:
        absence = access.absence_to_manage(request.user, absence_id, now=now)
        services.end_absence(actor=request.user, absence=absence, now=now)
        return plain(TenureOut, tenure_out(posts.tenure(absence.tenure_id, now=now)))

    return once(request, {}, do)
