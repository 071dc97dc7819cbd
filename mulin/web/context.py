"""What every page's frame shows: navigation, the person signed in, the language and the size of type."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language

ELDER_COOKIE = "mulin_elder"
SHELLS = ("desk", "phone")
TABS_ON_A_PHONE = 4


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    url: str
    label: str | Promise
    icon: str
    is_current: bool


class Shell:
    """Worked out only when a template asks, so that parts sent to htmx cost nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def elder(self) -> bool:
        return self._request.COOKIES.get(ELDER_COOKIE) == "1"

    @cached_property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @cached_property
    def other_languages(self) -> list[tuple[str, str]]:
        return [(code, name) for code, name in settings.LANGUAGES if code != self.language]

    @cached_property
    def desk_navigation(self) -> list[NavigationEntry]:
        return list(self._navigation("desk"))

    @cached_property
    def phone_navigation(self) -> list[NavigationEntry]:
        return list(self._navigation("phone"))

    @property
    def phone_tabs(self) -> list[NavigationEntry]:
        return self.phone_navigation[:TABS_ON_A_PHONE]

    @property
    def home_url(self) -> str:
        return _url_or_root(settings.LOGOUT_REDIRECT_URL)

    @property
    def sign_in_url(self) -> str:
        return _url_or_root(settings.LOGIN_URL)

    @property
    def sign_out_url(self) -> str:
        return _url_or_root(getattr(settings, "MULIN_SIGN_OUT_URL", None))

    @property
    def notices_url(self) -> str:
        return _url_or_root(settings.MULIN_NOTICES_URL)

    @property
    def notice_count_url(self) -> str:
        """A part of a page with the number of unread notices, empty when there are none."""
        return _url_or_root(settings.MULIN_NOTICE_COUNT_URL)

    @cached_property
    def person_links(self) -> list[NavigationEntry]:
        """What everybody signed in has, whatever they may do."""
        links = ((entry, reverse(entry["url_name"])) for entry in settings.MULIN_PERSON_LINKS)
        return [
            NavigationEntry(url, entry["label"], entry["icon"], url == self._current([url])) for entry, url in links
        ]

    @cached_property
    def person_name(self) -> str:
        return str(self._request.user)

    @cached_property
    def person_role(self) -> str:
        """What the person is here, in words; accounts offer it as `role_label`."""
        return str(getattr(self._request.user, "role_label", "") or "")

    def _navigation(self, shell: str) -> Iterable[NavigationEntry]:
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return
        entries = [
            (reverse(entry["url_name"]), entry)
            for entry in settings.MULIN_NAVIGATION
            if shell in entry.get("shells", SHELLS) and user.has_perm(entry["permission"])
        ]
        current = self._current([url for url, _entry in entries])
        for url, entry in entries:
            yield NavigationEntry(url, entry["label"], entry["icon"], url == current)

    def _current(self, urls: list[str]) -> str:
        """Return the entry the page belongs to: the longest address its own begins with."""
        path = self._request.path
        return max((url for url in urls if path == url or (url != "/" and path.startswith(url))), key=len, default="")


def _url_or_root(to: str | None) -> str:
    try:
        return resolve_url(to) if to else "/"
    except NoReverseMatch:
        return "/"


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}
