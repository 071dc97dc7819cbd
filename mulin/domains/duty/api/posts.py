"""岗位: the seats at a place or in an organisation, who could take one, and taking it."""

from typing import Annotated, Any

from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.duty import access, services
from mulin.domains.duty.api.schemas import AppointIn, NamedOut, PersonOut, PostsOut, TenureOut, seat_out, tenure_out
from mulin.domains.duty.queries import posts
from mulin.domains.duty.queries.posts import Where
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Place
from mulin.web.api import REFUSALS, WRITE, Code, Id, Recognised, Word, once, plain

router = Router(tags=["duty"])

Request = Recognised[User]
SeatNumber = Annotated[int, Field(ge=1, le=1_000)]


@router.get("/places/{place_id}/posts", response={200: PostsOut, **REFUSALS})
def place_posts(request: Request, place_id: Id) -> PostsOut:
    """岗位 of a place you manage: every seat, held or not, with absences and who is to follow."""
    where = access.place_of_posts(request.user, place_id, now=timezone.now())
    return _posts(where)


@router.get("/organisations/{organisation_id}/posts", response={200: PostsOut, **REFUSALS})
def organisation_posts(request: Request, organisation_id: Id) -> PostsOut:
    """岗位 of an organisation you manage."""
    where = access.organisation_of_posts(request.user, organisation_id, now=timezone.now())
    return _posts(where)


def _posts(where: Where) -> PostsOut:
    now = timezone.now()
    below = list(posts.below(where.place, now=now)) if where.place else []
    organisations = posts.organisations_at(where.place, now=now) if where.place else []
    return PostsOut(
        name=where.name,
        kind=where.kind,
        area_code=where.area_code,
        seats=[seat_out(seat) for seat in posts.seats(where, now=now)],
        places=[_named(one, one.kind) for one in below],
        organisations=[_named(one, one.kind_id) for one in organisations],
    )


def _named(one: Place | Organisation, kind: str) -> NamedOut:
    return NamedOut(id=one.pk, kind=kind, name=one.name)


@router.get("/people", response={200: list[PersonOut], **REFUSALS})
def people(request: Request, text: Word) -> list[PersonOut]:
    """People with an account whose name, user name or work phone begins so: whom a post could be given."""
    access.manager(request.user)
    found = posts.people_found(text.strip()) if text.strip() else []
    return [PersonOut.from_orm(one) for one in found]


@router.post(
    "/places/{place_id}/posts/{post}/{seat}/tenures", response={201: TenureOut, **REFUSALS}, openapi_extra=WRITE
)
def appoint(request: Request, place_id: Id, post: Code, seat: SeatNumber, asked: AppointIn) -> Status[dict[str, Any]]:
    """任命 or 交接: give somebody a seat at a place, now or from a day on."""
    where = access.place_of_posts(request.user, place_id, now=timezone.now())
    return Status(201, _appointed(request, where, post, seat, asked))


@router.post(
    "/organisations/{organisation_id}/posts/{post}/{seat}/tenures",
    response={201: TenureOut, **REFUSALS},
    openapi_extra=WRITE,
)
def appoint_in_organisation(
    request: Request, organisation_id: Id, post: Code, seat: SeatNumber, asked: AppointIn
) -> Status[dict[str, Any]]:
    """任命 or 交接 in an organisation."""
    where = access.organisation_of_posts(request.user, organisation_id, now=timezone.now())
    return Status(201, _appointed(request, where, post, seat, asked))


def _appointed(request: Request, where: Where, post: str, seat: int, asked: AppointIn) -> dict[str, Any]:
    now = timezone.now()
    kind = posts.kind_at(where.kind, post, now=now)
    if kind is None:
        raise services.PostMisplaced

    def do() -> dict[str, Any]:
        person = access.person_to_appoint(asked.person) if asked.person else None
        tenure = services.appoint(
            actor=request.user,
            post_kind=kind,
            place=where.place,
            organisation=where.organisation,
            seat=seat,
            starts_on=asked.starts_on or timezone.localdate(now),
            ends_on=asked.ends_on,
            person=person or services.NewPerson(asked.name.strip(), asked.work_phone.strip()),
            ends_present=asked.ends_present,
            now=now,
        )
        return plain(TenureOut, tenure_out(posts.tenure(tenure.pk, now=now)))

    return once(request, asked.model_dump(mode="json"), do)
