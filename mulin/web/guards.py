"""Who may open a page: `@signed_in`, `@needs("duty.see_coverage")`. Visitors are asked to sign in and brought back."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core import ratelimit
from mulin.core.errors import NotAllowed, TooMany
from mulin.web.fragments import go_to, wants_part

View = Callable[..., HttpResponse]
MOST_QUESTIONS = 1_200
"""Of visitors behind one address in ten to twenty minutes: a page asks while somebody types, and a whole estate may
stand behind one address."""


class QuestionsTooMany(TooMany):
    code = "questions_too_many"
    sentence = _("这个网络刚才查找得太频繁了。")
    remedy = _("请过十分钟再查；不用查找也能反映，把地址和事情写清楚直接提交就行。")


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


def may_ask(request: HttpRequest) -> None:
    """Slow down who harvests what anybody may look up; people with an account are known and not counted.

    A disk that takes no count keeps nobody from an answer. Raises QuestionsTooMany.
    """
    if request.user.is_authenticated:
        return
    now, bucket = timezone.now(), f"question:{address_of(request)}"
    try:
        ratelimit.check(bucket, most=MOST_QUESTIONS, now=now)
    except TooMany:
        raise QuestionsTooMany from None
    with suppress(DatabaseError), transaction.atomic():
        ratelimit.count_refused(bucket, now=now)


def address_of(request: HttpRequest) -> str:
    """Return the address the request came from; behind a proxy the last one it has not made up itself."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return str(request.META.get("REMOTE_ADDR", ""))
