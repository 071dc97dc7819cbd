"""Who holds what: scope of a person, holders along a chain of places."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import get_language

from mulin.core.prepared import Prepared
from mulin.domains.accounts.models import Grant, GrantScope, User
from mulin.domains.duty.models import Absence, Tenure, TenureState
from mulin.domains.organisations.models import Organisation
from mulin.domains.places.models import AREA_KINDS, Place, PlaceKind

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Away(TypedDict):
    """What `acting` adds to a tenure."""

    away: bool
    substitute_id: int | None


# A request reads the clock more than once; its user object does not outlive it.
SAME_REQUEST = timedelta(seconds=1)


@dataclass(frozen=True)
class Held:
    """One role somebody has now, and where it counts: through a tenure, or through a grant without one."""

    permissions: frozenset[str]
    tenure_id: int | None
    place_id: int | None
    kind: str | None
    area_code: str | None
    organisation_id: int | None


@dataclass(frozen=True)
class Scope:
    """The places and organisations a person answers for now, and what they may do there.

    What may be done in one place may not be done in another: ask for the scope of a permission.
    """

    user_id: int
    permissions: frozenset[str] = frozenset()
    area_codes: tuple[str, ...] = ()
    grid_ids: tuple[int, ...] = ()
    building_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    organisation_ids: tuple[int, ...] = ()
    tenure_ids: tuple[int, ...] = field(default=())


_FIELD_OF_KIND = {
    PlaceKind.GRID: "grid_ids",
    PlaceKind.BUILDING: "building_ids",
    PlaceKind.CONTACT_GROUP: "group_ids",
}


def active(*, now: datetime) -> QuerySet[Tenure]:
    """Tenures in force at `now`, by state and by date: a tenure that ended this morning is no longer one."""
    today = timezone.localdate(now)
    return Tenure.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today), state=TenureState.ACTIVE, starts_on__lte=today, holder__is_active=True
    )


def _away(now: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(tenure=OuterRef("pk"), begins_at__lte=now, ends_at__gt=now)


def acting(*, now: datetime) -> "QuerySet[WithAnnotations[Tenure, Away]]":
    """Active tenures with `acting_id`, who acts today: the holder, a substitute, or None when nobody does."""
    return active(now=now).annotate(
        away=Exists(_away(now)),
        substitute_id=substitute("pk", now=now),
    )


def substitute(field: str, *, now: datetime) -> Subquery:
    """A field of whoever stands in for the holder of a tenure now."""
    standing_in = _away(now).filter(substitute__is_active=True).order_by("pk")
    return Subquery(standing_in.values(f"substitute__{field}")[:1])


def filled(*posts: str, now: datetime) -> QuerySet[Tenure]:
    """Tenures of these posts in which somebody acts now: neither vacant nor away without a substitute."""
    held = acting(now=now).filter(post_kind__code__in=posts)
    return held.filter(Q(away=False) | Q(substitute_id__isnull=False))


def scope_of(user: User, *permissions: str, now: datetime) -> Scope:
    """Return where one of the permissions counts for `user`, or any does when none is named.

    It comes from own tenures, from those in which the user stands in for somebody, and from roles granted for a place.
    """
    held = _held_now(user, now)
    wanted = set(permissions)
    return _scope(user.pk, [one for one in held if not wanted or wanted & one.permissions])


def _held_now(user: User, now: datetime) -> list[Held]:
    kept: tuple[datetime, list[Held]] | None = getattr(user, "_held", None)
    if kept is not None and timedelta(0) <= now - kept[0] < SAME_REQUEST:
        return kept[1]
    rows = _held.rows(user_id=user.pk, now=now)
    held = [Held(frozenset(json.loads(allowed)), *where) for allowed, *where in rows]  # the driver gives JSON as text
    user._held = (now, held)  # type: ignore[attr-defined]
    return held


def _held_by(user_id: int, now: datetime) -> QuerySet[Tenure, Any]:
    """Own tenures, those stood in for, and grants, each found by its index: an OR would read every tenure."""
    columns = ("post_kind__role__permissions", "pk", "place_id", "place__kind", "place__area_code", "organisation_id")
    stands_in = Absence.objects.filter(substitute=user_id, begins_at__lte=now, ends_at__gt=now)
    own = active(now=now).filter(holder=user_id).values_list(*columns)
    stood_in_for = active(now=now).filter(pk__in=stands_in.values("tenure")).values_list(*columns)
    return own.union(stood_in_for, _granted_to(user_id, now), all=True)


def _granted_to(user_id: int, now: datetime) -> QuerySet[Grant, Any]:
    """Roles granted without a post: of the installation, or of a place or organisation that still is one."""
    today = timezone.localdate(now)
    lasting = Q(ends_on=None) | Q(ends_on__gt=today)
    place = Place.objects.filter(lasting, pk=OuterRef("place_id"))
    office = Organisation.objects.filter(lasting, pk=OuterRef("organisation_id"))
    granted = Grant.objects.filter(lasting, user=user_id, starts_on__lte=today).annotate(
        tenure=Cast(Value(None), BigIntegerField()),
        kind=Subquery(place.values("kind")),
        area_code=Subquery(place.values("area_code")),
        office=Subquery(office.values("pk")),
    )
    standing = Q(scope=GrantScope.INSTALLATION) | Q(kind__isnull=False) | Q(office__isnull=False)
    return granted.filter(standing).values_list(
        "role__permissions", "tenure", "place_id", "kind", "area_code", "office"
    )


_held = Prepared(_held_by)


def _scope(user_id: int, held: Iterable[Held]) -> Scope:
    permissions: set[str] = set()
    areas: list[str] = []
    places: dict[str, list[int]] = {"grid_ids": [], "building_ids": [], "group_ids": []}
    organisations: list[int] = []
    tenures: list[int] = []
    for one in held:
        permissions.update(one.permissions)
        if one.tenure_id is not None:
            tenures.append(one.tenure_id)
        if one.organisation_id is not None:
            organisations.append(one.organisation_id)
        elif one.kind in AREA_KINDS and one.area_code:
            areas.append(one.area_code)
        elif one.kind in _FIELD_OF_KIND and one.place_id is not None:
            places[_FIELD_OF_KIND[PlaceKind(one.kind)]].append(one.place_id)
    return Scope(
        user_id,
        frozenset(permissions),
        area_codes=tuple(dict.fromkeys(areas)),
        organisation_ids=tuple(dict.fromkeys(organisations)),
        tenure_ids=tuple(tenures),
        **{name: tuple(dict.fromkeys(ids)) for name, ids in places.items()},
    )


@dataclass(frozen=True)
class Seat:
    """A tenure that could hold a case: where, at which tier, who acts (None: away without a substitute)."""

    tenure_id: int
    place_id: int
    tier: int
    order: int
    acting_id: int | None
    holder_name: str = ""
    post_zh: str = ""
    post_en: str = ""


def case_seats(place_ids: Sequence[int], *, now: datetime) -> list[Seat]:
    """Return the case-holding seats filled at these places, lowest tier first, in one query."""
    return [
        Seat(pk, place, tier, order, substitute if away else holder, *names)
        for pk, place, tier, order, holder, away, substitute, *names in _case_seats.rows(place_ids=place_ids, now=now)
    ]


def _case_seats_of(place_ids: Sequence[int], now: datetime) -> QuerySet[Tenure, Any]:
    return (
        acting(now=now)
        .filter(place__in=place_ids, post_kind__holds_cases=True)
        .order_by("post_kind__tier", "post_kind__dispatch_order", "seat")
        .values_list(
            "pk",
            "place_id",
            "post_kind__tier",
            "post_kind__dispatch_order",
            "holder_id",
            "away",
            "substitute_id",
            "holder__name",
            "post_kind__name_zh",
            "post_kind__name_en",
        )
    )


_case_seats = Prepared(_case_seats_of)


def office_seats(organisation_id: int, *, now: datetime) -> list[Seat]:
    """Return the officers of an organisation who act now, first seat first."""
    rows = (
        acting(now=now)
        .filter(organisation=organisation_id)
        .order_by("post_kind__dispatch_order", "seat")
        .values_list("pk", "post_kind__tier", "post_kind__dispatch_order", "holder_id", "away", "substitute_id")
    )
    return [
        Seat(pk, 0, tier, order, substitute if away else holder) for pk, tier, order, holder, away, substitute in rows
    ]


def people_acting(*, now: datetime, tenure_ids: Iterable[int]) -> dict[int, int]:
    """Return tenure id → user id for those of the tenures in which somebody acts now."""
    rows = acting(now=now).filter(pk__in=list(tenure_ids)).values_list("pk", "holder_id", "away", "substitute_id")
    people = {pk: (substitute if away else holder) for pk, holder, away, substitute in rows}
    return {pk: person for pk, person in people.items() if person is not None}


@dataclass(frozen=True)
class StandIn:
    """Whom to call while the holder of a post is away: a work name and a work phone."""

    name: str
    work_phone: str


def stand_in(tenure_id: int, *, now: datetime) -> StandIn | None:
    """Return who stands in for the holder of a tenure now; None while the holder is there, or away without anybody."""
    away = Absence.objects.filter(tenure=tenure_id, begins_at__lte=now, ends_at__gt=now, substitute__is_active=True)
    row = away.order_by("pk").values_list("substitute__name", "substitute__work_phone").first()
    return StandIn(*row) if row else None


def responsible_for(place_ids: Sequence[int], *, now: datetime) -> QuerySet[Tenure]:
    """Active tenures at these places with holder, post and place, lowest tier first, for boards and pages."""
    return (
        acting(now=now)
        .filter(place__in=place_ids)
        .select_related("post_kind", "holder", "place")
        .order_by("post_kind__tier", "post_kind__dispatch_order", "seat")
    )


def same_seat(tenure: Tenure) -> QuerySet[Tenure]:
    """Other tenures of the seat that are in force or planned."""
    seat = Tenure.objects.filter(
        post_kind__code=tenure.post_kind.code,
        place=tenure.place_id,
        organisation=tenure.organisation_id,
        seat=tenure.seat,
    )
    return seat.exclude(pk=tenure.pk).exclude(state=TenureState.ENDED)


def is_active_user(user_id: int) -> bool:
    return User.objects.filter(pk=user_id, is_active=True).exists()


def has_post_now_or_later(user: User, *, now: datetime) -> bool:
    """Say whether a person holds a seat, is to hold one, or stands in or is to stand in for somebody."""
    not_over = Q(ends_on=None) | Q(ends_on__gt=timezone.localdate(now))
    own = Tenure.objects.filter(not_over, holder=user).exclude(state=TenureState.ENDED)
    return own.exists() or Absence.objects.filter(substitute=user, ends_at__gt=now).exists()


def tenures_at(place_id: int) -> list[Tenure]:
    """Return the tenures of a place that are not over, planned ones too."""
    return list(Tenure.objects.filter(place=place_id).exclude(state=TenureState.ENDED).order_by("pk"))


def tenures_to_end(*, now: datetime) -> list[int]:
    """Active tenures whose first day without them has come, or whose holder's account is closed."""
    over = Q(ends_on__lte=timezone.localdate(now)) | Q(holder__is_active=False)
    return list(Tenure.objects.filter(over, state=TenureState.ACTIVE).order_by("pk").values_list("pk", flat=True))


def tenures_to_start(*, now: datetime) -> list[int]:
    planned = Tenure.objects.filter(state=TenureState.PLANNED, starts_on__lte=timezone.localdate(now))
    return list(planned.order_by("pk").values_list("pk", flat=True))


def absences_to_tell(*, now: datetime) -> list[int]:
    begun = Absence.objects.filter(told=False, begins_at__lte=now)
    return list(begun.order_by("pk").values_list("pk", flat=True))


def holders_of(organisation_id: int, *, now: datetime) -> list[int]:
    return [seat.acting_id for seat in office_seats(organisation_id, now=now) if seat.acting_id is not None]


def colleague_tenures(scope: Scope) -> set[int]:
    """Return the tenures of the same post at the same place: colleagues at one desk act for each other."""
    own = Tenure.objects.filter(pk__in=scope.tenure_ids, place__isnull=False).values("place", "post_kind")
    return {
        pk
        for post in own
        for pk in Tenure.objects.filter(place=post["place"], post_kind=post["post_kind"]).values_list("pk", flat=True)
    }


def tenure(tenure_id: int) -> Tenure:
    """Return a tenure, over or not, with its holder and post."""
    return Tenure.objects.select_related("holder", "post_kind").get(pk=tenure_id)


def post_label(user: User, *, now: datetime) -> str:
    """Return the person's post and where it is held, in the reader's language; empty without one.

    A post at a place says more of somebody than one in an office, the highest more than those below.
    """
    posts = active(now=now).filter(holder=user)
    posts = posts.order_by(IsNull(F("place"), True), "-post_kind__tier", "post_kind__dispatch_order")
    is_english = (get_language() or "").startswith("en")
    name = "post_kind__name_en" if is_english else "post_kind__name_zh"
    row = posts.values_list(name, "place__name", "organisation__name").first()
    return " · ".join(part for part in row if part) if row else ""
