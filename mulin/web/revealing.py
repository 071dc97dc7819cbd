"""Pages of masked values: reveal with a purpose, ask a second person, approve or refuse."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mulin.core.audit import purposes
from mulin.core.audit.recording import Actor
from mulin.core.revealing import queries, services
from mulin.web.fragments import go_to, wants_part
from mulin.web.guards import signed_in


def _person(request: HttpRequest) -> Actor:
    return cast(Actor, request.user)


def _purpose(request: HttpRequest) -> purposes.Purpose:
    return purposes.named(request.POST.get("purpose", ""), request.POST.get("purpose_note", ""))


@never_cache
@require_POST
@signed_in
def reveal(request: HttpRequest, field: str, object_id: int) -> HttpResponse:
    """Show the values in this answer only: what is shown is not kept by the browser."""
    shown = services.reveal(
        actor=_person(request), field=field, object_id=object_id, purpose=_purpose(request), now=timezone.now()
    )
    context = {"shown": shown, "back": queries.page_of(field, object_id)}
    if not wants_part(request):
        return render(request, "mulin/revealed.html", context)
    part = "call" if request.POST.get("as") == "call" else "revealed"
    return render(request, f"mulin/components/{part}.html", context)


@require_POST
@signed_in
def ask(request: HttpRequest, field: str, object_id: int) -> HttpResponse:
    services.ask(
        actor=_person(request), field=field, object_id=object_id, purpose=_purpose(request), now=timezone.now()
    )
    messages.success(request, _("申请已提出，同意后会在“查看审批”里看到。"))
    return go_to(request, queries.page_of(field, object_id))


@never_cache
@require_GET
@signed_in
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for one's word, and what one has asked for."""
    person, now = _person(request), timezone.now()
    context = {"waiting": queries.waiting_for(person, now=now), "asked": queries.asked_by(person, now=now)}
    return render(request, "mulin/approvals.html", context)


@require_POST
@signed_in
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    person, now = _person(request), timezone.now()
    approval = queries.request_for(person, approval_id, now=now)
    granted = request.POST.get("granted") == "1"
    reason = request.POST.get("reason", "")
    services.decide(actor=person, approval=approval, granted=granted, reason=reason, now=now)
    messages.success(request, _("已同意。") if granted else _("已拒绝。"))
    return go_to(request, reverse("web:approvals"))
