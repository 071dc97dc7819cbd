"""The grid map 网格分布图: choose an area and a day, look at it, take it away as PDF or SVG."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from mulin.domains.planning import access
from mulin.domains.planning.pages import grid_maps
from mulin.web.guards import needs


@require_GET
@needs(access.SEE)
def choose(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    area = access.area_to(access.SEE, request.user, request.GET.get("area", ""), now=now)
    own = access.area_to(access.SEE, request.user, "", now=now)
    on = grid_maps.day_asked(request.GET.get("on", ""), today=timezone.localdate(now))
    page = grid_maps.grid_map_page(area, own=own, on=on)
    return render(request, "planning/grid_map.html", {"page": page})


@require_GET
@needs(access.SEE)
def as_svg(request: HttpRequest, area_code: str) -> HttpResponse:
    return _file(request, area_code, "svg")


@require_GET
@needs(access.SEE)
def as_pdf(request: HttpRequest, area_code: str) -> HttpResponse:
    return _file(request, area_code, "pdf")


_MAKERS = {"svg": (grid_maps.grid_map_svg, "image/svg+xml"), "pdf": (grid_maps.grid_map_pdf, "application/pdf")}


def _file(request: HttpRequest, area_code: str, kind: str) -> HttpResponse:
    now = timezone.now()
    area = access.area_to(access.SEE, request.user, area_code, now=now)
    on = grid_maps.day_asked(request.GET.get("on", ""), today=timezone.localdate(now))
    make, content_type = _MAKERS[kind]
    way = "attachment" if request.GET.get("save") else "inline"
    name = f"grids-{area.code}-{on.isoformat()}.{kind}"
    return HttpResponse(
        make(area, on=on), content_type=content_type, headers={"Content-Disposition": f'{way}; filename="{name}"'}
    )
