"""What the public board of a building shows: who is responsible, by post and place. Four queries for any number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from mulin.domains.duty.models import PostKind
from mulin.domains.duty.queries import acting, substitute
from mulin.domains.places import queries as places
from mulin.domains.places.models import Building, Place, PlaceKind

COMMUNITY_DESK = "community_desk"


@dataclass(frozen=True)
class Person:
    """A work name and a work phone; nothing else of a person is ever on a board."""

    name: str
    work_phone: str
    stands_in: bool = False


@dataclass(frozen=True)
class PostOnBoard:
    """One post at one place, with whoever acts there now; nobody: it is vacant."""

    code: str
    name_zh: str
    name_en: str
    place: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class BoardFacts:
    code: str
    building_id: int
    estate: str
    building: str
    address: str
    community: str
    grid: str
    posts: tuple[PostOnBoard, ...]
    contacts: tuple[PostOnBoard, ...]

    @property
    def is_desk_staffed(self) -> bool:
        return any(post.people for post in self.posts if post.code == COMMUNITY_DESK)


def board(board_code: str, *, now: datetime) -> BoardFacts:
    """Return the board with this door code. Raises PlaceUnknown."""
    found = _boards(Building.objects.filter(board_code=board_code), now=now)
    if not found:
        raise places.PlaceUnknown
    return found[0]


def boards_of(area_code: str, *, now: datetime, limit: int, after: int = 0) -> list[BoardFacts]:
    """Return the boards of an area in the order of its buildings, those after a building."""
    buildings = Building.objects.filter(places.within(area_code, "place__area_code"), pk__gt=after)
    return _boards(buildings, now=now, limit=limit)


def boards_at(building_ids: Sequence[int], *, now: datetime) -> list[BoardFacts]:
    """Return the boards of these buildings."""
    return _boards(Building.objects.filter(pk__in=list(building_ids)), now=now)


def _standing(buildings: QuerySet[Building], today: date) -> QuerySet[Building]:
    return buildings.filter(Q(place__ends_on=None) | Q(place__ends_on__gt=today))


def _boards(buildings: QuerySet[Building], *, now: datetime, limit: int | None = None) -> list[BoardFacts]:
    rows = _building_rows(buildings, timezone.localdate(now), limit)
    groups = _groups([row["pk"] for row in rows], timezone.localdate(now))
    kinds = _kinds(timezone.localdate(now))
    people = _people(_places_of(rows, groups), now=now)
    return [_facts(row, groups[row["pk"]], kinds, people) for row in rows]


def _building_rows(buildings: QuerySet[Building], today: date, limit: int | None) -> list[dict[str, Any]]:
    membership = FilteredRelation(
        "memberships",
        condition=Q(memberships__starts_on__lte=today)
        & (Q(memberships__ends_on=None) | Q(memberships__ends_on__gt=today)),
    )
    rows = _standing(buildings, today).annotate(membership=membership, grid_id=F("membership__grid_id"))
    fields = {
        "estate_name": F("estate__name"),
        "building": F("place__name"),
        "community_id": F("place__parent_id"),
        "community": F("place__parent__name"),
        "grid": F("membership__grid__place__name"),
    }
    found = rows.order_by("pk").values("pk", "board_code", "address", "grid_id", **fields)
    return [dict(row) for row in found[:limit]]


def _groups(building_ids: Sequence[int], today: date) -> Mapping[int, list[tuple[int, str]]]:
    groups = places.in_force(Place.objects.filter(kind=PlaceKind.CONTACT_GROUP, parent__in=building_ids), on=today)
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, name, parent_id in groups.order_by("code").values_list("pk", "name", "parent_id"):
        if parent_id is not None:
            found[parent_id].append((pk, name))
    return found


def _kinds(today: date) -> list[PostKind]:
    in_force = Q(valid_to=None) | Q(valid_to__gt=today)
    kinds = PostKind.objects.filter(in_force, on_board=True, valid_from__lte=today)
    return list(kinds.order_by("tier", "dispatch_order"))


def _places_of(rows: Sequence[Mapping[str, Any]], groups: Mapping[int, list[tuple[int, str]]]) -> set[int]:
    own = {row[key] for row in rows for key in ("pk", "grid_id", "community_id") if row[key] is not None}
    return own | {pk for members in groups.values() for pk, _name in members}


def _people(place_ids: set[int], *, now: datetime) -> Mapping[tuple[int, str], list[Person]]:
    held = acting(now=now).filter(place__in=place_ids, post_kind__on_board=True).order_by("seat")
    held = held.annotate(stand_in=substitute("name", now=now), stand_in_phone=substitute("work_phone", now=now))
    people: defaultdict[tuple[int, str], list[Person]] = defaultdict(list)
    for place_id, code, name, phone, away, stand_in, stand_in_phone in held.values_list(
        "place_id", "post_kind__code", "holder__name", "holder__work_phone", "away", "stand_in", "stand_in_phone"
    ):
        if not away:
            people[place_id or 0, code].append(Person(name, phone))
        elif stand_in is not None:
            people[place_id or 0, code].append(Person(stand_in, stand_in_phone, stands_in=True))
    return {seats: _each_once(held_by) for seats, held_by in people.items()}


def _each_once(people: Sequence[Person]) -> list[Person]:
    """Leave out a stand-in who has a seat of the same post too: one number to call, shown once."""
    seated = {(person.name, person.work_phone) for person in people if not person.stands_in}
    return [person for person in people if not person.stands_in or (person.name, person.work_phone) not in seated]


def _facts(
    row: Mapping[str, Any],
    groups: Sequence[tuple[int, str]],
    kinds: Sequence[PostKind],
    people: Mapping[tuple[int, str], list[Person]],
) -> BoardFacts:
    spots: Mapping[str, Sequence[tuple[int | None, str]]] = {
        PlaceKind.CONTACT_GROUP: groups,
        PlaceKind.BUILDING: [(row["pk"], row["building"])],
        PlaceKind.GRID: [(row["grid_id"], row["grid"])] if row["grid_id"] else [],
        PlaceKind.COMMUNITY: [(row["community_id"], row["community"])],
    }
    posts = [
        (kind, PostOnBoard(kind.code, kind.name_zh, kind.name_en, name, tuple(people.get((pk or 0, kind.code), ()))))
        for kind in kinds
        for pk, name in spots.get(kind.place_kind, ())
    ]
    return BoardFacts(
        code=row["board_code"],
        building_id=row["pk"],
        estate=row["estate_name"] or "",
        building=row["building"],
        address=row["address"],
        community=row["community"] or "",
        grid=row["grid"] or "",
        posts=tuple(post for kind, post in posts if kind.place_kind != PlaceKind.CONTACT_GROUP),
        contacts=tuple(post for kind, post in posts if kind.place_kind == PlaceKind.CONTACT_GROUP),
    )
