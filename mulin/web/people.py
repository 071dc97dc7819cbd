"""What only people need, who come with a browser: session, sign-in, presence, messages.

They look at requests and answers alone. A middleware that looks at views or exceptions (CSRF) belongs in MIDDLEWARE,
where Django finds these hooks.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

API = "/api/"


class PeopleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.for_programs = self.for_people = get_response
        for path in reversed(settings.MULIN_PEOPLE_MIDDLEWARE):
            self.for_people = import_string(path)(self.for_people)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API) and not request.COOKIES:
            request.user = AnonymousUser()
            return self.for_programs(request)
        return self.for_people(request)
