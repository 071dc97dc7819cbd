"""Headers every answer carries, and refusals turned into a page that says what to do."""

import logging
import uuid
from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from mulin.core.audit import origin
from mulin.core.errors import Refused
from mulin.core.outages import Outage, outage_of
from mulin.kernels.readiness import NotCompiled
from mulin.web.guards import address_of, ask_to_sign_in
from mulin.web.preparing import LOOK_AGAIN_S, Preparing

log = logging.getLogger(__name__)
RETRY_AFTER_S = "10"
API = "/api/"
FOR_WANT_OF_A_PERSON = {"not_allowed", "sign_in_needed"}


class NotThisWay(Refused):
    code = "method_not_allowed"
    status = 405
    sentence = _("这个地址不能直接打开。")
    remedy = _("请回到上一页，用页面上的按钮。")


GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Position and camera serve the person who reports; nothing else of the device is ever asked for.
PERMISSIONS_POLICY = ", ".join(
    [
        "geolocation=(self)",
        "camera=(self)",
        *(f"{feature}=()" for feature in ("microphone", "payment", "usb", "browsing-topics")),
    ]
)


class ContentPolicyMiddleware(CSPMiddleware):
    """The policy of the pages; an answer in JSON is no page: it loads nothing and stands in no frame."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("application/json"):
            return super().process_response(request, response)
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response


class OriginMiddleware:
    """Lets the audit know from where a request comes, and the answer by which number to ask about it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        here = origin.Origin(address_of(request), uuid.uuid4().hex)
        with origin.coming_from(here):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = here.request_id
        return response


class SafeHeadersMiddleware:
    """What Django and django-csp leave out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if _was_made_for_a_person(request):
            # Shared computers: what one person saw must not come back from the browser's cache for the next.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _was_made_for_a_person(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return bool(session is not None and session.accessed)


class RefusalMiddleware:
    """Answers every `Refused` alike: as JSON to programs, as a notice to htmx, as a page to people."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        return _opened_by_hand(request, response) if response.status_code == NotThisWay.status else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            is_stranger = exception.code in FOR_WANT_OF_A_PERSON and _opens_a_page_as_nobody(request)
            return ask_to_sign_in(request) if is_stranger else refusal_response(request, exception)
        if isinstance(exception, NotCompiled):
            return preparing_response(request, Preparing.of(exception))
        outage = outage_of(exception)
        return outage_response(request, outage, exception) if outage else None


def _opens_a_page_as_nobody(request: HttpRequest) -> bool:
    """Say whether a browser without a session goes to a page; scripts and programs are told the refusal."""
    return "text/html" in request.headers.get("Accept", "") and not request.user.is_authenticated


def _opened_by_hand(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Give the empty answer to an address that takes only what is sent a page with a way back."""
    if request.method != "GET" or response.get("Content-Type", "").startswith("application/json"):
        return response
    page = refusal_response(request, NotThisWay())
    page.headers["Allow"] = response.headers.get("Allow", "POST")
    return page


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if _prefers_json(request) or request.path.startswith(API):
        return JsonResponse(refusal.as_dict(), status=refusal.status)
    is_part = request.headers.get("HX-Request") == "true"
    template = "mulin/components/refusal.html" if is_part else "mulin/error.html"
    context: dict[str, Any] = {"status": refusal.status, **refusal.as_dict()}
    return render(request, template, context, status=refusal.status)


def preparing_response(request: HttpRequest, refusal: Preparing) -> HttpResponse:
    """A page that was only opened looks again by itself."""
    response = refusal_response(request, refusal)
    response.headers["Retry-After"] = str(LOOK_AGAIN_S)
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        response.headers["Refresh"] = str(LOOK_AGAIN_S)
    return response


def outage_response(request: HttpRequest, outage: Outage, failure: BaseException) -> HttpResponse:
    """Rendered without the request: session and person are behind the very thing that is away."""
    log.error("%s %s: %s (%r)", request.method, request.path, outage.code, failure)
    if _prefers_json(request) or request.path.startswith(API):
        response: HttpResponse = JsonResponse(outage.as_dict(), status=outage.status)
    else:
        is_part = request.headers.get("HX-Request") == "true"
        template = "mulin/components/refusal.html" if is_part else "mulin/crash.html"
        response = render(None, template, {"status": outage.status, **outage.as_dict()}, status=outage.status)
    response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def _prefers_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
