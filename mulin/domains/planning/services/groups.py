"""Contact groups as proposed become contact groups, if what was seen is still what is proposed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict
from mulin.domains.accounts.models import User
from mulin.domains.duty.services import GROUP_NAME
from mulin.domains.places import services as places
from mulin.domains.places.models import Household, PlaceKind
from mulin.domains.places.services import GroupSize
from mulin.domains.planning.queries import groups
from mulin.domains.planning.queries.groups import GroupGround
from mulin.domains.planning.rules.groups import Division, divide


class GroupsChanged(Conflict):
    code = "groups_changed"
    sentence = _("住户或联户组刚刚有变化，没有编组。")
    remedy = _("请再看一遍新的建议。")


class NothingToGroup(Conflict):
    code = "nothing_to_group"
    sentence = _("每一户都已编入联户组。")


@transaction.atomic
def accept_groups(
    *, actor: User | None, ground: GroupGround, may_move: bool, join_within_m: float, mark: str, now: datetime
) -> Division:
    """Write the groups proposed for a building or an area, all or none. Raises GroupsChanged, NothingToGroup.

    `mark` is the sign of the proposal somebody saw. Where the number of neighbours allows no lawful groups, the sizes
    said there are written.
    """
    doors = groups.doors_of(ground)
    division = divide(doors, may_move=may_move, join_within_m=join_within_m)
    if division.mark != mark:
        raise GroupsChanged
    if not division.groups:
        raise NothingToGroup
    standing = groups.groups_standing({one.building_id for one in division.groups})
    place_of = groups.places_by_id(
        {one.building_id for one in division.groups} | {one.group for one in division.groups if one.group}
    )
    for one in division.groups:
        group = place_of.get(one.group or 0)
        if group is None:
            standing[one.building_id] = number = standing.get(one.building_id, 0) + 1
            group = places.create_place(
                actor=actor,
                kind=PlaceKind.CONTACT_GROUP,
                name=GROUP_NAME.format(number=number),
                parent=place_of[one.building_id],
                now=now,
            )
        places.form_contact_group(
            actor=actor,
            group=group,
            households=[Household(pk=pk) for pk in one.joining],
            from_date=timezone.localdate(now),
            now=now,
            size=GroupSize(least=1, most=len(doors)),
        )
    return division
