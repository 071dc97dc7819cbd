"""Coverage: every household has a contact, every building a leader, every grid a coordinator.

A gap is a household, building or grid for which nobody acts now: the post is vacant, or its holder is away
without a substitute. Counts and gaps are one query each, whatever the size of the district.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from mulin.domains.duty.queries import active, filled
from mulin.domains.places import queries as places
from mulin.domains.places.models import AREA_KINDS, GridKind, Household, Place, PlaceKind

HOUSEHOLDS, BUILDINGS, GRIDS = "households", "buildings", "grids"
SUBJECTS = (HOUSEHOLDS, BUILDINGS, GRIDS)
POSTS: Mapping[str, tuple[str, ...]] = {
    HOUSEHOLDS: ("household_contact",),
    BUILDINGS: ("building_leader",),
    GRIDS: ("grid_leader", "grid_worker"),
}
COORDINATED_GRIDS = (GridKind.BASIC, GridKind.DEDICATED)

NO_GROUP, VACANT, ABSENT = "NO_GROUP", "VACANT", "ABSENT"


@dataclass(frozen=True)
class Ground:
    """Where coverage is looked at: an area, or one grid of it."""

    area_code: str
    grid_id: int | None = None


@dataclass(frozen=True)
class Tally:
    """How many there are, and for how many of them nobody acts."""

    total: int = 0
    gaps: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.total + other.total, self.gaps + other.gaps)

    @property
    def gap_share(self) -> float:
        return self.gaps / self.total if self.total else 0.0


@dataclass(frozen=True)
class Gap:
    """One household, building or grid without anybody; `post_place_id` is where somebody should be appointed."""

    id: int
    post_place_id: int | None
    reason: str
    area_code: str
    place: str
    detail: str
    building_id: int | None = None

    @property
    def key(self) -> str:
        return str(self.id)


@dataclass(frozen=True)
class GroupGap:
    """Households of one building that lack a contact for the same reason."""

    building_id: int
    building: str
    group_id: int | None
    group: str
    reason: str
    households: int
    area_code: str

    @property
    def key(self) -> str:
        return f"{self.building_id}-{self.group_id or 0}"


Rows = QuerySet[Any]


def _in_force(prefix: str, today: date) -> Q:
    return Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gt": today})


def _begun(prefix: str, today: date) -> Q:
    return Q(**{f"{prefix}starts_on__lte": today})


def _membership(path: str, today: date) -> FilteredRelation:
    """The one membership in force; what has none stays in the result."""
    return FilteredRelation(path, condition=_in_force(f"{path}__", today) & _begun(f"{path}__", today))


def _households(today: date) -> Rows:
    """Every household of today with `post_place`, its contact group."""
    living_here = Q(moved_out_on=None) | Q(moved_out_on__gt=today)
    rows = Household.objects.filter(living_here, moved_in_on__lte=today)
    rows = rows.annotate(membership=_membership("memberships", today), post_place=F("membership__group_id"))
    return rows.annotate(grid_membership=_membership("dwelling__building__memberships", today))


def _buildings(today: date) -> Rows:
    rows = Place.objects.filter(_in_force("", today) & _begun("", today), kind=PlaceKind.BUILDING)
    return rows.annotate(post_place=F("pk"), grid_membership=_membership("building__memberships", today))


def _grids(today: date) -> Rows:
    rows = Place.objects.filter(_in_force("", today) & _begun("", today), kind=PlaceKind.GRID)
    return rows.filter(grid__grid_kind__in=COORDINATED_GRIDS).annotate(post_place=F("pk"))


_SUBJECT_ROWS: Mapping[str, Callable[[date], Rows]] = {HOUSEHOLDS: _households, BUILDINGS: _buildings, GRIDS: _grids}
_GRID_OF: Mapping[str, str] = {
    HOUSEHOLDS: "grid_membership__grid_id",
    BUILDINGS: "grid_membership__grid_id",
    GRIDS: "pk",
}


def _rows(subject: str, ground: Ground, now: datetime) -> Rows:
    rows = _SUBJECT_ROWS[subject](timezone.localdate(now)).filter(places.within(ground.area_code))
    return rows.filter(**{_GRID_OF[subject]: ground.grid_id}) if ground.grid_id else rows


def _is_gap(subject: str, now: datetime) -> Q:
    """Nobody acts at the place of the post; where people act is worked out once for the whole query."""
    return Q(post_place=None) | ~Q(post_place__in=filled(*POSTS[subject], now=now).values("place_id"))


def _reason(subject: str, now: datetime) -> Case:
    held = active(now=now).filter(post_kind__code__in=POSTS[subject]).values("place_id")
    return Case(
        When(post_place=None, then=Value(NO_GROUP)),
        When(post_place__in=held, then=Value(ABSENT)),
        default=Value(VACANT),
        output_field=CharField(),
    )


def tally_by_area(subject: str, ground: Ground, *, now: datetime) -> dict[str, Tally]:
    """Return community code → tally for every community that has any, in one query."""
    return dict(_tallies(subject, ground, "area_code", now))


def tally_by_grid(subject: str, ground: Ground, *, now: datetime) -> dict[int | None, Tally]:
    """Return grid id → tally (None: in no grid), in one query."""
    return dict(_tallies(subject, ground, _GRID_OF[subject], now))


def _tallies(subject: str, ground: Ground, key: str, now: datetime) -> list[tuple[Any, Tally]]:
    counted = (
        _rows(subject, ground, now)
        .order_by()
        .values(key)
        .annotate(total=Count("pk"), gaps=Count("pk", filter=_is_gap(subject, now)))
    )
    return [(row[key], Tally(row["total"], row["gaps"])) for row in counted]


_GAP_FIELDS: Mapping[str, tuple[str, str, str]] = {
    HOUSEHOLDS: ("dwelling__building__place__name", "dwelling__room", "dwelling__building_id"),
    BUILDINGS: ("name", "building__address", "pk"),
    GRIDS: ("name", "code", "grid__pk"),
}


def gaps(subject: str, ground: Ground, *, now: datetime, after: int = 0, limit: int | None = None) -> list[Gap]:
    """Return the gaps after id `after`, lowest id first, in one query."""
    rows = _rows(subject, ground, now).filter(_is_gap(subject, now), pk__gt=after)
    fields = ("pk", "post_place", "reason", "area_code", *_GAP_FIELDS[subject])
    found = rows.annotate(reason=_reason(subject, now)).order_by("pk").values_list(*fields)
    return [Gap(*row) for row in found[:limit]]


def group_gaps(ground: Ground, *, now: datetime, after: str = "", limit: int | None = None) -> list[GroupGap]:
    """Return households without a contact, one row per building and contact group, in one query."""
    building, _, group = after.partition("-")
    seen_building, seen_group = (int(part) if part.isdecimal() else 0 for part in (building, group))
    rows = _rows(HOUSEHOLDS, ground, now).filter(_is_gap(HOUSEHOLDS, now))
    rows = rows.annotate(group_key=Coalesce("post_place", 0), building_key=F("dwelling__building_id"))
    beyond = Q(building_key__gt=seen_building) | Q(building_key=seen_building, group_key__gt=seen_group)
    found = (
        rows.filter(beyond)
        .annotate(reason=_reason(HOUSEHOLDS, now))
        .order_by("building_key", "group_key")
        .values_list(
            "building_key",
            "dwelling__building__place__name",
            "post_place",
            "membership__group__name",
            "reason",
            "area_code",
            "group_key",
        )
        .annotate(households=Count("pk"))
    )
    return [
        GroupGap(pk, name, group_id, group_name or "", reason, households, area_code)
        for pk, name, group_id, group_name, reason, area_code, _key, households in found[:limit]
    ]


def sum_by_child(tallies: Mapping[str, Tally], parent_code: str) -> dict[str, Tally]:
    """Add communities up to the children of an area: streets of a county, communities of a street."""
    depth = {6: 9, 9: 12}.get(len(places.code_prefix(parent_code)), 12)
    summed: dict[str, Tally] = {}
    for code, tally in tallies.items():
        child = code[:depth].ljust(12, "0")
        summed[child] = summed.get(child, Tally()) + tally
    return summed


@dataclass(frozen=True)
class Child:
    """A part of a ground to look closer at: an area by its code, or a grid by its id."""

    key: str | int
    name: str
    shape: bytes | None


def children(ground: Ground, *, now: datetime) -> list[Child]:
    """Return the streets of a county, the communities of a street, or the grids of a community, in one query."""
    if ground.grid_id is not None:
        return []
    today = timezone.localdate(now)
    standing = Place.objects.filter(_in_force("", today) & _begun("", today)).order_by("code")
    if len(places.code_prefix(ground.area_code)) == len(ground.area_code):
        grids = standing.filter(kind=PlaceKind.GRID, area_code=ground.area_code, grid__grid_kind__in=COORDINATED_GRIDS)
        boundary = FilteredRelation("grid__boundaries", condition=Q(grid__boundaries__ends_on=None))
        rows = grids.annotate(boundary=boundary).values_list("pk", "name", "boundary__shape")
        return [Child(pk, name, bytes(shape) if shape else None) for pk, name, shape in rows]
    below = standing.filter(kind__in=AREA_KINDS, parent__code=ground.area_code).values_list("code", "name", "shape")
    return [Child(code, name, bytes(shape) if shape else None) for code, name, shape in below]


def tally_by_child(subject: str, ground: Ground, *, now: datetime) -> dict[Any, Tally]:
    """Return the tally of each of the children, and of what is in none of them under None."""
    if len(places.code_prefix(ground.area_code)) == len(ground.area_code):
        return tally_by_grid(subject, ground, now=now)
    return sum_by_child(tally_by_area(subject, ground, now=now), ground.area_code)
