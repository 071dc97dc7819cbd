"""The 15-minute life circle: the page, its map, and what one more facility would do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from mulin.domains.places.queries import Area
from mulin.domains.planning import access
from mulin.domains.planning.pages import circle as pages
from mulin.domains.planning.queries.circle import CircleOf
from mulin.domains.planning.queries.ground import placed_buildings
from mulin.web.guards import needs

LONGEST_CODE = 40


@require_GET
@needs(access.SEE)
def overview(request: HttpRequest) -> HttpResponse:
    area, circle = _asked(request)
    page = pages.circle_page(
        circle, area, kind_code=request.GET.get("kind", "")[:LONGEST_CODE], by=request.GET.get("by", "")
    )
    return render(request, "planning/circle.html", {"page": page})


def _asked(request: HttpRequest) -> tuple[Area, CircleOf]:
    """Return the area asked for and its life circle; raise NoGround where there is nothing to measure."""
    now = timezone.now()
    area = access.area_to(access.SEE, request.user, request.GET.get("area", ""), now=now)
    return area, pages.measured_circle(area, on=timezone.localdate(now))


@require_GET
@needs(access.SEE)
def reach(request: HttpRequest) -> HttpResponse:
    """Answer the buildings coloured by reach, as GeoJSON."""
    area, circle = _asked(request)
    buildings = placed_buildings(area.code, on=timezone.localdate(timezone.now()))
    body = pages.reach_geojson(circle, buildings, request.GET.get("kind", "")[:LONGEST_CODE])
    return HttpResponse(body, content_type="application/geo+json", headers={"Content-Encoding": "gzip"})


@require_GET
@needs(access.SEE)
def what_if(request: HttpRequest) -> HttpResponse:
    _area, circle = _asked(request)
    answer = pages.what_if(
        circle,
        kind_code=request.GET.get("kind", "")[:LONGEST_CODE],
        lon=request.GET.get("lon", ""),
        lat=request.GET.get("lat", ""),
    )
    return render(request, "planning/parts/circle_what_if.html", {"answer": answer})
