"""What a holder opens on the phone: today's list, a case, its moves in two taps, a department's whistles."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mulin.core.errors import NotAllowed, NotFound, Refused
from mulin.core.idempotency import once
from mulin.domains.accounts import access as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, moving
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Case
from mulin.domains.cases.pages import holder as pages
from mulin.domains.cases.pages.holder import MoveForm
from mulin.domains.cases.states import LIFECYCLE
from mulin.domains.cases.views import incoming_photos
from mulin.domains.cases.views.desk import detail_for_desk
from mulin.domains.cases.views.incoming_photos import takes_photos
from mulin.web.fragments import go_to, page_or_part, wants_part
from mulin.web.guards import needs, signed_in

AS_ROW = "row"


@require_GET
@needs("cases.hold")
def today(request: HttpRequest) -> HttpResponse:
    user, now = accounts.person(request.user), timezone.now()
    listed = pages.today(user, now=now, after=request.GET.get("after", ""))
    context = {"today": listed, "now": now}
    return page_or_part(request, page="cases/holder/today.html", part="cases/holder/parts/today.html", context=context)


@require_GET
@signed_in
def detail(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case: the desk's page for who has a desk, the phone's page for everybody else who may see it."""
    user = accounts.person(request.user)
    case = access.case_for(user, case_id, now=timezone.now())
    if user.has_perm("cases.desk"):
        return detail_for_desk(request, case)
    return _phone_page(request, user, case)


def _phone_page(request: HttpRequest, user: User, case: Case, *, done: str = "") -> HttpResponse:
    now = timezone.now()
    context = {"page": pages.phone_detail(user, case, now=now), "case": case, "now": now, "done": done}
    return page_or_part(
        request, page="cases/holder/detail.html", part="cases/holder/parts/detail_region.html", context=context
    )


@require_POST
@takes_photos
@signed_in
def move(request: HttpRequest, case_id: int, move: str) -> HttpResponse:
    """Make a move of the lifecycle. A refusal comes back as the dialog, with what was typed still in it."""
    user, now = accounts.person(request.user), timezone.now()
    try:
        _make(request, user, case_id, move)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        if request.POST.get("as") == AS_ROW:
            raise
        case = access.case_for(user, case_id, now=now)
        return _refused(request, pages.refused_move(case, move, request.POST, refusal, now=now), case)
    return _done(request, user, case_id, str(LIFECYCLE.move(move).label))


def _make(request: HttpRequest, user: User, case_id: int, move: str) -> None:
    """Make the move once, however often it is sent; photos of a move that was refused are not kept."""
    stored = incoming_photos.stored(request)
    made: list[bool] = []

    def do() -> dict[str, Any]:
        case = moving.make(user, case_id, move, request.POST, now=timezone.now(), photos=stored)
        made.append(True)
        return {"case": case.pk}

    try:
        _once(request, user, [case_id, move, [photo.sha256 for photo in stored]], do)
    finally:
        if not made:
            photos.discard(stored)


def _once(request: HttpRequest, user: User, content: list[Any], do: Callable[[], dict[str, Any]]) -> None:
    key = request.POST.get("idempotency_key", "")
    if key:
        said = sorted((k, v) for k, v in request.POST.items() if k != "csrfmiddlewaretoken")
        once(scope=f"move:{user.pk}", key=key, content=[content, said], now=timezone.now(), do=do)
    else:
        do()


def _refused(request: HttpRequest, form: MoveForm, case: Case) -> HttpResponse:
    if wants_part(request):
        response = render(request, "cases/holder/parts/move_form.html", {"form": form, "case": case}, status=422)
        response.headers["HX-Retarget"] = f"#{form.dialog}-form"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    assert form.refusal is not None, "a form comes back because it was refused"
    context = {"form": form, "case": case}
    return render(request, "cases/holder/move_refused.html", context, status=form.refusal.status)


def _done(request: HttpRequest, user: User, case_id: int, label: str) -> HttpResponse:
    now, done = timezone.now(), _("已%(move)s。") % {"move": label}
    if request.POST.get("as") == AS_ROW and wants_part(request):
        row = pages.today_row(user, case_id, now=now)
        return render(request, "cases/holder/parts/today_row.html", {"row": row, "now": now})
    try:
        case = access.case_for(user, case_id, now=now)
    except access.CaseUnknown:
        messages.success(request, done)
        return go_to(request, reverse("cases:today"))
    if wants_part(request):
        response = _phone_page(request, user, case, done=done)
        response.headers["HX-Retarget"] = "#case-region"
        response.headers["HX-Reswap"] = "outerHTML show:window:top"
        return response
    messages.success(request, done)
    return go_to(request, reverse("cases:detail", args=[case_id]))


@require_GET
@needs("cases.answer_whistle")
def whistles(request: HttpRequest) -> HttpResponse:
    user, now = accounts.person(request.user), timezone.now()
    answered, after = request.GET.get("answered") == "1", request.GET.get("after", "")
    listed = pages.whistles(user, now=now, answered=answered, after=after)
    context = {"whistles": listed, "now": now}
    return page_or_part(
        request, page="cases/holder/whistles.html", part="cases/holder/parts/whistles.html", context=context
    )


@require_POST
@needs("cases.answer_whistle")
def answer_whistle(request: HttpRequest, whistle_id: int, move: str) -> HttpResponse:
    """报到, 答复 or 退哨, by the department that was asked."""
    user, now = accounts.person(request.user), timezone.now()
    made: list[int] = []

    def do() -> dict[str, Any]:
        case = moving.answer_whistle(user, whistle_id, move, request.POST, now=now)
        made.append(case.pk)
        return {"case": case.pk}

    try:
        _once(request, user, [whistle_id, move], do)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        whistle = access.whistle_for(user, whistle_id, now=now, move=None)
        form = pages.whistle_form(whistle, move, request.POST, refusal, now=now)
        return _refused(request, form, whistle.case)
    whistle = access.whistle_for(user, whistle_id, now=now, move=None)
    label = _("答复") if move == "joint_result" else str(LIFECYCLE.move(move).label)
    return _done(request, user, whistle.case_id, label)


urlpatterns = [
    path("today/", today, name="today"),
    path("cases/<int:case_id>/", detail, name="detail"),
    path("cases/<int:case_id>/move/<slug:move>/", move, name="move"),
    path("whistles/", whistles, name="whistles"),
    path("whistles/<int:whistle_id>/<slug:move>/", answer_whistle, name="answer-whistle"),
]
