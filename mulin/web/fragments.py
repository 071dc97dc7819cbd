"""One view answers a whole page or, when htmx asks, only the part of it that changes."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """Going back in the browser's history asks through htmx too, but needs the whole page."""
    headers = request.headers
    whole_page = headers.get("HX-History-Restore-Request") == "true" or headers.get("HX-Boosted") == "true"
    return headers.get("HX-Request") == "true" and not whole_page


def page_or_part(
    request: HttpRequest, *, page: str, part: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render template `part` for htmx, template `page` (which includes `part`) otherwise, from the same context."""
    template = part if wants_part(request) else page
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to `url` after a write; htmx follows a header, because it would swap a redirect's target in."""
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
