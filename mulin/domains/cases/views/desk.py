"""The desk at the computer: queue, bulk dispatch, saved views, export, and a case with everything about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mulin.core.audit import purposes
from mulin.domains.accounts import access as accounts
from mulin.domains.cases import access, moving, services
from mulin.domains.cases.models import Case
from mulin.domains.cases.pages import desk as pages
from mulin.domains.cases.pages import desk_detail, export
from mulin.domains.cases.queries.filters import read
from mulin.domains.cases.services import saved_views
from mulin.web.fragments import go_to, page_or_part

MOST_DIGITS = 18


def values_of(query: QueryDict) -> dict[str, str]:
    return {name: str(query.get(name, "")) for name in query}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


@require_GET
def queue_page(request: HttpRequest) -> HttpResponse:
    user, now = accounts.require(request.user, "cases.desk"), timezone.now()
    filters = access.filters_for(user, values_of(request.GET), now=now)
    keys = {"after": request.GET.get("after", ""), "before": request.GET.get("before", "")}
    if request.headers.get("HX-Request") == "true":
        seen = _number(request.GET.get("seen", ""))
        table = pages.table(user, filters, now=now, seen=seen, **keys)
        return render(request, "cases/desk/parts/queue_table.html", {"table": table, "filters": filters, "now": now})
    page = pages.page(user, filters, now=now, **keys)
    context = {"page": page, "table": page.table, "filters": filters, "now": now, "refresh_s": pages.REFRESH_S}
    context["purposes"] = purposes.choices()
    return page_or_part(
        request, page="cases/desk/queue.html", part="cases/desk/parts/queue_table.html", context=context
    )


@require_GET
def bulk_choices(request: HttpRequest) -> HttpResponse:
    """Answer whom the chosen cases can be handed to, once the dialog is opened."""
    user = accounts.require(request.user, "cases.desk")
    choices = pages.hand_to(user, now=timezone.now())
    return render(request, "cases/desk/parts/bulk_choices.html", {"choices": choices})


@require_POST
def bulk_dispatch(request: HttpRequest) -> HttpResponse:
    user = accounts.require(request.user, "cases.desk")
    ids = [number for number in map(_number, request.POST.getlist("case")) if number is not None]
    kind, _colon, chosen = request.POST.get("to", "").partition(":")
    fields = {"note": request.POST.get("note", ""), **({kind: chosen} if kind in ("tenure", "organisation") else {})}
    outcomes = moving.dispatch_many(user, ids, fields, now=timezone.now())
    results = pages.results(outcomes)
    context = {
        "results": results,
        "done": sum(result.done for result in results),
        "refused": sum(not result.done for result in results),
        "back": reverse("cases:queue"),
    }
    return render(request, "cases/desk/bulk_result.html", context)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    user = accounts.require(request.user, "cases.desk")
    filters = read(values_of(QueryDict(request.POST.get("filters", ""))))
    view = saved_views.keep(actor=user, name=request.POST.get("name", ""), filters=filters, now=timezone.now())
    messages.success(request, _("已保存视图“%(name)s”。") % {"name": view.name})
    return go_to(request, f"{reverse('cases:queue')}?{QueryDict(request.POST.get('filters', '')).urlencode()}")


@require_POST
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    user = accounts.require(request.user, "cases.desk")
    saved_views.remove(actor=user, view_id=view_id, now=timezone.now())
    return go_to(request, reverse("cases:queue"))


@require_POST
def export_list(request: HttpRequest) -> HttpResponse:
    """Write the list as it is narrowed into a file for who asks and says why."""
    accounts.require(request.user, "cases.desk")
    user, now = accounts.require(request.user, "cases.export"), timezone.now()
    purpose = purposes.named(request.POST.get("purpose", ""), request.POST.get("purpose_note", ""))
    filters = access.filters_for(user, values_of(QueryDict(request.POST.get("filters", ""))), now=now)
    made = export.make(user, filters, request.POST.get("kind", ""), purpose, now=now)
    messages.success(request, _("已导出 %(n)d 件，请下载。") % {"n": made.rows})
    return go_to(request, reverse("web:exports"))


def detail_for_desk(request: HttpRequest, case: Case) -> HttpResponse:
    """Answer the desk's page of a case; who asks may see it and has `cases.desk`."""
    user, now = accounts.require(request.user, "cases.desk"), timezone.now()
    page = desk_detail.page(user, case, now=now)
    return render(request, "cases/desk/detail.html", {"page": page, "case": case, "now": now})


@require_POST
def protect(request: HttpRequest, case_id: int) -> HttpResponse:
    """Mark that a child or somebody's health is concerned."""
    user, now = accounts.person(request.user), timezone.now()
    case = access.case_with_reporters(user, case_id, now=now)
    under_14, note = request.POST.get("under_14") == "1", request.POST.get("care_note", "")
    services.protect(actor=user, case=case, under_14=under_14, note=note, now=now)
    messages.success(request, _("已加上特别保护。"))
    return go_to(request, reverse("cases:detail", args=[case_id]))


urlpatterns: list[URLPattern] = [
    path("desk/", queue_page, name="queue"),
    path("desk/bulk/", bulk_dispatch, name="bulk-dispatch"),
    path("desk/bulk/choices/", bulk_choices, name="bulk-choices"),
    path("desk/views/", save_view, name="save-view"),
    path("desk/views/<int:view_id>/remove/", remove_view, name="remove-view"),
    path("desk/export/", export_list, name="export"),
    path("cases/<int:case_id>/protect/", protect, name="protect"),
]
