"""The front door, notices, tokens, the worker's state."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.domains.accounts import access, pages, queries, services
from mulin.domains.accounts.forms import TokenForm
from mulin.domains.accounts.models import User
from mulin.domains.accounts.views.steps import local
from mulin.web.fragments import go_to
from mulin.web.guards import needs, signed_in


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Residents are received here; who works with Mulin goes on to the first thing to do."""
    if isinstance(request.user, User):
        return redirect(_first_page(request.user))
    return render(
        request,
        "accounts/landing.html",
        {"report_url": _url("cases:report"), "follow_url": _url("cases:follow-by-code")},
    )


def _first_page(user: User) -> str:
    mine = (entry["url_name"] for entry in settings.MULIN_NAVIGATION if user.has_perm(entry["permission"]))
    return next(filter(None, map(_url, mine)), reverse("accounts:notices"))


def _url(name: str) -> str:
    """Pages of a domain above are linked by name, and only while they exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@require_GET
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    page = pages.notice_page(user, before=_key(request, "before"))
    return render(request, "accounts/notices.html", {"page": page})


@require_GET
def notice_count(request: HttpRequest) -> HttpResponse:
    """The badge in the frame, fetched every minute; a session that has ended must not carry away a half-filled form."""
    if not isinstance(request.user, User):
        return HttpResponse(status=204)
    context = {"unread": queries.unread_count(request.user)}
    return render(request, "accounts/parts/notice_count.html", context)


@require_POST
@signed_in
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice read and go to what it is about."""
    user = access.person(request.user)
    notice = access.own_notice(user, notice_id)
    services.read_notice(actor=user, notice=notice, now=timezone.now())
    return go_to(request, local(request, notice.link))


@require_POST
@signed_in
def read_all_notices(request: HttpRequest) -> HttpResponse:
    services.read_notices(actor=access.person(request.user), now=timezone.now())
    return go_to(request, reverse("accounts:notices"))


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """Keys of the API for oneself; a new one is shown once, on the answer to the form."""
    user, now, key = access.person(request.user), timezone.now(), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        life = timedelta(days=int(form.cleaned_data["days"]))
        application = form.cleaned_data["application"]
        key = services.issue_token(actor=user, user=user, application=application, life=life, now=now)
        form = TokenForm()
    context = {"form": form, "key": key, "tokens": pages.token_rows(user, now=now)}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    user = access.person(request.user)
    services.revoke_token(actor=user, token=access.own_token(user, token_id), now=timezone.now())
    messages.success(request, _("令牌已停用，用它的程序从现在起不能再访问。"))
    return go_to(request, reverse("accounts:tokens"))


@require_GET
@needs("accounts.see_worker")
def worker(request: HttpRequest) -> HttpResponse:
    page = pages.worker_page(access.person(request.user), before=_key(request, "before"), now=timezone.now())
    return render(request, "accounts/worker.html", {"page": page, "now": timezone.now()})


@require_POST
@needs("accounts.manage_worker")
def revive_message(request: HttpRequest, message_id: int) -> HttpResponse:
    services.revive_message(actor=access.person(request.user), message_id=message_id, now=timezone.now())
    messages.success(request, _("已重新排队。"))
    return go_to(request, reverse("accounts:worker"))


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
