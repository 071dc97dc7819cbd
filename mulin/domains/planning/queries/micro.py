"""The micro grids of a community."""

from collections.abc import Iterable

from mulin.domains.places.models import GridKind, Place, PlaceKind


def community(area_code: str) -> Place:
    return Place.objects.get(code=area_code)


def micro_grids_of(area_code: str) -> list[Place]:
    rows = Place.objects.filter(area_code=area_code, kind=PlaceKind.GRID, ends_on=None)
    return list(rows.filter(grid__grid_kind=GridKind.MICRO).order_by("code"))


def places_of(ids: Iterable[int]) -> dict[int, Place]:
    return Place.objects.in_bulk(list(ids))


def free_code(grid_code: str, number: int) -> str:
    """Return the grid's code with two more digits, the first free from `number` on: a closed one keeps its own."""
    used = set(Place.objects.filter(code__startswith=grid_code, kind=PlaceKind.GRID).values_list("code", flat=True))
    return next(code for tail in range(number, 100) if (code := f"{grid_code}{tail:02}") not in used)
