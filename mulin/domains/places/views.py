"""What anybody may ask about places: shapes for the map, and which building an address means."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from mulin.core.errors import Invalid, NotFound
from mulin.domains.places import queries
from mulin.domains.places.layers import Box, snapped
from mulin.web.fragments import page_or_part, wants_part
from mulin.web.guards import may_ask

BOX_STEP = 0.01  # about a kilometre
MOST_BUILDINGS = 12_000
BROWSER_KEEPS_S = 60


class LayerUnknown(NotFound):
    code = "layer_unknown"
    sentence = _("没有这个图层。")


class BoxInvalid(Invalid):
    code = "bbox_invalid"
    sentence = _("地图范围有误。")
    remedy = _("请按“西,南,东,北”给出四个经纬度，例如 106.90,27.70,106.95,27.75。")


class CutTooLarge(Invalid):
    code = "map_cut_too_large"
    sentence = _("这个范围内的楼栋太多，一次画不完。")
    remedy = _("请放大地图，或选择一个街道、社区。")


@require_GET
def layer(request: HttpRequest, layer: str) -> HttpResponse:
    """Answer one layer as GeoJSON, cut by `area` (a code of 12 digits) and `bbox`."""
    area_code, box = request.GET.get("area", ""), _box(request.GET.get("bbox", ""))
    if area_code:
        queries.area_by_code(area_code)
    name = queries.child_layer(area_code) if layer == "areas" and area_code else layer
    if name == "areas":
        name = "counties"
    if name not in queries.layers:
        raise LayerUnknown
    shapes = queries.layers[name].get()
    etag = f'"{name}-{queries.layers[name].version}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _cached(HttpResponse(status=304), etag)
    within = queries.code_range(area_code) if area_code and name not in queries.BASE_LAYERS else None
    if name == "buildings" and shapes.count(within=within, box=box) > MOST_BUILDINGS:
        raise CutTooLarge
    body = shapes.geojson(within=within, box=box)
    response = HttpResponse(body, content_type="application/geo+json", headers={"Content-Encoding": "gzip"})
    return _cached(response, etag)


def _box(text: str) -> Box | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BoxInvalid from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BoxInvalid
    return snapped((west, south, east, north), BOX_STEP)


def _cached(response: HttpResponse, etag: str) -> HttpResponse:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={BROWSER_KEEPS_S}"
    return response


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Suggest buildings for what was typed: radio buttons named `place_id` to htmx, JSON to programs."""
    may_ask(request)
    text = request.GET.get("q") or request.GET.get("address_text") or ""
    hits = queries.find_buildings(text, request.GET.get("area") or None)
    if wants_part(request):
        context = {"hits": hits, "asked": bool(text.strip())}
        return page_or_part(request, page="places/parts/hits.html", part="places/parts/hits.html", context=context)
    response = JsonResponse({"buildings": [asdict(hit) for hit in hits]})
    patch_vary_headers(response, ["HX-Request"])
    return response
