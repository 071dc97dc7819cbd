"""Where something is: areas, the chain of places above a point, a code, a building or what somebody wrote."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import keyed_hashes
from mulin.core.errors import NotFound
from mulin.core.geometry import ShapeIndex, check_point
from mulin.core.prepared import Prepared
from mulin.core.versions import Remembered
from mulin.domains.places import rules
from mulin.domains.places.address import BuildingEntry, BuildingHit, BuildingIndex, entrance_and_room
from mulin.domains.places.address import building_name as building_name
from mulin.domains.places.crs import Crs, Points, convert
from mulin.domains.places.layers import Box, Drawn, Layer
from mulin.domains.places.models import (
    AREA_KINDS,
    BaseFeature,
    BaseKind,
    Building,
    GridBoundary,
    GridKind,
    GroupMembership,
    Household,
    Place,
    PlaceKind,
)
from mulin.domains.places.rules import GB_T_30428, GridCodeFormat, grid_code, reading_order

PLACES_VERSION = "places"
CODE_LENGTHS = (2, 4, 6, 9, 12)
NEAR_BUILDING_M = 15.0
OUTSIDE_M = 2_000.0


class PlaceUnknown(NotFound):
    code = "place_unknown"
    sentence = _("没有找到这个地方。")
    remedy = _("请扫描楼栋门口的二维码，或在地图上选择位置。")


class OutsideDistrict(NotFound):
    code = "outside_district"
    sentence = _("这个位置不在本区范围内。")
    remedy = _("请检查地图上的位置，或拨打 12345。")


@dataclass(frozen=True)
class Location:
    """A place with everything above it. `chain` runs from the lowest place that can hold a case to the county."""

    place_id: int
    area_code: str
    chain: tuple[int, ...]
    grid_id: int | None = None
    building_id: int | None = None
    group_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    outside_grids: bool = False


@dataclass(frozen=True)
class Area:
    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None


def code_prefix(area_code: str) -> str:
    """Return the significant digits of a 12-digit area code: '520303000000' → '520303'."""
    for length in CODE_LENGTHS:
        if set(area_code[length:]) <= {"0"}:
            return area_code[:length]
    return area_code


def within(area_code: str, field: str = "area_code") -> Q:
    """Return the condition that `field` lies in the area, as a range an index can serve."""
    first, last = code_range(area_code)
    return Q(**{f"{field}__gte": first, f"{field}__lte": last})


def code_range(area_code: str) -> tuple[str, str]:
    """Return the first and the last code of an area and everything below it."""
    return area_code, code_prefix(area_code).ljust(12, "9")


def ancestor_codes(area_code: str) -> list[str]:
    """Return the code and those of the areas above it, lowest first."""
    prefix = code_prefix(area_code)
    return [prefix[:length].ljust(12, "0") for length in reversed(CODE_LENGTHS) if length <= len(prefix)]


def _load_areas() -> Mapping[str, Area]:
    rows = Place.objects.filter(kind__in=AREA_KINDS, ends_on=None).values_list(
        "id", "code", "name", "kind", "parent_id"
    )
    return {row[1]: Area(*row) for row in rows}


def _load_buildings() -> ShapeIndex:
    rows = list(
        Place.objects.filter(kind=PlaceKind.BUILDING, ends_on=None, shape__isnull=False).values_list("id", "shape")
    )
    return ShapeIndex.build([r[0] for r in rows], [r[1] for r in rows if r[1]])


def _load_grids() -> ShapeIndex:
    """Micro grids lie within the others and hold no cases of their own."""
    drawn = GridBoundary.objects.filter(ends_on=None, shape__isnull=False).exclude(grid__grid_kind=GridKind.MICRO)
    rows = list(drawn.values_list("grid_id", "shape"))
    return ShapeIndex.build([r[0] for r in rows], [r[1] for r in rows if r[1]])


def _load_communities() -> ShapeIndex:
    rows = list(
        Place.objects.filter(kind=PlaceKind.COMMUNITY, ends_on=None, shape__isnull=False).values_list("id", "shape")
    )
    return ShapeIndex.build([r[0] for r in rows], [r[1] for r in rows if r[1]])


areas = Remembered[Mapping[str, Area]](PLACES_VERSION, _load_areas)
building_index = Remembered[ShapeIndex](PLACES_VERSION, _load_buildings)
grid_index = Remembered[ShapeIndex](PLACES_VERSION, _load_grids)
community_index = Remembered[ShapeIndex](PLACES_VERSION, _load_communities)


def stored_points(points: Points, crs: str) -> Points:
    """Return points (n, 2) of GCJ-02 or BD-09 as we store them."""
    return convert(points, source=Crs(crs), target=Crs.WGS84)


def area_by_code(area_code: str) -> Area:
    """Return the area; raise PlaceUnknown."""
    try:
        return areas.get()[area_code]
    except KeyError:
        raise PlaceUnknown from None


def area_path(area_code: str) -> list[Area]:
    """Return the area and those above it that are known, lowest first."""
    known = areas.get()
    return [known[code] for code in ancestor_codes(area_code) if code in known]


def children_of(area_code: str) -> list[Area]:
    parent = area_by_code(area_code)
    return sorted((a for a in areas.get().values() if a.parent_id == parent.id), key=lambda a: a.code)


def counties() -> list[Area]:
    return sorted((a for a in areas.get().values() if a.kind == PlaceKind.COUNTY), key=lambda a: a.code)


_HOLDING_AREAS = {PlaceKind.COMMUNITY, PlaceKind.STREET, PlaceKind.COUNTY}


def _location(
    place_id: int,
    area_code: str,
    *,
    grid_id: int | None = None,
    building_id: int | None = None,
    group_id: int | None = None,
    lon: float | None = None,
    lat: float | None = None,
    outside_grids: bool = False,
) -> Location:
    above = [area.id for area in area_path(area_code) if area.kind in _HOLDING_AREAS]
    below = [i for i in (group_id, building_id, grid_id) if i is not None]
    return Location(place_id, area_code, (*below, *above), grid_id, building_id, group_id, lon, lat, outside_grids)


def locate_board(board_code: str) -> Location:
    """Return where the building with this door code stands; one query. Raises PlaceUnknown."""
    return _locate_building(_by_board.rows(board_code=board_code))


def locate_place(place_id: int) -> Location:
    """Return the location of a place of any kind. Raises PlaceUnknown."""
    place = Place.objects.filter(pk=place_id).values("kind", "parent_id", "area_code", "lon", "lat").first()
    if place is None:
        raise PlaceUnknown
    if place["kind"] == PlaceKind.BUILDING:
        return _locate_building(_by_id.rows(building_id=place_id))
    if place["kind"] in (PlaceKind.ENTRANCE, PlaceKind.CONTACT_GROUP) and place["parent_id"]:
        group = place_id if place["kind"] == PlaceKind.CONTACT_GROUP else None
        return _locate_building(_by_id.rows(building_id=place["parent_id"]), group_id=group)
    grid = place_id if place["kind"] == PlaceKind.GRID else None
    return _location(place_id, place["area_code"], grid_id=grid, lon=place["lon"], lat=place["lat"])


def _standing(buildings: QuerySet[Building]) -> QuerySet[Building, Any]:
    return (
        buildings.filter(place__ends_on=None)
        .annotate(membership=FilteredRelation("memberships", condition=Q(memberships__ends_on=None)))
        .values_list("pk", "place__area_code", "place__lon", "place__lat", "membership__grid_id")
    )


_by_board = Prepared(lambda board_code: _standing(Building.objects.filter(board_code=board_code)))
_by_id = Prepared(lambda building_id: _standing(Building.objects.filter(pk=building_id)))


def _locate_building(rows: Sequence[tuple[Any, ...]], *, group_id: int | None = None) -> Location:
    if not rows:
        raise PlaceUnknown
    building_id, area_code, lon, lat, grid_id = rows[0]
    return _location(
        building_id,
        area_code,
        grid_id=grid_id,
        building_id=building_id,
        group_id=group_id,
        lon=lon,
        lat=lat,
        outside_grids=grid_id is None,
    )


def locate_point(lon: float, lat: float) -> Location:
    """Return the lowest place at a point: building, grid, community, or the district for a spot outside every grid.

    Raises PointInvalid for a point outside China, OutsideDistrict for one farther than OUTSIDE_M from every community.
    """
    check_point(lon, lat)
    building = building_index.get().nearest(lon, lat, within_m=NEAR_BUILDING_M)
    if building is not None:
        found = _locate_building(_by_id.rows(building_id=building))
        return Location(**{**found.__dict__, "lon": lon, "lat": lat})
    grids = grid_index.get().covering(lon, lat)
    if grids:
        area_code = Place.objects.values_list("area_code", flat=True).get(pk=grids[0])
        return _location(grids[0], area_code, grid_id=grids[0], lon=lon, lat=lat)
    return _locate_outside_grids(lon, lat)


def grid_at(lon: float, lat: float) -> int | None:
    """Return the grid whose ground covers a point as of this moment, not as a process remembers it."""
    around = GridBoundary.objects.filter(
        ends_on=None, shape__isnull=False, min_lon__lte=lon, max_lon__gte=lon, min_lat__lte=lat, max_lat__gte=lat
    ).exclude(grid__grid_kind=GridKind.MICRO)
    rows = list(around.order_by("grid").values_list("grid_id", "shape"))
    found = ShapeIndex.build([row[0] for row in rows], [row[1] for row in rows if row[1]]).covering(lon, lat)
    return found[0] if found else None


def grid_codes_for(
    centres: Mapping[str, Sequence[tuple[float, float]]], layout: GridCodeFormat = GB_T_30428
) -> dict[str, list[str]]:
    """Return the codes new grids of communities (area code → their centres) get, in one query.

    They are numbered from north to south, west to east, after every code the community ever used; micro grids, whose
    codes are longer, count by themselves.
    """
    grids = Place.objects.filter(kind=PlaceKind.GRID, area_code__in=list(centres))
    used = dict.fromkeys(centres, 0)
    for area_code, code in grids.values_list("area_code", "code"):
        tail = code[layout.area_digits :]
        if tail.isdigit() and len(code) == layout.length:
            used[area_code] = max(used[area_code], int(tail))
    return {code: _numbered(code, points, used[code], layout) for code, points in centres.items()}


def _numbered(area_code: str, points: Sequence[tuple[float, float]], used: int, layout: GridCodeFormat) -> list[str]:
    numbers = {index: used + position for position, index in enumerate(reading_order(points), 1)}
    return [grid_code(area_code, numbers[index], layout) for index in range(len(points))]


def _locate_outside_grids(lon: float, lat: float) -> Location:
    index = community_index.get()
    inside = index.covering(lon, lat)
    nearest = inside[0] if inside else index.nearest(lon, lat, within_m=OUTSIDE_M)
    if nearest is None:
        raise OutsideDistrict
    code = next(area.code for area in areas.get().values() if area.id == nearest)
    return _location(nearest, code, lon=lon, lat=lat, outside_grids=True)


def group_of_room(building_id: int, written: str) -> int | None:
    """Return the contact group of the household in a room as somebody writes it ("2单元502", "2-502", "502").

    None when the room is not known, or when rooms of several entrances are called so and no entrance is written.
    """
    entrance, room = entrance_and_room(written)
    if not room:
        return None
    memberships = GroupMembership.objects.filter(
        ends_on=None,
        household__moved_out_on=None,
        household__dwelling__building_id=building_id,
        household__dwelling__room_hash__in=keyed_hashes(rules.door(building_id, room)),
    )
    if entrance:
        memberships = memberships.filter(household__dwelling__entrance__name__iexact=f"{entrance}单元")
    found = list(memberships.values_list("group_id", flat=True).distinct()[:2])
    return found[0] if len(found) == 1 else None


def at_room(location: Location, *written: str) -> Location:
    """Return the location with its contact group, by the first of these that names a room known in its building."""
    if location.building_id is None or location.group_id is not None:
        return location
    groups = (group_of_room(location.building_id, text) for text in written)
    group = next((group for group in groups if group is not None), None)
    return replace(location, group_id=group, chain=(group, *location.chain)) if group else location


@dataclass(frozen=True)
class Doorplate:
    """A household as its neighbours know it: by entrance and room, never by name."""

    household_id: int
    entrance: str
    room: str


def households_in_no_group(building_id: int) -> list[Doorplate]:
    """Return the households of a building that belong to no contact group, in the order of their doors."""
    rows = Household.objects.filter(dwelling__building=building_id, moved_out_on=None)
    rows = rows.exclude(memberships__ends_on=None, memberships__isnull=False)
    doors = rows.values_list("dwelling__entrance__code", "dwelling__floor", "dwelling__room", "pk",
                             "dwelling__entrance__name")  # fmt: skip
    return [Doorplate(pk, entrance, room) for _code, _floor, room, pk, entrance in sorted(doors)]


def contact_groups_of(building_id: int) -> list[tuple[Place, int]]:
    """Return the contact groups of a building with how many households each has now."""
    groups = Place.objects.filter(kind=PlaceKind.CONTACT_GROUP, parent=building_id, ends_on=None).order_by("code")
    members = GroupMembership.objects.filter(group__in=groups, ends_on=None).values_list("group_id", flat=True)
    counts = Counter(members)
    return [(group, counts[group.pk]) for group in groups]


def places_named(ids: Iterable[int]) -> dict[int, str]:
    return dict(Place.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def building_named(place_id: int) -> BuildingEntry | None:
    """Return estate, name and address of a building; one query."""
    rows = Building.objects.filter(pk=place_id)
    row = rows.values_list("pk", "place__area_code", "estate__name", "place__name", "address").first()
    return BuildingEntry(row[0], row[1], row[2] or "", row[3], row[4]) if row else None


def in_force(queryset: QuerySet[Place], *, on: date) -> QuerySet[Place]:
    return queryset.filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on)


def _load_building_addresses() -> BuildingIndex:
    rows = Building.objects.filter(place__ends_on=None).values_list(
        "pk", "place__area_code", "estate__name", "place__name", "address"
    )
    entries = (BuildingEntry(pk, area, estate or "", name, address) for pk, area, estate, name, address in rows)
    return BuildingIndex(entries, [area.name for area in areas.get().values()])


building_addresses = Remembered[BuildingIndex](PLACES_VERSION, _load_building_addresses)


def find_buildings(text: str, area_code: str | None = None, limit: int = 8) -> list[BuildingHit]:
    """Return the buildings that `text` may mean, best first: an address, a name, pinyin or its initials."""
    return building_addresses.get().find(text, within=code_range(area_code) if area_code else None, limit=limit)


def _load_places_layer(kind: PlaceKind) -> Layer:
    rows = Place.objects.filter(kind=kind, ends_on=None, shape__isnull=False).order_by("pk")
    return Layer.build(
        (shape, Drawn(pk, name, code=code, area_code=area))
        for pk, shape, name, code, area in rows.values_list("pk", "shape", "name", "code", "area_code")
    )


def _load_grids_layer() -> Layer:
    rows = GridBoundary.objects.filter(ends_on=None, grid__place__ends_on=None, shape__isnull=False).order_by("grid")
    return Layer.build(
        (shape, Drawn(pk, name, code=code, area_code=area, kind=kind))
        for pk, shape, name, code, area, kind in rows.values_list(
            "grid", "shape", "grid__place__name", "grid__place__code", "grid__place__area_code", "grid__grid_kind"
        )
    )


def _load_base_layer(kinds: tuple[BaseKind, ...]) -> Layer:
    rows = BaseFeature.objects.filter(kind__in=kinds, shape__isnull=False).order_by("-rank", "pk")
    return Layer.build(
        (shape, Drawn(pk, name, kind=kind, rank=rank))
        for pk, shape, name, kind, rank in rows.values_list("pk", "shape", "name", "kind", "rank")
    )


def _remembered_layer(load: Callable[[], Layer]) -> Remembered[Layer]:
    return Remembered(PLACES_VERSION, load)


LAYER_OF_AREA_KIND = {PlaceKind.COUNTY: "counties", PlaceKind.STREET: "streets", PlaceKind.COMMUNITY: "communities"}
layers: dict[str, Remembered[Layer]] = {
    "counties": _remembered_layer(partial(_load_places_layer, PlaceKind.COUNTY)),
    "streets": _remembered_layer(partial(_load_places_layer, PlaceKind.STREET)),
    "communities": _remembered_layer(partial(_load_places_layer, PlaceKind.COMMUNITY)),
    "grids": _remembered_layer(_load_grids_layer),
    "buildings": _remembered_layer(partial(_load_places_layer, PlaceKind.BUILDING)),
    "roads": _remembered_layer(partial(_load_base_layer, (BaseKind.ROAD, BaseKind.RAILWAY))),
    "water": _remembered_layer(partial(_load_base_layer, (BaseKind.WATER,))),
    "green": _remembered_layer(partial(_load_base_layer, (BaseKind.GREEN,))),
    "blocks": _remembered_layer(partial(_load_base_layer, (BaseKind.BLOCK,))),
}
BASE_LAYERS = frozenset({"roads", "water", "green", "blocks"})


def child_layer(area_code: str) -> str:
    """Return the name of the layer that holds the areas directly below an area. Raises PlaceUnknown."""
    kinds = [area.kind for area in children_of(area_code)]
    return LAYER_OF_AREA_KIND.get(PlaceKind(kinds[0]), "counties") if kinds else "communities"


def bounds_of(area_code: str) -> Box | None:
    """Return west, south, east, north of an area that has a shape, for a map to open on."""
    shaped = Place.objects.filter(code=area_code, shape__isnull=False)
    row = shaped.values_list("min_lon", "min_lat", "max_lon", "max_lat").first()
    if row is None:
        return None
    west, south, east, north = (float(edge or 0.0) for edge in row)
    return west, south, east, north
