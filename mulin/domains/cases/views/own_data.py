"""A resident's page of what is kept about them: see, correct, take away, take back, delete."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mulin.core import codes
from mulin.core.errors import Refused, TooMany
from mulin.domains.cases import access, services
from mulin.domains.cases.access import Own
from mulin.domains.cases.pages import own_data as pages
from mulin.web.guards import address_of, confidential


@require_GET
@confidential
def own_data(request: HttpRequest, code: str) -> HttpResponseBase:
    return _show(request, code)


def _show(request: HttpRequest, code: str, *, status: int = 200, **wrong: object) -> HttpResponse:
    now = timezone.now()
    own = access.own_data(code, address=address_of(request), now=now)
    context = {"page": pages.own_data_page(own, now=now), "asked": request.POST, **wrong}
    return render(request, "cases/resident/own_data.html", context, status=status)


def _own(request: HttpRequest, code: str) -> Own:
    """Return what belongs to the code, for who knows the phone that is kept."""
    proof = request.POST.get("proof", "")
    return access.own_data(code, address=address_of(request), now=timezone.now(), proof=proof)


def _acted(request: HttpRequest, code: str, deed: str, do: Callable[[Own], str]) -> HttpResponseBase:
    """Do what was asked; what is refused is said on the page, beside what was typed."""
    try:
        done = do(_own(request, code))
    except (codes.CodeUnknown, TooMany):
        raise
    except Refused as refusal:
        return _show(request, code, status=refusal.status, refusal=refusal, wrong=deed)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("cases:own-data", args=[codes.normalised(code)]))


@require_POST
@confidential
def correct(request: HttpRequest, code: str) -> HttpResponseBase:
    said = {name: request.POST.get(name, "").replace("\x00", "") for name in ("name", "phone", "room")}

    def do(own: Own) -> str:
        contact = services.Contact(said["name"], said["phone"], said["room"])
        services.correct_contact(actor=None, case=own.case, reporter=own.reporter, contact=contact, now=timezone.now())
        return _("已更正。")

    return _acted(request, code, "correct", do)


@require_POST
@confidential
def withdraw_contact(request: HttpRequest, code: str) -> HttpResponseBase:
    def do(own: Own) -> str:
        services.withdraw_contact(actor=None, case=own.case, reporter=own.reporter, now=timezone.now())
        return _("联系方式已删除。进展仍可用查询码查看。")

    return _acted(request, code, "withdraw", do)


@require_POST
@confidential
def delete(request: HttpRequest, code: str) -> HttpResponseBase:
    def do(own: Own) -> str:
        whole = services.delete_own_data(actor=None, case=own.case, reporter=own.reporter, now=timezone.now())
        return _("已全部删除。") if whole else _("联系方式和照片已删除，文字内容到期自动擦除。")

    return _acted(request, code, "delete", do)


@require_POST
@confidential
def take_away(request: HttpRequest, code: str) -> HttpResponseBase:
    """Hand out everything in full: for a program (JSON) or for a person (text)."""
    try:
        own = _own(request, code)
    except access.ProofWrong as refusal:
        return _show(request, code, status=refusal.status, refusal=refusal, wrong="download")
    now, name = timezone.now(), f"mulin-{own.case.number}"
    if request.POST.get("as") == "json":
        options = {"ensure_ascii": False, "indent": 1}
        answer: HttpResponse = JsonResponse(pages.as_data(own, now=now), json_dumps_params=options)
        answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return answer
    answer = HttpResponse(pages.as_text(own, now=now), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    return answer


urlpatterns = [
    path("f/<str:code>/data/", own_data, name="own-data"),
    path("f/<str:code>/data/correct/", correct, name="correct-own-data"),
    path("f/<str:code>/data/withdraw/", withdraw_contact, name="withdraw-own-data"),
    path("f/<str:code>/data/delete/", delete, name="delete-own-data"),
    path("f/<str:code>/data/download/", take_away, name="download-own-data"),
]
