"""Contact groups for a building or a community: see what is proposed, accept it as it was seen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mulin.domains.duty import access as duty
from mulin.domains.planning import access
from mulin.domains.planning.pages import groups as pages
from mulin.domains.planning.queries.groups import GroupGround
from mulin.domains.planning.services import groups as services
from mulin.domains.planning.services import micro
from mulin.web.fragments import go_to
from mulin.web.guards import needs


@require_http_methods(["GET", "POST"])
@needs(duty.MANAGE)
def of_building(request: HttpRequest, place_id: int) -> HttpResponse:
    building = duty.building_of_posts(request.user, place_id, now=timezone.now())
    return _answer(request, GroupGround(building.area_code, building.pk))


@require_http_methods(["GET", "POST"])
@needs(duty.MANAGE)
def of_area(request: HttpRequest, area_code: str) -> HttpResponse:
    area = duty.desk_area(request.user, area_code, now=timezone.now())
    return _answer(request, GroupGround(area))


@require_POST
@needs(access.DRAFT)
def draw_micro(request: HttpRequest, area_code: str) -> HttpResponse:
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, area_code, now=now)
    actor = access.planner(request.user, access.DRAFT)
    made = micro.draw_micro_grids(actor=actor, area_code=area.code, now=now)
    messages.success(request, _("已划分 {count} 个微网格。").format(count=len(made)))
    return go_to(request, f"{reverse('planning:grid-map')}?area={area.code}")


def _answer(request: HttpRequest, ground: GroupGround) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    may_move, near = "move" in asked, pages.NEAR_M if "near" in asked else 0.0
    if request.method == "POST":
        division = services.accept_groups(
            actor=duty.manager(request.user),
            ground=ground,
            may_move=may_move,
            join_within_m=near,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
        )
        messages.success(request, pages.summary(division))
        return go_to(request, request.path)
    page = pages.groups_page(ground, may_move=may_move, join_within_m=near)
    return render(request, "planning/groups.html", {"page": page, "ground": ground})
