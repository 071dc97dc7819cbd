"""The desk's pages of posts: who holds what, appointments, endings, absences."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.core.errors import NotAllowed, Refused
from mulin.domains.accounts.models import User
from mulin.domains.duty import access, services
from mulin.domains.duty.models import Tenure
from mulin.domains.duty.pages.posts import named, post_name, posts_page, posts_url
from mulin.domains.duty.queries import posts
from mulin.domains.duty.queries.posts import Where
from mulin.domains.duty.views.forms import AbsenceForm, AppointForm
from mulin.web.fragments import go_to


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed
    return request.user


@require_GET
def posts_of_place(request: HttpRequest, place_id: int) -> HttpResponse:
    now = timezone.now()
    page = posts_page(access.place_of_posts(request.user, place_id, now=now), now=now)
    return render(request, "duty/posts.html", {"page": page})


@require_GET
def posts_of_organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    now = timezone.now()
    page = posts_page(access.organisation_of_posts(request.user, organisation_id, now=now), now=now)
    return render(request, "duty/posts.html", {"page": page})


@require_http_methods(["GET", "POST"])
def appoint_at_place(request: HttpRequest, place_id: int, post: str, seat: int) -> HttpResponse:
    where = access.place_of_posts(request.user, place_id, now=timezone.now())
    return _appoint(request, where, post, seat)


@require_http_methods(["GET", "POST"])
def appoint_at_organisation(request: HttpRequest, organisation_id: int, post: str, seat: int) -> HttpResponse:
    where = access.organisation_of_posts(request.user, organisation_id, now=timezone.now())
    return _appoint(request, where, post, seat)


def _appoint(request: HttpRequest, where: Where, post: str, seat: int) -> HttpResponse:
    now = timezone.now()
    kind = posts.kind_at(where.kind, post, now=now)
    if kind is None or not 1 <= seat <= kind.seats:
        raise services.PostMisplaced
    asked = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()
    people = named(posts.people_found(asked)) if asked else []
    present = next((one.present for one in posts.seats(where, now=now) if (one.kind, one.number) == (kind, seat)), None)
    form = AppointForm(request.POST or None, people=people, initial={"starts_on": timezone.localdate(now)})
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            tenure = _appointed(_actor(request), where, kind, seat, form.cleaned_data)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(
                request, _("已任命 {name} 为{post}。").format(name=tenure.holder.name, post=post_name(kind))
            )
            return go_to(request, posts_url(where))
    context = {
        "form": form,
        "post": post_name(kind),
        "where": where,
        "back_url": posts_url(where),
        "present": present,
        "asked": asked,
        "people": people,
        "refusal": refusal,
    }
    return render(request, "duty/appoint.html", context, status=_status(request, refusal))


def _appointed(actor: User, where: Where, kind: Any, seat: int, values: dict[str, Any]) -> Tenure:
    person = posts.active_user(values["person"]) if values["person"] else None
    return services.appoint(
        actor=actor,
        post_kind=kind,
        place=where.place,
        organisation=where.organisation,
        seat=seat,
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        person=person or services.NewPerson(values["name"], values["work_phone"]),
        ends_present=values["ends_present"],
        now=timezone.now(),
    )


def _status(request: HttpRequest, refusal: Refused | None) -> int:
    if refusal is not None:
        return refusal.status
    return 200 if request.method == "GET" else 422


@require_POST
def end_tenure(request: HttpRequest, tenure_id: int) -> HttpResponse:
    now = timezone.now()
    tenure = access.tenure_to_manage(request.user, tenure_id, now=now)
    services.end_tenure(actor=_actor(request), tenure=tenure, now=now, reason=request.POST.get("reason", ""))
    messages.success(
        request, _("{name} 的任期已结束，未办结的事项会转给接任者或上一级。").format(name=tenure.holder.name)
    )
    return go_to(request, posts_url(Where(tenure.place, tenure.organisation)))


@require_http_methods(["GET", "POST"])
def begin_absence(request: HttpRequest, tenure_id: int) -> HttpResponse:
    now = timezone.now()
    tenure = access.tenure_to_manage(request.user, tenure_id, now=now)
    where = Where(tenure.place, tenure.organisation)
    people = named(posts.colleagues(where.area_code, but=tenure.holder_id, now=now))
    form = AbsenceForm(request.POST or None, people=people, initial={"begins_at": timezone.localtime(now)})
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            _begun(_actor(request), tenure, form.cleaned_data)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("已登记 {name} 离岗。").format(name=tenure.holder.name))
            return go_to(request, posts_url(where))
    context = {
        "form": form,
        "tenure": tenure,
        "post": post_name(tenure.post_kind),
        "back_url": posts_url(where),
        "refusal": refusal,
    }
    return render(request, "duty/absence.html", context, status=_status(request, refusal))


def _begun(actor: User, tenure: Tenure, values: dict[str, Any]) -> None:
    services.begin_absence(
        actor=actor,
        tenure=tenure,
        begins_at=values["begins_at"],
        ends_at=values["ends_at"],
        substitute=posts.active_user(values["substitute"]) if values["substitute"] else None,
        reason=values["reason"],
        now=timezone.now(),
    )


@require_POST
def end_absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    now = timezone.now()
    absence = access.absence_to_manage(request.user, absence_id, now=now)
    services.end_absence(actor=_actor(request), absence=absence, now=now)
    messages.success(request, _("已销假，{name} 在岗。").format(name=absence.tenure.holder.name))
    return go_to(request, posts_url(Where(absence.tenure.place, absence.tenure.organisation)))
