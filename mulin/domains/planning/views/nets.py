"""Departments' nets at the desk: take them in, see how they differ, make one; look an old code up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mulin.core.errors import Refused
from mulin.domains.planning import access
from mulin.domains.planning.importing.coordinates import CHOICES
from mulin.domains.planning.pages import nets as pages
from mulin.domains.planning.services import nets as services
from mulin.domains.planning.uploads import MOST_NET_BYTES, nets_on_disk
from mulin.web.fragments import go_to
from mulin.web.guards import needs
from mulin.web.uploads import UploadTooLarge, files_cut_off, takes_files

SHOWN_PROBLEMS = 8


@require_GET
@needs(access.SEE)
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    own = access.area_to(access.SEE, request.user, "", now=now)
    area = access.area_to(access.SEE, request.user, request.GET.get("area", ""), now=now)
    laid, problem = None, ""
    try:
        laid = services.lay_kept(actor=None, area_code=area.code, now=now)
    except Refused as refusal:
        problem = f"{refusal.sentence} {refusal.remedy}"
    page = pages.nets_page(area, own=own, laid=laid, problem=problem, bounds=services.BOUNDS)
    return render(request, "planning/nets.html", {"page": page, "systems": CHOICES})


@takes_files(most_bytes_each=MOST_NET_BYTES, most_bytes=MOST_NET_BYTES * 2)
@require_POST
@needs(access.DRAFT)
def add(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    actor = access.planner(request.user, access.DRAFT)
    area = access.area_to(access.DRAFT, request.user, request.POST.get("area", ""), now=now)
    files = request.FILES.getlist("files")
    if files_cut_off(request):
        raise UploadTooLarge
    with nets_on_disk(files) as paths:
        laid = services.lay_files(
            actor=actor,
            area_code=area.code,
            paths=paths,
            crs=request.POST.get("crs", ""),
            department=request.POST.get("department", "").strip(),
            repair="repair" in request.POST,
            now=now,
        )
    kept = services.keep_nets(actor=actor, laid=laid, now=now)
    messages.success(request, _("已保存 {count} 个部门的网格。").format(count=len(kept)))
    for problem in laid.read.problems[:SHOWN_PROBLEMS]:
        messages.warning(request, pages.problem_line(problem))
    return go_to(request, f"{reverse('planning:nets')}?area={area.code}")


@require_POST
@needs(access.DRAFT)
def merge(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    actor = access.planner(request.user, access.DRAFT)
    area = access.area_to(access.DRAFT, request.user, request.POST.get("area", ""), now=now)
    merged = services.merge_kept(actor=actor, area_code=area.code, now=now)
    draft = services.draft_of_merge(
        actor=actor, area_code=area.code, merged=merged, bounds=services.BOUNDS, name=pages.merged_name(area), now=now
    )
    return go_to(request, reverse("planning:draft", args=[draft.pk]))


@require_GET
@needs(access.SEE)
def cross_walk(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    page = pages.cross_walk_page(
        access.own_areas(request.user, now=now),
        department=request.GET.get("department", "")[:60],
        code=request.GET.get("code", "").strip()[:60],
        on=pages.day_or_today(request.GET.get("on", ""), now=now),
    )
    return render(request, "planning/crosswalk.html", {"page": page})
