"""What a session knows of itself: device and address when it began, and when its person was last heard of.

A page that refreshes itself is nobody at the desk: requests with the header `X-Mulin-Live` leave the clock alone.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from mulin.domains.accounts.rules import device_words, is_phone
from mulin.domains.accounts.sessions import ADDRESS, DEVICE, ENTERED_AT, SEEN_AT
from mulin.web.guards import address_of

WRITTEN_AT_MOST_EVERY_S = 180
LIVE_HEADER = "X-Mulin-Live"


def device_of(request: HttpRequest) -> str:
    return device_words(request.headers.get("User-Agent", ""))


def begin(sender: Any, request: HttpRequest, **_more: Any) -> None:
    """Called when somebody has signed in: the idle limit is that of a desk or of a phone."""
    now_s = int(timezone.now().timestamp())
    on_phone = is_phone(request.headers.get("User-Agent", ""))
    minutes = settings.MULIN_IDLE_MINUTES_PHONE if on_phone else settings.MULIN_IDLE_MINUTES
    request.session.set_expiry(minutes * 60)
    request.session.update(
        {DEVICE: device_of(request), ADDRESS: address_of(request), ENTERED_AT: now_s, SEEN_AT: now_s}
    )


class PresenceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed and LIVE_HEADER not in request.headers:
            _be_seen(request.session)
        return response


def _be_seen(session: SessionBase) -> None:
    now_s = int(timezone.now().timestamp())
    # Also when it was seen in a time to come: the clock was put back, and idleness counts from the new one.
    if SESSION_KEY in session and abs(now_s - session.get(SEEN_AT, now_s)) >= WRITTEN_AT_MOST_EVERY_S:
        session[SEEN_AT] = now_s


user_logged_in.connect(begin, dispatch_uid="mulin.accounts.presence")
