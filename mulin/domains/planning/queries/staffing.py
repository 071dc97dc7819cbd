"""Grids to be staffed, who could staff them, and from where they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from mulin.core.geometry import read_shape
from mulin.domains.accounts.models import User
from mulin.domains.duty.models import PostKind, Tenure, TenureState
from mulin.domains.duty.queries import active
from mulin.domains.places.models import GridBoundary, GridKind, Place, PlaceKind
from mulin.domains.places.queries import areas, in_force, within
from mulin.domains.planning.models import StaffingBan, StaffingDraft, StaffingPerson, StaffingState

KINDS = (GridKind.BASIC, GridKind.DEDICATED)
LIST_LENGTH = 50


@dataclass(frozen=True)
class StaffedGrid:
    id: int
    code: str
    name: str
    lon: float
    lat: float


def visible_to(area_codes: Sequence[str]) -> QuerySet[StaffingDraft]:
    """Drafts of these areas and of what lies in them."""
    inside = Q(pk=None)
    for code in area_codes:
        inside |= within(code)
    return StaffingDraft.objects.filter(inside).select_related("post_kind", "made_by", "published_by")


def listed(area_codes: Sequence[str], *, after: int | None = None) -> list[StaffingDraft]:
    """Return drafts, latest first, without those discarded."""
    rows = visible_to(area_codes).exclude(state=StaffingState.DISCARDED)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:LIST_LENGTH])


def grids_of(area_code: str, *, on: date) -> list[StaffedGrid]:
    """Return the basic and dedicated grids in force on the day, by code."""
    rows = in_force(Place.objects.filter(within(area_code), kind=PlaceKind.GRID, grid__grid_kind__in=KINDS), on=on)
    found = rows.filter(lon__isnull=False).order_by("code").values_list("pk", "code", "name", "lon", "lat")
    return [StaffedGrid(pk, code, name, lon or 0.0, lat or 0.0) for pk, code, name, lon, lat in found]


def outlines_of(area_code: str) -> dict[int, BaseGeometry]:
    rows = GridBoundary.objects.filter(
        within(area_code, "grid__place__area_code"), ends_on=None, grid__grid_kind__in=KINDS, shape__isnull=False
    )
    return {pk: read_shape(shape or b"") for pk, shape in rows.values_list("grid", "shape")}


def grid_posts(*, now: datetime) -> list[PostKind]:
    """Return the posts held in grids, those that come first in dispatch first."""
    today = timezone.localdate(now)
    rows = PostKind.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), valid_from__lte=today)
    return list(rows.filter(place_kind=PlaceKind.GRID).order_by("dispatch_order", "pk"))


def holders(area_code: str, post: PostKind, *, now: datetime) -> list[Tenure]:
    """Return who holds the post in the area's grids now, by grid and seat."""
    held = active(now=now).filter(within(area_code, "place__area_code"), post_kind__code=post.code)
    return list(held.select_related("place").order_by("place__code", "seat"))


def seats_held(post: PostKind, grid_ids: Iterable[int], *, from_date: date) -> list[Tenure]:
    """Return the tenures of these grids' seats that last on or beyond the day."""
    lasting = Tenure.objects.filter(Q(ends_on=None) | Q(ends_on__gt=from_date), place__in=list(grid_ids))
    lasting = lasting.filter(post_kind__code=post.code).exclude(state=TenureState.ENDED)
    return list(lasting.select_related("holder", "place").order_by("place", "seat"))


def people_of(draft: StaffingDraft) -> list[StaffingPerson]:
    """Return the people of a draft with everything a page says of them, in two queries."""
    rows = StaffingPerson.objects.filter(draft=draft).select_related(
        "person", "tenure__place", "near", "grid__place", "chosen__place"
    )
    bans = Prefetch("bans", queryset=StaffingBan.objects.select_related("grid__place").order_by("pk"))
    return list(rows.prefetch_related(bans).order_by("tenure__place__code", "person__name", "pk"))


def starting_points(people: Sequence[StaffingPerson], *, now: datetime) -> dict[int, tuple[float, float]]:
    """Return user → point: the rough one given for the draft, else the place of their present post, lowest first.

    Nobody's home is known here.
    """
    points = {one.person_id: (one.near.lon, one.near.lat) for one in people if one.near and _is_located(one.near)}
    unknown = [one.person_id for one in people if one.person_id not in points]
    held = active(now=now).filter(holder__in=unknown).order_by("post_kind__tier", "pk")
    offices: dict[int, str] = {}
    rows = held.values_list("holder", "place__lon", "place__lat", "organisation__area_code")
    for holder, lon, lat, office_area in rows:
        if lon is not None and lat is not None:
            points.setdefault(holder, (lon, lat))
        elif office_area:
            offices.setdefault(holder, office_area)
    located = _area_points(set(offices.values()))
    for holder, code in offices.items():
        if code in located:
            points.setdefault(holder, located[code])
    return {pk: (lon or 0.0, lat or 0.0) for pk, (lon, lat) in points.items()}


def _is_located(place: Place) -> bool:
    return place.lon is not None and place.lat is not None


def _area_points(codes: set[str]) -> dict[str, tuple[float, float]]:
    if not codes:
        return {}
    rows = Place.objects.filter(code__in=codes, lon__isnull=False, lat__isnull=False)
    return {code: (lon or 0.0, lat or 0.0) for code, lon, lat in rows.values_list("code", "lon", "lat")}


def rough_places(area_code: str) -> list[Place]:
    """Return what may be named as a rough starting point: communities and estates of the county, never a building."""
    county = area_code[:6].ljust(12, "0")
    rows = Place.objects.filter(
        within(county), kind__in=(PlaceKind.COMMUNITY, PlaceKind.ESTATE), ends_on=None, lon__isnull=False
    )
    return list(rows.order_by("area_code", "kind", "code").only("pk", "name", "kind", "area_code"))


def rough_place(place_id: int, *, area_code: str) -> Place | None:
    return next((place for place in rough_places(area_code) if place.pk == place_id), None)


def people_named(usernames: Iterable[str]) -> list[User]:
    return list(User.objects.filter(username__in=list(usernames), is_active=True))


def person(person_id: int) -> User | None:
    return User.objects.filter(pk=person_id, is_active=True).first()


def area_name(area_code: str) -> str:
    found = areas.get().get(area_code)
    return found.name if found else area_code
