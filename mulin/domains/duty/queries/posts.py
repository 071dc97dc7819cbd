"""The posts of a place or organisation with their seats, and who could take one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from mulin.domains.accounts.models import User
from mulin.domains.duty.models import ORGANISATION, Absence, PostKind, Tenure, TenureState
from mulin.domains.organisations import queries as organisations
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import Building, Place, PlaceKind
from mulin.domains.places.queries import code_range

MOST_PEOPLE = 200


@dataclass(frozen=True)
class Where:
    """Where posts are: at a place or in an organisation."""

    place: Place | None = None
    organisation: Organisation | None = None

    @property
    def kind(self) -> str:
        return self.place.kind if self.place else ORGANISATION

    @property
    def area_code(self) -> str:
        found = self.place or self.organisation
        return found.area_code if found else ""

    @property
    def name(self) -> str:
        return str(self.place or self.organisation or "")


def place(place_id: int) -> Place | None:
    return Place.objects.filter(pk=place_id).select_related("parent").first()


def board_code(place: Place) -> str:
    return str(Building.objects.values_list("board_code", flat=True).get(pk=place.pk))


def grid(grid_id: int) -> Place | None:
    return Place.objects.filter(pk=grid_id, kind=PlaceKind.GRID).first()


def organisation(organisation_id: int) -> Organisation | None:
    return Organisation.objects.filter(pk=organisation_id).first()


@dataclass(frozen=True)
class Seat:
    """One seat of a post: who holds it, and who is to follow."""

    kind: PostKind
    number: int
    present: Tenure | None
    planned: tuple[Tenure, ...]


def kinds_at(where: str, *, now: datetime) -> list[PostKind]:
    today = timezone.localdate(now)
    in_force = Q(valid_to=None) | Q(valid_to__gt=today)
    return list(PostKind.objects.filter(in_force, place_kind=where, valid_from__lte=today).order_by("dispatch_order"))


def kind_at(where: str, code: str, *, now: datetime) -> PostKind | None:
    return next((kind for kind in kinds_at(where, now=now) if kind.code == code), None)


def with_absences(tenures: QuerySet[Tenure], *, now: datetime) -> QuerySet[Tenure]:
    """Tenures with holder, post and, as `coming_absences`, who is or will be away; two queries for any number."""
    coming = Absence.objects.filter(ends_at__gt=now).select_related("substitute").order_by("begins_at")
    tenures = tenures.select_related("holder", "post_kind", "place", "organisation")
    return tenures.prefetch_related(Prefetch("absences", queryset=coming, to_attr="coming_absences"))


def tenure(tenure_id: int, *, now: datetime) -> Tenure:
    return with_absences(Tenure.objects.filter(pk=tenure_id), now=now).get()


def tenures_in(area_code: str, *, now: datetime, after: int = 0, limit: int | None = None) -> list[Tenure]:
    """Return tenures in force or planned at places and in organisations of an area, lowest id first."""
    there = _held_in(area_code).exclude(state=TenureState.ENDED).filter(pk__gt=after)
    return list(with_absences(there, now=now).order_by("pk")[:limit])


def _held_in(area_code: str) -> QuerySet[Tenure]:
    reach = code_range(area_code)
    return Tenure.objects.filter(Q(place__area_code__range=reach) | Q(organisation__area_code__range=reach))


def seats(where: Where, *, now: datetime) -> list[Seat]:
    """Return every seat of every post there, held or not, in three queries."""
    there = Tenure.objects.filter(place=where.place, organisation=where.organisation)
    tenures = with_absences(there.exclude(state=TenureState.ENDED), now=now).order_by("starts_on", "pk")
    held: dict[tuple[str, int], list[Tenure]] = {}
    for tenure in tenures:
        held.setdefault((tenure.post_kind.code, tenure.seat), []).append(tenure)
    return [
        _seat(kind, number, held.get((kind.code, number), []))
        for kind in kinds_at(where.kind, now=now)
        for number in range(1, kind.seats + 1)
    ]


def _seat(kind: PostKind, number: int, tenures: list[Tenure]) -> Seat:
    present = next((tenure for tenure in tenures if tenure.state == TenureState.ACTIVE), None)
    return Seat(kind, number, present, tuple(t for t in tenures if t.state == TenureState.PLANNED))


def below(parent: Place, *, now: datetime) -> QuerySet[Place]:
    """Places with posts directly below a place: communities of a street, grids and buildings of a community."""
    today = timezone.localdate(now)
    held_at = set(PostKind.objects.values_list("place_kind", flat=True))
    standing = Q(ends_on=None) | Q(ends_on__gt=today)
    return Place.objects.filter(standing, parent=parent, kind__in=held_at).order_by("-kind", "code")


def organisations_at(place: Place, *, now: datetime) -> list[Organisation]:
    """Return the organisations of an area itself, not those of the areas above that serve it too."""
    if place.kind not in (PlaceKind.COUNTY, PlaceKind.STREET, PlaceKind.COMMUNITY):
        return []
    found = organisations.serving(place.area_code, on=timezone.localdate(now))
    return [one for one in found if one.area_code == place.area_code]


def people_found(text: str) -> QuerySet[User]:
    """People with an account whose name, user name or work phone begins with the text."""
    matches = Q(name__startswith=text) | Q(username__startswith=text) | Q(work_phone__startswith=text)
    return User.objects.filter(matches, is_active=True).order_by("name", "pk")[:20]


def colleagues(area_code: str, *, but: int, now: datetime) -> QuerySet[User]:
    """People with a post in the area, who could stand in."""
    return _colleagues(area_code, but=but).order_by("name", "pk")[:MOST_PEOPLE]


def colleague(person_id: int, *, area_code: str, but: int) -> User | None:
    """Return the person if they could stand in there."""
    return _colleagues(area_code, but=but).filter(pk=person_id).first()


def _colleagues(area_code: str, *, but: int) -> QuerySet[User]:
    there = _held_in(area_code).filter(state=TenureState.ACTIVE)
    return User.objects.filter(pk__in=there.values("holder"), is_active=True).exclude(pk=but)


def active_user(pk: int) -> User | None:
    return User.objects.filter(pk=pk, is_active=True).first()
