"""Drafts of staffing at the desk: make one, change it by hand, publish it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.models import StaffingPerson
from mulin.domains.planning.pages import staffing as pages
from mulin.domains.planning.services import staffing as services
from mulin.domains.planning.services.staffing import StaffingDateInvalid, StaffingRulesInvalid, StaffingWish
from mulin.web.fragments import go_to
from mulin.web.guards import needs


@require_http_methods(["GET", "POST"])
@needs(access.SEE)
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts of one's area, and the form for another."""
    now = timezone.now()
    if request.method == "POST":
        return _make(request)
    own = access.area_to(access.SEE, request.user, "", now=now)
    return render(request, "planning/staffing_list.html", {"page": pages.staffing_list(own, now=now)})


def _make(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, request.POST.get("area", ""), now=now)
    made = services.make_staffing(
        actor=access.planner(request.user, access.DRAFT),
        area_code=area.code,
        post=access.grid_post(request.POST.get("post", ""), now=now),
        wish=_wish(request),
        now=now,
    )
    return go_to(request, reverse("planning:staffing-draft", args=[made.pk]))


@require_GET
@needs(access.SEE)
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.SEE, request.user, draft_id, now=now)
    edited = request.GET.get("edit", "")
    page = pages.staffing_page(found, now=now)
    context = {
        "page": page,
        "edited": int(edited) if edited.isdecimal() else 0,
        "asked": request.GET.get("q", ""),
        "found": pages.people_to_add(page, request.GET.get("q", "")),
        "may_draft": page.is_open and request.user.has_perm(access.DRAFT),
        "may_publish": page.is_open and request.user.has_perm(access.PUBLISH),
    }
    return render(request, "planning/staffing.html", context)


@require_POST
@needs(access.DRAFT)
def rules(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.DRAFT, request.user, draft_id, now=now)
    services.change_rules(actor=_actor(request), draft=found, wish=_wish(request), now=now)
    return _back(request, draft_id)


@require_POST
@needs(access.DRAFT)
def add(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.DRAFT, request.user, draft_id, now=now)
    person = access.person_to_place(_number(request, "person"))
    near = _number(request, "near")
    services.add_person(
        actor=_actor(request),
        draft=found,
        person=person,
        near=access.rough_point(near, area_code=found.area_code) if near else None,
        now=now,
    )
    return _back(request, draft_id)


@require_POST
@needs(access.DRAFT)
def change(request: HttpRequest, draft_id: int, row_id: int) -> HttpResponse:
    """What a desk decides about one person: `grid` (a number, `auto` or `reserve`), `ban`, `near` or `remove`."""
    now = timezone.now()
    found = access.staffing_to(access.DRAFT, request.user, draft_id, now=now)
    row = access.staffing_person(found, row_id)
    if "remove" in request.POST:
        services.remove_person(actor=_actor(request), row=row, now=now)
    elif "ban" in request.POST:
        services.ban_grid(actor=_actor(request), row=row, grid_id=_number(request, "ban"), now=now)
    elif "near" in request.POST:
        near = _number(request, "near")
        place = access.rough_point(near, area_code=found.area_code) if near else None
        services.set_near(actor=_actor(request), row=row, near=place, now=now)
    else:
        _choose(request, row)
    return _back(request, draft_id)


def _choose(request: HttpRequest, row: StaffingPerson) -> None:
    now, wanted = timezone.now(), request.POST.get("grid", "")
    if wanted == "auto":
        services.let_compute(actor=_actor(request), row=row, now=now)
        return
    grid_id = None if wanted == "reserve" else _number(request, "grid")
    services.choose_grid(actor=_actor(request), row=row, grid_id=grid_id, now=now)


@require_POST
@needs(access.DRAFT)
def read_present(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.DRAFT, request.user, draft_id, now=now)
    services.read_present(actor=_actor(request), draft=found, now=now)
    return _back(request, draft_id)


@require_POST
@needs(access.PUBLISH)
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.PUBLISH, request.user, draft_id, now=now)
    services.publish_staffing(actor=_actor(request), draft=found, from_date=_day(request), now=now)
    return _back(request, draft_id)


@require_POST
@needs(access.DRAFT)
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.staffing_to(access.DRAFT, request.user, draft_id, now=now)
    services.discard_staffing(actor=_actor(request), draft=found, now=now)
    return go_to(request, reverse("planning:staffing"))


def _actor(request: HttpRequest) -> User:
    return access.planner(request.user, access.SEE)


def _back(request: HttpRequest, draft_id: int) -> HttpResponse:
    return go_to(request, reverse("planning:staffing-draft", args=[draft_id]))


def _number(request: HttpRequest, name: str) -> int:
    written = request.POST.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("from_date", ""))
    except ValueError:
        raise StaffingDateInvalid from None


def _wish(request: HttpRequest) -> StaffingWish:
    """Read the rules; a field left empty is as it comes. Raises StaffingRulesInvalid."""
    try:
        numbers = {name: int(request.POST[name]) for name in _NUMBERS if request.POST.get(name, "").strip()}
    except ValueError:
        raise StaffingRulesInvalid from None
    return StaffingWish(**numbers, is_fairest="is_fairest" in request.POST)


_NUMBERS = ("lowest", "highest", "change_m", "farthest_m")
