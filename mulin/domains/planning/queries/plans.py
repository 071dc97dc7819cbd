"""Drafts, their ground as arrays and drawn, and what publishing them would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import shapely
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from mulin.core import versions
from mulin.core.geometry import read_shape
from mulin.domains.places.models import Building, Grid, GridBoundary, GridKind, GridMembership, Place, PlaceKind
from mulin.domains.places.queries import PLACES_VERSION, ancestor_codes, building_name, in_force, within
from mulin.domains.planning.models import Comment, Draft, PlanVersion, Publication, PublicationState, Snapshot
from mulin.domains.planning.rules.judging import Bend, bends
from mulin.domains.planning.rules.outlines import Geometries, cells
from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays, unpack_plan
from mulin.domains.planning.states import AT_WORK, DraftState
from mulin.kernels.facts import Certificate
from mulin.kernels.partition.problem import Bounds, Integers

KEPT_GROUNDS = 6
LIST_LENGTH = 100


def visible_to(area_codes: Sequence[str]) -> QuerySet[Draft]:
    """Return the drafts of these areas, and those of areas above that draw them anew."""
    inside = Q(pk=None)
    for code in area_codes:
        inside |= within(code) | Q(area_code__in=ancestor_codes(code))
    return Draft.objects.filter(inside).defer("progress")


def listed(area_codes: Sequence[str], *, after: int | None = None) -> list[Draft]:
    """Return drafts, latest first, without those discarded."""
    rows = visible_to(area_codes).exclude(state=DraftState.DISCARDED).select_related("asked_by", "head", "snapshot")
    rows = rows.defer("progress", "snapshot__arrays", "head__grid")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:LIST_LENGTH])


def draft(draft_id: int) -> Draft:
    """Return a draft with its plan, whoever asks."""
    return Draft.objects.select_related("head").defer("progress").get(pk=draft_id)


def bounds_of(draft: Draft) -> Bounds:
    return Bounds(draft.lowest, draft.highest)


@dataclass(frozen=True)
class Ground:
    """A snapshot ready to work with."""

    digest: str
    arrays: GroundArrays


def ground_of(snapshot_id: int) -> Ground:
    """Return the arrays of a snapshot; a process keeps the last few, by their content."""
    digest = Snapshot.objects.values_list("digest", flat=True).get(pk=snapshot_id)
    return _kept_ground(digest, snapshot_id)


def _kept_ground(digest: str, snapshot_id: int) -> Ground:
    if digest not in _grounds:
        packed = Snapshot.objects.values_list("arrays", flat=True).get(pk=snapshot_id)
        while len(_grounds) >= KEPT_GROUNDS:
            _grounds.pop(next(iter(_grounds)))
        _grounds[digest] = Ground(digest, GroundArrays.unpacked(packed))
    return _grounds[digest]


_grounds: dict[str, Ground] = {}


def cells_of(ground: Ground) -> Geometries:
    """Return the ground of each building, clipped to its community as it stands now."""
    return _cells(_Keyed(ground), versions.current(PLACES_VERSION))


@dataclass(frozen=True)
class _Keyed:
    """A ground that is equal to another by its content."""

    ground: Ground

    def __hash__(self) -> int:
        return hash(self.ground.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.ground.digest == self.ground.digest


@lru_cache(maxsize=KEPT_GROUNDS)
def _cells(keyed: _Keyed, _places_version: int) -> Geometries:
    """A dedicated grid (a mall, a school) keeps its ground; the rest of a community is dealt out to the others."""
    arrays = keyed.ground.arrays
    part, boundaries = arrays.community.copy(), boundaries_of(arrays)
    for label, shape in dedicated_grounds(arrays).items():
        number = len(boundaries)
        part[arrays.present == label], boundaries[number] = number, shape
    return cells(arrays.lonlat, part, boundaries)


def boundaries_of(arrays: GroundArrays) -> dict[int, BaseGeometry | None]:
    """Return the ground there is to deal out in each community: its own less that of dedicated grids."""
    codes = arrays.community_codes.tolist()
    rows = Place.objects.filter(kind=PlaceKind.COMMUNITY, code__in=codes).values_list("code", "shape")
    shapes = {code: read_shape(wkb) if wkb else None for code, wkb in rows}
    taken: dict[str, list[BaseGeometry]] = {}
    for _grid, code, shape in _dedicated(codes):
        taken.setdefault(code, []).append(shape)
    for code, others in taken.items():
        own = shapes.get(code)
        if own is not None:
            shapes[code] = shapely.difference(own, shapely.union_all(others))
    return {number: shapes.get(code) for number, code in enumerate(codes)}


def dedicated_grounds(arrays: GroundArrays) -> dict[int, BaseGeometry]:
    """Return label → ground of the dedicated grids that have buildings."""
    label = {pk: number for number, pk in enumerate(arrays.grid_ids.tolist())}
    used = set(np.unique(arrays.present).tolist())
    found = {
        label.get(grid_id, NO_GRID): shape for grid_id, _code, shape in _dedicated(arrays.community_codes.tolist())
    }
    return {number: shape for number, shape in found.items() if number in used - {NO_GRID}}


def _dedicated(codes: Sequence[str]) -> list[tuple[int, str, BaseGeometry]]:
    rows = GridBoundary.objects.filter(
        ends_on=None,
        grid__grid_kind=GridKind.DEDICATED,
        grid__place__ends_on=None,
        grid__place__area_code__in=list(codes),
        shape__isnull=False,
    ).values_list("grid_id", "grid__place__area_code", "shape")
    return [(pk, code, read_shape(wkb or b"")) for pk, code, wkb in rows]


def plan_of(version: PlanVersion) -> Integers:
    return unpack_plan(version.grid)


def numbers_in(version: PlanVersion, building_ids: Sequence[int]) -> list[int]:
    """Return the index of each building in the ground of a plan, -1 for one that is not there."""
    number = {pk: index for index, pk in enumerate(ground_of(version.snapshot_id).arrays.building_ids.tolist())}
    return [number.get(pk, -1) for pk in building_ids]


def younger(version: PlanVersion) -> PlanVersion | None:
    """Return the version redo leads to."""
    return PlanVersion.objects.filter(parent=version).order_by("-pk").first()


def certificates_of(version: PlanVersion) -> list[Certificate]:
    """Return why rules are broken that no plan can keep, as the computation a version goes back to found it."""
    return [Certificate(one["code"], tuple(one["buildings"]), one["facts"]) for one in version.certificates]


def bends_of(draft: Draft, version: PlanVersion) -> list[Bend]:
    """Return the rules the plan of a version bends."""
    arrays = ground_of(version.snapshot_id).arrays
    return bends(arrays, plan_of(version), bounds_of(draft), certificates_of(version))


def progress_of(draft_id: int) -> bytes | None:
    """Return the packed plan a computation saved last."""
    packed = Draft.objects.values_list("progress", flat=True).get(pk=draft_id)
    return bytes(packed) if packed else None


def refusal_of_publication(draft_id: int) -> dict[str, object] | None:
    """Return why the last publication of a draft was sent back, if it was."""
    last = Publication.objects.filter(draft=draft_id).order_by("-pk").values_list("state", "refusal").first()
    return last[1] if last and last[0] == PublicationState.SENT_BACK else None


def comments_of(draft_id: int, *, after: int | None = None, limit: int | None = None) -> list[Comment]:
    """Return what was said of a draft, latest first."""
    rows = Comment.objects.filter(draft=draft_id).select_related("author").order_by("-pk")
    return list((rows if after is None else rows.filter(pk__lt=after))[:limit])


def siblings(draft: Draft) -> list[Draft]:
    """Return the other drafts with a plan on the same ground, latest first."""
    if draft.snapshot_id is None:
        return []
    rows = Draft.objects.filter(snapshot=draft.snapshot_id, head__isnull=False).exclude(pk=draft.pk)
    return list(rows.exclude(state=DraftState.DISCARDED).defer("progress").order_by("-pk")[:LIST_LENGTH])


@dataclass(frozen=True)
class NamedGrid:
    id: int
    name: str
    code: str


def grids_named(grid_ids: Sequence[int]) -> dict[int, NamedGrid]:
    rows = Place.objects.filter(pk__in=list(grid_ids), kind=PlaceKind.GRID).values_list("pk", "name", "code")
    return {pk: NamedGrid(pk, name, code) for pk, name, code in rows}


def building_names(building_ids: Sequence[int]) -> dict[int, str]:
    """Return the name of each building with its estate."""
    rows = Building.objects.filter(pk__in=list(building_ids)).values_list("pk", "estate__name", "place__name")
    return {pk: building_name(estate, name) for pk, estate, name in rows}


def building_shapes(building_ids: Sequence[int]) -> dict[int, bytes]:
    rows = Place.objects.filter(pk__in=list(building_ids), shape__isnull=False).values_list("pk", "shape")
    return {pk: bytes(shape) for pk, shape in rows if shape}


def waiting(*, now_free: Q) -> QuerySet[Draft]:
    """Return drafts to be computed that nobody computes, oldest first."""
    return Draft.objects.filter(now_free, state__in=AT_WORK).order_by("pk")


def due_publications(*, today: date) -> list[int]:
    due = Publication.objects.filter(state=PublicationState.SCHEDULED, from_date__lte=today)
    return list(due.order_by("from_date", "pk").values_list("pk", flat=True))


@dataclass(frozen=True)
class GroundChange:
    """What has become different between a snapshot and a day: buildings come and gone, moved, and households."""

    new: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    closed_grids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.moved or self.closed_grids)


def changes_since(arrays: GroundArrays, *, on: date) -> GroundChange:
    """Compare the ground of a plan with the places of a day, in three questions."""
    codes = arrays.community_codes.tolist()
    standing = in_force(Place.objects.filter(kind=PlaceKind.BUILDING, area_code__in=codes), on=on)
    there = set(standing.values_list("pk", flat=True))
    members = GridMembership.objects.filter(building__place__area_code__in=codes, ends_on=None)
    grid_of = dict(members.exclude(grid__grid_kind=GridKind.MICRO).values_list("building_id", "grid_id"))
    open_grids = set(
        Grid.objects.filter(pk__in=arrays.grid_ids.tolist(), place__ends_on=None).values_list("pk", flat=True)
    )
    known = arrays.building_ids.tolist()
    before = [int(arrays.grid_ids[index]) if index >= 0 else None for index in arrays.present.tolist()]
    return GroundChange(
        new=tuple(sorted(there - set(known))),
        gone=tuple(pk for pk in known if pk not in there),
        moved=tuple(pk for pk, grid in zip(known, before, strict=True) if pk in there and grid_of.get(pk) != grid),
        closed_grids=tuple(pk for pk in arrays.grid_ids.tolist() if pk not in open_grids),
    )


def blocking_changes(version: PlanVersion, *, on: date) -> GroundChange:
    """Return what keeps a plan from being put in force: a building it knows no grid for, one moved by others since.

    A building that is gone is left out, and a new one in a grid that lives on stays there.
    """
    arrays = ground_of(version.snapshot_id).arrays
    change = changes_since(arrays, on=on)
    used = set(np.unique(plan_of(version)).tolist())
    living = [pk for label, pk in enumerate(arrays.grid_ids.tolist()) if label in used]
    settled = GridMembership.objects.filter(building__in=change.new, grid__in=living, ends_on=None)
    known = set(settled.values_list("building_id", flat=True)) if change.new else set()
    return GroundChange(
        new=tuple(pk for pk in change.new if pk not in known),
        moved=change.moved,
        closed_grids=tuple(pk for pk in change.closed_grids if pk in living),
    )
