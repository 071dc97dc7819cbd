"""Who may open a page: `@signed_in`, `@needs("duty.see_coverage")`. Visitors are asked to sign in and brought back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from mulin.core.errors import NotAllowed
from mulin.web.fragments import go_to, wants_part

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def needs(permission: str) -> Callable[[View], View]:
    """Refuse people without the permission (403) before the view looks at anything."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check(request.user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def check(user: Any, permission: str) -> None:
    """Raise NotAllowed for who does not hold the permission."""
    if not user.has_perm(permission):
        raise NotAllowed


def confidential(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What a code opens: kept by no cache, found by no search engine, told to no other site."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        # Not "no-referrer": without an origin the CSRF check refuses the forms of the page.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return kept


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead a visitor to the sign-in page. After a write that came too late there is only the start to come back to."""
    back = request.get_full_path() if request.method == "GET" else "/"
    if wants_part(request):
        return go_to(request, redirect_to_login("/", settings.LOGIN_URL).url)
    return redirect_to_login(back, settings.LOGIN_URL)


def address_of(request: HttpRequest) -> str:
    """Return the address the request came from; behind a proxy the last one it has not made up itself."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return str(request.META.get("REMOTE_ADDR", ""))
