"""网格分布图: the grids of an area on a day, on one sheet."""

from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from mulin.domains.accounts.models import User
from mulin.domains.places.queries import Area
from mulin.domains.planning import access
from mulin.domains.planning.pages import grid_maps as pages
from mulin.web.api import REFUSALS, AreaCode, Day, Recognised, RefusalOut, answers_file

SVG, PDF = "image/svg+xml", "application/pdf"

router = Router(tags=["planning"])

Request = Recognised[User]


class GridMapOut(Schema):
    """`problem` says why there is nothing to draw."""

    area_code: str
    area: str
    on: date
    grids: int
    households: int
    problem: RefusalOut | None


def _area(request: Request, area_code: str, *, now: datetime) -> Area:
    return access.area_to(access.SEE, request.user, area_code, now=now)


@router.get("/planning/grid-maps/{area_code}", response={200: GridMapOut, **REFUSALS})
def grid_map(request: Request, area_code: AreaCode, on: Day | None = None) -> GridMapOut:
    """What the sheet of an area shows, today or on another day."""
    now = timezone.now()
    area = _area(request, area_code, now=now)
    page = pages.grid_map_page(area, own=area, on=on or timezone.localdate(now))
    return GridMapOut(
        area_code=area.code,
        area=area.name,
        on=page.on,
        grids=page.grids,
        households=page.households,
        problem=RefusalOut(**page.problem.as_dict()) if page.problem else None,
    )


@router.get("/planning/grid-maps/{area_code}/svg", response={200: None, **REFUSALS}, openapi_extra=answers_file(SVG))
def grid_map_svg(request: Request, area_code: AreaCode, on: Day | None = None) -> HttpResponse:
    """The sheet as SVG."""
    now = timezone.now()
    area = _area(request, area_code, now=now)
    return HttpResponse(pages.grid_map_svg(area, on=on or timezone.localdate(now)), content_type=SVG)


@router.get("/planning/grid-maps/{area_code}/pdf", response={200: None, **REFUSALS}, openapi_extra=answers_file(PDF))
def grid_map_pdf(request: Request, area_code: AreaCode, on: Day | None = None) -> HttpResponse:
    """The sheet as PDF of A3."""
    now = timezone.now()
    area = _area(request, area_code, now=now)
    return HttpResponse(pages.grid_map_pdf(area, on=on or timezone.localdate(now)), content_type=PDF)
