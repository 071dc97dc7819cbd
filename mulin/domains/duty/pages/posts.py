"""What the pages of posts show: the seats of a place with what can be done about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language

from mulin.domains.accounts.models import User
from mulin.domains.duty.models import Absence, PostKind, Tenure
from mulin.domains.duty.queries import posts
from mulin.domains.duty.queries.posts import Seat, Where
from mulin.domains.places.models import PlaceKind


@dataclass(frozen=True)
class SeatCard:
    post: str
    number: int
    of: int
    present: Tenure | None
    absence: Absence | None
    is_away: bool
    planned: tuple[Tenure, ...]
    appoint_url: str


@dataclass(frozen=True)
class Link:
    name: str
    url: str


@dataclass(frozen=True)
class PostsPage:
    title: str
    back: Link | None
    seats: tuple[SeatCard, ...]
    below: tuple[Link, ...]
    board_url: str = ""


def post_name(kind: PostKind) -> str:
    return kind.name_en if (get_language() or "").startswith("en") else kind.name_zh


def posts_url(where: Where) -> str:
    if where.place is not None:
        return reverse("duty:place-posts", args=[where.place.pk])
    return reverse("duty:organisation-posts", args=[where.organisation.pk if where.organisation else 0])


def posts_page(where: Where, *, now: datetime) -> PostsPage:
    parent = where.place.parent if where.place else None
    return PostsPage(
        title=where.name,
        back=Link(parent.name, reverse("duty:place-posts", args=[parent.pk])) if parent else None,
        seats=tuple(_card(seat, where, now) for seat in posts.seats(where, now=now)),
        below=tuple(_below(where, now)),
        board_url=_board_url(where),
    )


def _board_url(where: Where) -> str:
    """Return the public board of a building, for a look at what the door says."""
    code = posts.board_code(where.place) if where.place and where.place.kind == PlaceKind.BUILDING else ""
    return reverse("duty:board", args=[code]) if code else ""


def _card(seat: Seat, where: Where, now: datetime) -> SeatCard:
    coming: list[Absence] = getattr(seat.present, "coming_absences", [])
    absence = next(iter(coming), None)
    return SeatCard(
        post=post_name(seat.kind),
        number=seat.number,
        of=seat.kind.seats,
        present=seat.present,
        absence=absence,
        is_away=absence is not None and absence.begins_at <= now,
        planned=seat.planned,
        appoint_url=appoint_url(where, seat.kind.code, seat.number),
    )


def appoint_url(where: Where, post: str, seat: int) -> str:
    if where.place is not None:
        return reverse("duty:appoint", args=[where.place.pk, post, seat])
    return reverse("duty:appoint-organisation", args=[where.organisation.pk if where.organisation else 0, post, seat])


def _below(where: Where, now: datetime) -> Iterable[Link]:
    if where.place is None:
        return
    for place in posts.below(where.place, now=now):
        yield Link(place.name, reverse("duty:place-posts", args=[place.pk]))
    for organisation in posts.organisations_at(where.place, now=now):
        yield Link(organisation.name, reverse("duty:organisation-posts", args=[organisation.pk]))


def named(people: Iterable[User]) -> list[tuple[int, str]]:
    """Choices for a form: name with work phone, so that namesakes are told apart."""
    return [(one.pk, " · ".join(part for part in (one.name, one.work_phone) if part)) for one in people]
