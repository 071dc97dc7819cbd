"""联户组: which households of a building belong to none, and putting them into one."""

from typing import Annotated, Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.duty import access, services
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, once, plain

router = Router(tags=["duty"])

Request = Recognised[User]


class GroupOut(Schema):
    """A contact group; its `id` is a place, whose posts name its contact."""

    id: int
    name: str
    households: int


class DoorOut(Schema):
    """A household as its neighbours know it: by entrance and room, never by name."""

    household_id: int
    entrance: str
    room: str


class GroupsOut(Schema):
    groups: list[GroupOut]
    without_group: list[DoorOut]


class GroupIn(Schema):
    """Households of the building in no group; `group` is one of its groups, without it a new one is made."""

    households: Annotated[list[Id], Field(min_length=1, max_length=100)]
    group: Id | None = None


@router.get("/buildings/{place_id}/contact-groups", response={200: GroupsOut, **REFUSALS})
def contact_groups(request: Request, place_id: Id) -> GroupsOut:
    """联户组 of a building you manage, and its households in none."""
    building = access.building_of_posts(request.user, place_id, now=timezone.now())
    return _groups(building)


def _groups(building: Place) -> GroupsOut:
    found = places.contact_groups_of(building.pk)
    return GroupsOut(
        groups=[GroupOut(id=group.pk, name=group.name, households=count) for group, count in found],
        without_group=[DoorOut.from_orm(door) for door in places.households_in_no_group(building.pk)],
    )


@router.post("/buildings/{place_id}/contact-groups", response={200: GroupsOut, **REFUSALS}, openapi_extra=WRITE)
def form_contact_group(request: Request, place_id: Id, asked: GroupIn) -> dict[str, Any]:
    """编入联户组: put households into a group of the building or into a new one."""
    now = timezone.now()
    building = access.building_of_posts(request.user, place_id, now=now)

    def do() -> dict[str, Any]:
        group = access.group_in(building, asked.group) if asked.group else None
        services.put_into_group(
            actor=request.user, building=building, household_ids=asked.households, group=group, now=now
        )
        return plain(GroupsOut, _groups(building))

    return once(request, asked.model_dump(), do)
