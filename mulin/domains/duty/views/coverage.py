"""The coverage page: figures, map and list of gaps for an area or a grid."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from mulin.domains.duty import access
from mulin.domains.duty.pages.coverage import coverage_page
from mulin.domains.duty.queries import coverage
from mulin.web.fragments import page_or_part


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    grid = request.GET.get("grid", "")
    ground = access.coverage_ground(
        request.user,
        area_code=request.GET.get("area", ""),
        grid_id=int(grid) if grid.isdecimal() else None,
        now=now,
    )
    subject = request.GET.get("show", "")
    page = coverage_page(
        ground,
        subject=subject if subject in coverage.SUBJECTS else coverage.HOUSEHOLDS,
        after=request.GET.get("after", ""),
        may_manage=request.user.has_perm(access.MANAGE),
        top=access.coverage_ground(request.user, area_code="", grid_id=None, now=now),
        now=now,
    )
    return page_or_part(
        request, page="duty/coverage.html", part="duty/parts/coverage_gaps.html", context={"page": page}
    )
