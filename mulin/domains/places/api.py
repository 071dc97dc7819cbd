"""Where something is: areas, what lies at a point, a door's code or an address, and the layers of the map."""

from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema
from pydantic import Field

from mulin.domains.places import queries
from mulin.web.api import REFUSALS, AreaCode, Code, Word
from mulin.web.guards import may_ask

router = Router(tags=["places"])

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class AreaOut(Schema):
    id: int
    code: str
    name: str
    kind: str


class LocationOut(Schema):
    """The lowest known place at a spot and what lies above it; `outside_grids` means a desk decides.

    `name` and `above` say it in words: estate and building, or the grid; community, street and so on, lowest first.
    """

    place_id: int
    name: str
    above: list[str]
    area_code: str
    grid_id: int | None
    building_id: int | None
    lon: float | None
    lat: float | None
    outside_grids: bool


class BuildingOut(Schema):
    place_id: int
    name: str
    address: str
    score: float
    unit: str
    room: str


class LayerOut(Schema):
    name: str
    url: str


@router.get("/areas", response={200: list[AreaOut], **REFUSALS})
def areas(request: HttpRequest, parent: AreaCode | None = None) -> list[queries.Area]:
    """The areas directly below `parent`; without it the counties."""
    return queries.children_of(parent) if parent else queries.counties()


@router.get("/locate/point", response={200: LocationOut, **REFUSALS})
def locate_point(request: HttpRequest, lon: Degrees, lat: Degrees) -> LocationOut:
    """The building, grid or community at a point (CGCS2000/WGS-84)."""
    may_ask(request)
    return _in_words(queries.locate_point(lon, lat))


def _in_words(location: queries.Location) -> LocationOut:
    building = queries.building_named(location.building_id) if location.building_id else None
    name = building.full_name if building else queries.places_named([location.place_id]).get(location.place_id, "")
    above = [area.name for area in queries.area_path(location.area_code) if area.id != location.place_id]
    facts = {field: value for field, value in vars(location).items() if field in LocationOut.model_fields}
    return LocationOut(name=name, above=above, **facts)


@router.get("/locate/board/{board_code}", response={200: LocationOut, **REFUSALS})
def locate_board(request: HttpRequest, board_code: Code) -> LocationOut:
    """The building at whose door a code hangs."""
    may_ask(request)
    return _in_words(queries.locate_board(board_code))


@router.get("/locate/address", response={200: list[BuildingOut], **REFUSALS})
def locate_address(request: HttpRequest, text: Word, area: AreaCode | None = None) -> list[object]:
    """Buildings that a written address, name or pinyin may mean, likeliest first."""
    may_ask(request)
    if area:
        queries.area_by_code(area)
    return list(queries.find_buildings(text, area))


@router.get("/layers", response={200: list[LayerOut], **REFUSALS})
def layers(request: HttpRequest) -> list[dict[str, str]]:
    """GeoJSON layers of the map; each takes `area` and `bbox`."""
    return [{"name": name, "url": reverse("places:layer", args=[name])} for name in sorted(queries.layers)]
