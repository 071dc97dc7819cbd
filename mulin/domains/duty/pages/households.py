"""What the page shows on which a desk puts households without a contact into a contact group."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from mulin.domains.places.models import Place
from mulin.domains.places.queries import Doorplate


def household_choices(doors: Iterable[Doorplate]) -> list[tuple[int, str]]:
    return [(door.household_id, f"{door.entrance} {door.room}") for door in doors]


def group_choices(groups: Iterable[tuple[Place, int]]) -> list[tuple[int, str]]:
    return [(group.pk, _("{group}（现有 {n} 户）").format(group=group.name, n=count)) for group, count in groups]
