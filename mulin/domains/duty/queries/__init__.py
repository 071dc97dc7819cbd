"""Who holds what: scope of a person, holders along a chain of places."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import get_language

from mulin.core.prepared import Prepared
from mulin.domains.accounts.models import User
from mulin.domains.duty.models import Absence, Tenure, TenureState
from mulin.domains.places.models import AREA_KINDS, PlaceKind

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Away(TypedDict):
    """What `acting` adds to a tenure."""

    away: bool
    substitute_id: int | None


# A request reads the clock more than once; its user object does not outlive it.
SAME_REQUEST = timedelta(seconds=1)


@dataclass(frozen=True)
class Scope:
    """The places and organisations a person answers for now, and what they may do there."""

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


def scope_of(user: User, *, now: datetime) -> Scope:
    """Return the scope of `user`: own tenures, and those in which the user stands in for somebody."""
    kept: tuple[datetime, Scope] | None = getattr(user, "_scope", None)
    if kept is not None and timedelta(0) <= now - kept[0] < SAME_REQUEST:
        return kept[1]
    scope = _scope(user.pk, _held.rows(user_id=user.pk, now=now))
    user._scope = (now, scope)  # type: ignore[attr-defined]
    return scope


def _held_by(user_id: int, now: datetime) -> QuerySet[Tenure, Any]:
    """Own tenures and those stood in for, each found by its index: an OR of both would read every tenure."""
    columns = ("pk", "place_id", "place__kind", "place__area_code", "organisation_id", "post_kind__role__permissions")
    stands_in = Absence.objects.filter(substitute=user_id, begins_at__lte=now, ends_at__gt=now)
    own = active(now=now).filter(holder=user_id).values_list(*columns)
    return own.union(active(now=now).filter(pk__in=stands_in.values("tenure")).values_list(*columns), all=True)


_held = Prepared(_held_by)


def _scope(user_id: int, rows: Iterable[tuple[int, int | None, str | None, str | None, int | None, str]]) -> Scope:
    permissions: set[str] = set()
    areas: list[str] = []
    places: dict[str, list[int]] = {"grid_ids": [], "building_ids": [], "group_ids": []}
    organisations: list[int] = []
    tenures: list[int] = []
    for tenure_id, place_id, kind, area_code, organisation_id, allowed in rows:
        tenures.append(tenure_id)
        permissions.update(json.loads(allowed))  # the driver gives JSON as text
        if organisation_id is not None:
            organisations.append(organisation_id)
        elif kind in AREA_KINDS and area_code:
            areas.append(area_code)
        elif kind in _FIELD_OF_KIND and place_id is not None:
            places[_FIELD_OF_KIND[PlaceKind(kind)]].append(place_id)
    return Scope(
        user_id,
        frozenset(permissions),
        area_codes=tuple(areas),
        organisation_ids=tuple(organisations),
        tenure_ids=tuple(tenures),
        **{name: tuple(ids) for name, ids in places.items()},
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
