"""Households by their doors, for contact groups: three questions for a building or a whole community."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from mulin.domains.places.models import GridMembership, Household, Place, PlaceKind
from mulin.domains.places.queries import within
from mulin.domains.planning.rules.groups import Door


@dataclass(frozen=True)
class GroupGround:
    """Where groups are formed: in one building, or in every building of a community."""

    area_code: str
    building_id: int | None = None


def doors_of(ground: GroupGround) -> list[Door]:
    return _doors(Q(dwelling__building=ground.building_id) if ground.building_id else within(ground.area_code))


def _doors(where: Q) -> list[Door]:
    """Return who lives there now, in the order of buildings, entrances, floors and rooms."""
    rows = sorted(
        Household.objects.filter(where, moved_out_on=None).values_list(
            "dwelling__building",
            "dwelling__entrance",
            "dwelling__floor",
            "dwelling__room",
            "pk",
            "dwelling__entrance__lon",
            "dwelling__entrance__lat",
        )
    )
    groups = _groups(where)
    members = GridMembership.objects.filter(building__in={row[0] for row in rows}, ends_on=None)
    grids = dict(members.values_list("building", "grid"))
    return [
        Door(pk, building, entrance, floor, room, groups.get(pk), grids.get(building), lon or 0.0, lat or 0.0)
        for building, entrance, floor, room, pk, lon, lat in rows
    ]


def _groups(where: Q) -> dict[int, int]:
    rows = Household.objects.filter(where, moved_out_on=None, memberships__ends_on=None)
    grouped = rows.filter(memberships__group__ends_on=None, memberships__isnull=False)
    return {pk: group for pk, group in grouped.values_list("pk", "memberships__group") if group}


def rooms_of(household_ids: Iterable[int]) -> dict[int, str]:
    """Return household → entrance and room, as neighbours say it."""
    rows = Household.objects.filter(pk__in=list(household_ids))
    return {
        pk: f"{entrance}{room}"
        for pk, entrance, room in rows.values_list("pk", "dwelling__entrance__name", "dwelling__room")
    }


def groups_standing(building_ids: Iterable[int]) -> dict[int, int]:
    """Return building → how many contact groups it has ever had, for the number of the next."""
    counts: dict[int, int] = {}
    rows = Place.objects.filter(parent__in=list(building_ids), kind=PlaceKind.CONTACT_GROUP)
    for building in rows.values_list("parent", flat=True):
        counts[building or 0] = counts.get(building or 0, 0) + 1
    return counts


def places_by_id(ids: Iterable[int]) -> dict[int, Place]:
    return Place.objects.in_bulk(list(ids))
