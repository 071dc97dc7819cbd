"""What a publication changed: by building, by household, and the posts it leaves to be filled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.db.models import Count, F, Q, QuerySet

from mulin.domains.duty.queries import coverage
from mulin.domains.duty.queries.coverage import Gap, Ground
from mulin.domains.places.models import Household, Place
from mulin.domains.places.queries import building_name
from mulin.domains.planning.models import GridChange, Publication

BATCH = 2_000


def of_draft(draft_id: int) -> Publication | None:
    """Return the latest publication of a draft."""
    rows = Publication.objects.filter(draft=draft_id).select_related("scheduled_by", "version")
    return rows.defer("version__grid").order_by("-pk").first()


@dataclass(frozen=True)
class Tally:
    """How many buildings and households a publication covers, and how many of them have another grid."""

    buildings: int
    changed_buildings: int
    households: int
    changed_households: int
    new_grids: int
    closed_grids: int


def _changed(prefix: str = "") -> Q:
    """A building without a grid before has another one too."""
    return Q(**{f"{prefix}from_grid": None}) | ~Q(**{f"{prefix}from_grid": F(f"{prefix}to_grid")})


def tally(publication: Publication) -> Tally:
    """Return the figures of a publication, in four questions."""
    changes = GridChange.objects.filter(publication=publication)
    buildings = changes.aggregate(every=Count("pk"), changed=Count("pk", filter=_changed()))
    living = _households(publication)
    households = living.count()
    moved = living.filter(dwelling__building__in=changes.filter(_changed()).values("building")).count()
    grids = Place.objects.filter(grid__isnull=False)
    return Tally(
        buildings=buildings["every"],
        changed_buildings=buildings["changed"],
        households=households,
        changed_households=moved,
        new_grids=len(new_grid_ids(publication)),
        closed_grids=grids.filter(pk__in=changes.values("from_grid"), ends_on=publication.from_date).count(),
    )


def new_grid_ids(publication: Publication) -> list[int]:
    """Return the grids that began with a publication."""
    there = GridChange.objects.filter(publication=publication).values("to_grid")
    return list(
        Place.objects.filter(pk__in=there, starts_on=publication.from_date)
        .order_by("code")
        .values_list("pk", flat=True)
    )


def posts_to_fill(publication: Publication, *, now: datetime) -> list[Gap]:
    """Return the grids of a publication that nobody coordinates now."""
    touched = set(GridChange.objects.filter(publication=publication).values_list("to_grid", flat=True))
    gaps = coverage.gaps(coverage.GRIDS, Ground(publication.draft.area_code), now=now)
    return [gap for gap in gaps if gap.id in touched]


def _households(publication: Publication) -> QuerySet[Household]:
    """The households living in the buildings on the day."""
    on = publication.from_date
    covered = GridChange.objects.filter(publication=publication).values("building")
    living = Household.objects.filter(dwelling__building__in=covered, moved_in_on__lte=on)
    return living.filter(Q(moved_out_on=None) | Q(moved_out_on__gt=on))


@dataclass(frozen=True, slots=True)
class GridOfBuilding:
    """The grid of a building before and after, as code and name; empty for none."""

    from_code: str
    from_name: str
    to_code: str
    to_name: str

    @property
    def is_changed(self) -> bool:
        return self.from_code != self.to_code


@dataclass(frozen=True, slots=True)
class HouseholdChange:
    """A household, known by its door, with its grid before and after."""

    household_id: int
    community: str
    building: str
    entrance: str
    room: str
    grids: GridOfBuilding


def grids_by_building(publication: Publication) -> dict[int, GridOfBuilding]:
    rows = GridChange.objects.filter(publication=publication).values_list(
        "building_id",
        "from_grid__place__code",
        "from_grid__place__name",
        "to_grid__place__code",
        "to_grid__place__name",
    )
    return {
        pk: GridOfBuilding(before or "", before_name or "", after, after_name)
        for pk, before, before_name, after, after_name in rows
    }


def household_changes(publication: Publication) -> Iterator[HouseholdChange]:
    """Yield every household with its grid before and after, in the order of doors."""
    grids = grids_by_building(publication)
    rows = _households(publication).order_by(
        "area_code", "dwelling__building__place__code", "dwelling__entrance__code", "dwelling__floor", "pk"
    )
    fields = rows.values_list(
        "dwelling__building_id",
        "dwelling__entrance_id",
        "dwelling__floor",
        "dwelling__room",
        "pk",
        "dwelling__building__place__parent__name",
        "dwelling__building__estate__name",
        "dwelling__building__place__name",
        "dwelling__entrance__name",
    )
    # Rooms are encrypted: the database cannot put the doors of a floor in order.
    for _floor, doors in groupby(fields.iterator(chunk_size=BATCH), key=itemgetter(0, 1, 2)):
        for building_id, _entrance, _floor_number, room, pk, community, estate, building, entrance in sorted(
            doors, key=itemgetter(3, 4)
        ):
            yield HouseholdChange(pk, community, building_name(estate, building), entrance, room, grids[building_id])


def changed_buildings(publication: Publication, *, after: int = 0, limit: int | None = None) -> list[tuple[int, int]]:
    """Return (change, building) of the buildings with another grid, by key."""
    rows = GridChange.objects.filter(_changed(), publication=publication, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", "building_id")[:limit])


def notices_of(publication: Publication, building_ids: Sequence[int]) -> dict[int, GridOfBuilding]:
    chosen = set(building_ids)
    return {pk: grids for pk, grids in grids_by_building(publication).items() if pk in chosen}
