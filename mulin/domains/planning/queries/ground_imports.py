"""Imports of ground truth: the list, one report, and what a check has to know of what is registered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Count, Q, QuerySet

from mulin.core.geometry import CHINA
from mulin.domains.places.models import (
    Building,
    GridBoundary,
    GridKind,
    Place,
    PlaceKind,
)
from mulin.domains.places.queries import bounds_of, within
from mulin.domains.planning.importing.context import AMBIGUOUS, Box, Registered, Shapes
from mulin.domains.planning.importing.kinds import GroundKind
from mulin.domains.planning.models import GroundImport, ImportedKey, ImportState, StagedRow
from mulin.domains.planning.queries.facility_kinds import kind_by_word

PER_PAGE = 50
AT_WORK = (ImportState.TO_READ, ImportState.TO_CHECK, ImportState.APPLYING)


def county_of(area_code: str) -> str:
    return area_code[:6].ljust(12, "0")


def visible_to(area_codes: Iterable[str]) -> QuerySet[GroundImport]:
    """Return the imports of the counties these areas lie in: everybody there plans on the same ground."""
    return GroundImport.objects.filter(area_code__in={county_of(code) for code in area_codes})


def imports_page(area_codes: Iterable[str], *, before: int | None = None) -> list[GroundImport]:
    """Return up to one page and one more, newest first."""
    found = visible_to(area_codes).select_related("made_by").order_by("-pk")
    return list((found.filter(pk__lt=before) if before else found)[: PER_PAGE + 1])


def import_by_id(job_id: int) -> GroundImport:
    return GroundImport.objects.get(pk=job_id)


def at_work() -> list[GroundImport]:
    """Return the imports a worker has something to do for, oldest first."""
    return list(GroundImport.objects.filter(state__in=AT_WORK).order_by("pk"))


@dataclass(frozen=True)
class FindingCount:
    """How many rows have a fault, and how many of them a repair mended."""

    code: str
    rows: int
    repaired: int


def finding_counts(job: GroundImport) -> list[FindingCount]:
    """Return the faults of an import, most frequent first."""
    found, repaired = Counter[str](), Counter[str]()
    for findings in job.staged.exclude(findings=[]).values_list("findings", flat=True).iterator():
        found.update({one["code"] for one in findings})
        repaired.update({one["code"] for one in findings if one["is_repaired"]})
    return [FindingCount(code, count, repaired[code]) for code, count in found.most_common()]


def rows_with_findings(job: GroundImport, *, code: str = "", after: int = -1) -> list[StagedRow]:
    """Return up to one page and one more of the rows with a fault, those kept out first by number in the file."""
    rows = job.staged.filter(number__gt=after).exclude(findings=[])
    if code:
        rows = rows.filter(Q(code=code) | Q(is_ready=True, findings__0__code=code))
    return list(rows.order_by("number", "pk")[: PER_PAGE + 1])


def all_with_findings(job: GroundImport) -> Iterable[StagedRow]:
    return job.staged.exclude(findings=[]).order_by("number", "pk").iterator(2_000)


MOST_DRAWN = 5_000
MARGIN_DEGREES = 0.002
OUTSIDE_DISTRICT = "outside_district"


def drawn_findings(job: GroundImport) -> list[StagedRow]:
    """Return rows with a fault that have a shape, for the map."""
    return list(job.staged.exclude(findings=[]).filter(shape__isnull=False).order_by("number")[:MOST_DRAWN])


def bounds_of_findings(job: GroundImport) -> Box | None:
    """Return the box in which nearly all rows with a fault lie; those outside the district count only by themselves."""
    rows = job.staged.exclude(findings=[]).filter(shape__isnull=False)
    corners = rows.values_list("min_lon", "min_lat", "max_lon", "max_lat")
    inside = list(corners.exclude(code=OUTSIDE_DISTRICT)[:MOST_DRAWN])
    boxes = np.array(inside or list(corners[:MOST_DRAWN]), dtype=np.float64)
    if not len(boxes):
        return None
    west, south = np.percentile(boxes[:, :2], 2, axis=0) - MARGIN_DEGREES
    east, north = np.percentile(boxes[:, 2:], 98, axis=0) + MARGIN_DEGREES
    return float(west), float(south), float(east), float(north)


def registered(kind: GroundKind, *, area_code: str, source: str) -> Registered:
    """Return what is registered in a county, as a check of such a file needs it; a fixed number of questions."""
    county = county_of(area_code)
    communities = _areas(county)
    return Registered(
        kind=kind,
        district=_district(kind, county, communities),
        communities=communities,
        community_names=_community_names(county) if kind in (GroundKind.BUILDINGS, GroundKind.FACILITIES) else {},
        grids=_grids(county) if kind == GroundKind.BUILDINGS else Shapes(),
        standing=_standing(kind, county, communities),
        known=_known(kind, county, source),
        buildings_by_name=_buildings_by_name(county, source) if kind in OF_BUILDINGS else {},
        codes=_grid_codes(county) if kind == GroundKind.GRIDS else frozenset(),
        facility_kinds=kind_by_word() if kind == GroundKind.FACILITIES else {},
    )


OF_BUILDINGS = frozenset({GroundKind.ENTRANCES, GroundKind.HOUSEHOLDS})


def _shapes(rows: Iterable[Sequence[Any]]) -> Shapes:
    return Shapes.of([(row[0], row[1], row[2], bytes(row[3])) for row in rows if row[3]])


def _areas(county: str) -> Shapes:
    rows = Place.objects.filter(within(county), kind=PlaceKind.COMMUNITY, ends_on=None, shape__isnull=False)
    return _shapes(rows.order_by("code").values_list("pk", "code", "name", "shape"))


def _grids(county: str) -> Shapes:
    rows = GridBoundary.objects.filter(
        within(county, "grid__place__area_code"), ends_on=None, grid__place__ends_on=None, shape__isnull=False
    ).exclude(grid__grid_kind=GridKind.MICRO)
    return _shapes(
        rows.order_by("grid__place__code").values_list("grid", "grid__place__code", "grid__place__name", "shape")
    )


def _standing(kind: GroundKind, county: str, communities: Shapes) -> Shapes:
    if kind == GroundKind.COMMUNITIES:
        return communities
    if kind == GroundKind.GRIDS:
        return _grids(county)
    if kind != GroundKind.BUILDINGS:
        return Shapes()
    rows = Place.objects.filter(within(county), kind=PlaceKind.BUILDING, ends_on=None, shape__isnull=False)
    return _shapes(rows.order_by("code").values_list("pk", "code", "name", "shape"))


def _district(kind: GroundKind, county: str, communities: Shapes) -> Box:
    """Return the county's box; without its boundary, that of its communities; before there are any, the country's."""
    known = bounds_of(county)
    if known is not None:
        return known
    if kind == GroundKind.COMMUNITIES or not len(communities.ids):
        return CHINA
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(communities.geometries))
    return west, south, east, north


def _community_names(county: str) -> dict[str, int]:
    """Return communities by code, and by name where only one is called so."""
    rows = list(
        Place.objects.filter(within(county), kind=PlaceKind.COMMUNITY, ends_on=None).values_list("pk", "code", "name")
    )
    seen = Counter(name for _pk, _code, name in rows)
    by_name = {name: pk for pk, _code, name in rows if seen[name] == 1}
    return by_name | {code: pk for pk, code, _name in rows}


def _known(kind: GroundKind, county: str, source: str) -> dict[str, str]:
    rows = ImportedKey.objects.filter(kind=kind, area_code=county, source=source)
    return dict(rows.values_list("key", "fingerprint"))


def _buildings_by_name(county: str, source: str) -> dict[str, int]:
    """Return buildings by address, by the key this source gave them, and by code, which nobody shares."""
    standing = Building.objects.filter(within(county, "place__area_code"), place__ends_on=None)
    rows = list(standing.values_list("pk", "place__code", "address"))
    seen = Counter(address for _pk, _code, address in rows)
    found = {address: pk if seen[address] == 1 else AMBIGUOUS for pk, _code, address in rows}
    keys = ImportedKey.objects.filter(kind=GroundKind.BUILDINGS, area_code=county, source=source)
    found |= {key: pk for key, pk in keys.exclude(written_key="").values_list("written_key", "place_id") if pk}
    return found | {code: pk for pk, code, _address in rows}


def _grid_codes(county: str) -> frozenset[str]:
    return frozenset(Place.objects.filter(within(county), kind=PlaceKind.GRID).values_list("code", flat=True))


@dataclass(frozen=True)
class GroundFigures:
    """How complete the ground of an area is."""

    communities: int
    communities_drawn: int
    buildings: int
    buildings_placed: int
    grids: int


def figures(area_code: str) -> GroundFigures:
    """Return what the list of imports says above its table; one question."""
    rows = Place.objects.filter(within(area_code), ends_on=None)
    kinds = {
        "communities": Count("pk", filter=Q(kind=PlaceKind.COMMUNITY)),
        "communities_drawn": Count("pk", filter=Q(kind=PlaceKind.COMMUNITY, shape__isnull=False)),
        "buildings": Count("pk", filter=Q(kind=PlaceKind.BUILDING)),
        "buildings_placed": Count("pk", filter=Q(kind=PlaceKind.BUILDING, lon__isnull=False)),
        "grids": Count("pk", filter=Q(kind=PlaceKind.GRID)),
    }
    return GroundFigures(**rows.aggregate(**kinds))
