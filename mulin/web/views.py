"""The frame's own few pages: switches, the installable app's files, errors, and the style guide for developers."""

import sys
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from mulin.core.errors import Invalid, NotAllowed, NotFound
from mulin.core.outages import outage_of
from mulin.web import styleguide as sample
from mulin.web.context import ELDER_COOKIE
from mulin.web.middleware import outage_response, refusal_response


class PageTooOld(NotAllowed):
    code = "page_too_old"
    sentence = gettext_lazy("页面放得太久了，或者浏览器没有保存它的凭证，这一次没有提交。")
    remedy = gettext_lazy("请回到上一页，刷新后再提交一次。")


class NotUnderstood(Invalid):
    code = "not_understood"
    sentence = gettext_lazy("这次请求的内容有误，没有处理。")
    remedy = gettext_lazy("请回到上一页重试。")


ELDER_COOKIE_AGE_S = 365 * 24 * 3600
THEME_COLOUR = "#9b1c1f"


@require_POST
def set_elder(request: HttpRequest) -> HttpResponse:
    """Switch large type on ("1") or off; the server reads the cookie, so a page never flashes in the wrong size."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    value = "1" if request.POST.get("elder") == "1" else "0"
    response.set_cookie(
        ELDER_COOKIE, value, max_age=ELDER_COOKIE_AGE_S, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


@require_GET
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    content = {
        "id": "/",
        "name": _("睦邻 · 一张网"),
        "short_name": _("睦邻"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": THEME_COLOUR,
        "icons": [
            {"src": static("mulin/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("mulin/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("mulin/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root because a worker rules only the paths below its own address."""
    kept = {"offline": reverse("web:offline"), "files": [static("mulin/mulin.css"), static("mulin/icon.svg")]}
    return render(request, "mulin/service-worker.js", {"kept": kept}, content_type="text/javascript")


@require_GET
@cache_control(max_age=3600, public=True)
def offline(request: HttpRequest) -> HttpResponse:
    """The only page a device keeps: it holds nothing about anybody."""
    return render(request, "mulin/offline.html")


@require_GET
def styleguide(request: HttpRequest, shell: str = "desk") -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return render(request, f"mulin/styleguide_{shell}.html", sample.context())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refusal_response(request, PageTooOld())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal_response(request, NotUnderstood())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal_response(request, NotAllowed())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal_response(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: whatever broke must not break this page too."""
    failure = sys.exception()
    if failure and (outage := outage_of(failure)):  # outside the view: reading the session, keeping it
        return outage_response(request, outage, failure)
    context: dict[str, Any] = {
        "status": 500,
        "code": "internal",
        "message": _("系统出了差错，您提交的内容可能没有保存。"),
        "remedy": _("请稍后再试；若仍不行，请联系系统管理员。"),
    }
    return render(None, "mulin/crash.html", context, status=500)
