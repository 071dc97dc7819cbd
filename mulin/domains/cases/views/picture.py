"""The picture of the whole: map, rates, emergency mode."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mulin.core.burden.linter import Definition, Kind
from mulin.domains.accounts import access as accounts
from mulin.domains.cases import access, moving
from mulin.domains.cases.pages import picture
from mulin.domains.cases.pages import rates as rate_pages
from mulin.domains.cases.pages.rates_file import rates_file
from mulin.domains.cases.services import burden, emergencies
from mulin.domains.cases.views.desk import values_of
from mulin.web.fragments import go_to


@require_GET
def map_page(request: HttpRequest) -> HttpResponse:
    user, now = accounts.require(request.user, "cases.desk"), timezone.now()
    filters = access.filters_for(user, values_of(request.GET), now=now)
    page = picture.map_page(user, filters, now=now)
    listed = picture.map_list(user, filters, None, now=now)
    context = {"page": page, "filters": filters, "list": listed, "now": now, "narrowed": bool(filters.as_query())}
    return render(request, "cases/picture/map.html", context)


@require_GET
def map_data(request: HttpRequest) -> HttpResponse:
    """Answer the points as GeoJSON; `bbox` cuts them to a frame."""
    user, now = accounts.require(request.user, "cases.desk"), timezone.now()
    box = picture.box_of(request.GET.get("bbox", ""))
    filters = access.filters_for(user, values_of(request.GET), now=now)
    found = picture.map_data(user, filters, box, now=now)
    return JsonResponse(found, content_type="application/geo+json")


@require_GET
def map_list(request: HttpRequest) -> HttpResponse:
    """Answer the list beside the map, cut to the same frame."""
    user, now = accounts.require(request.user, "cases.desk"), timezone.now()
    box = picture.box_of(request.GET.get("bbox", ""))
    filters = access.filters_for(user, values_of(request.GET), now=now)
    listed = picture.map_list(user, filters, box, now=now)
    return render(request, "cases/picture/parts/map_list.html", {"list": listed, "now": now})


def _rates(request: HttpRequest) -> rate_pages.RatesPage:
    user, now = accounts.require(request.user, "cases.see_rates"), timezone.now()
    values = {name: str(request.GET.get(name, "")) for name in ("month", "first", "last")}
    period = rate_pages.period_of(values, now=now)
    area_code = rate_pages.area_of(user, request.GET.get("area", ""), now=now)
    return rate_pages.page(user, area_code, period, now=now)


@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    return render(request, "cases/picture/rates.html", {"page": _rates(request)})


@require_GET
def rates_csv(request: HttpRequest) -> HttpResponse:
    page, user, now = _rates(request), accounts.person(request.user), timezone.now()
    return rates_file(user, page, now=now)


@require_GET
def emergency(request: HttpRequest) -> HttpResponse:
    user, now = accounts.require(request.user, "cases.see_emergency"), timezone.now()
    return render(request, "cases/picture/emergency.html", {"page": picture.emergency_page(user, now=now), "now": now})


@require_POST
def begin_emergency(request: HttpRequest) -> HttpResponse:
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()
    area = access.area_under(user, request.POST.get("area", ""), now=now)
    ends_at = moving.moment(request.POST, "ends_at")
    emergencies.begin(actor=user, area=area, reason=moving.text(request.POST, "reason"), ends_at=ends_at, now=now)
    messages.success(request, _("%(area)s已进入急时状态。") % {"area": area.name})
    return go_to(request, reverse("cases:emergency"))


@require_POST
def end_emergency(request: HttpRequest, emergency_id: int) -> HttpResponse:
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()
    one = access.emergency_for(user, emergency_id, now=now)
    emergencies.end(actor=user, emergency=one, now=now)
    messages.success(request, _("%(area)s已恢复平时状态。") % {"area": one.area.name})
    return go_to(request, reverse("cases:emergency"))


@require_POST
def allow_burden(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """Ask for an exception from the burden rules while an emergency lasts."""
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()
    one = access.emergency_for(user, emergency_id, now=now)
    said = {name: moving.text(request.POST, name) for name in ("name", "code", "reason", "basis")}
    asked = Definition((said["code"] or said["name"])[:60], Kind.INDICATOR, said["name"][:120])
    burden.allow(
        actor=user, emergency=one, asked=asked, reason=said["reason"], basis=said["basis"],
        ends_at=moving.moment(request.POST, "ends_at"), now=now,
    )  # fmt: skip
    messages.success(request, _("例外已记录，到时自动结束。"))
    return go_to(request, reverse("cases:emergency"))


urlpatterns: list[URLPattern] = [
    path("desk/map/", map_page, name="map"),
    path("desk/map/cases.geojson", map_data, name="map-data"),
    path("desk/map/list/", map_list, name="map-list"),
    path("rates/", rates, name="rates"),
    path("rates/rates.csv", rates_csv, name="rates-csv"),
    path("emergency/", emergency, name="emergency"),
    path("emergency/begin/", begin_emergency, name="begin-emergency"),
    path("emergency/<int:emergency_id>/allow/", allow_burden, name="allow-burden"),
    path("emergency/<int:emergency_id>/end/", end_emergency, name="end-emergency"),
]
