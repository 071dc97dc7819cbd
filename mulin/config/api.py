"""The API at /api/v1: who may enter, and how every refusal is answered. Its endpoints stand in the domains."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyCookie, HttpBearer

from mulin.core.errors import Invalid, NotFound, Refused
from mulin.core.outages import outage_of
from mulin.domains.accounts import api as accounts_api
from mulin.domains.accounts import queries as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases import api as cases_api
from mulin.domains.duty import api as duty_api
from mulin.domains.organisations.api import router as organisations
from mulin.domains.places.api import router as places
from mulin.domains.planning import api as planning_api
from mulin.web.api_auditing import router as auditing
from mulin.web.api_exports import router as exports
from mulin.web.api_revealing import router as revealing
from mulin.web.middleware import RETRY_AFTER_S
from mulin.web.uploads import UploadTooLarge

log = logging.getLogger(__name__)
MOST_BODY_BYTES = 201_000_000


class NotRecognised(Refused):
    code = "not_recognised"
    status = 401
    sentence = _("请先登录，或带上有效的令牌。")
    remedy = _("在请求头里写 Authorization: Bearer 令牌；令牌在“接口令牌”页申请。")


class CrossSite(Refused):
    code = "csrf_failed"
    status = 403
    sentence = _("这个请求没有带上页面的防伪标记。")
    remedy = _("用登录会话写入时带上 X-CSRFToken；程序请改用令牌。")


class FieldsInvalid(Invalid):
    code = "fields_invalid"
    status = 422
    sentence = _("有的内容不符合要求，没有处理。")
    remedy = _("逐项说明在 details.errors 里。")


class BodyUnreadable(Invalid):
    code = "body_unreadable"
    sentence = _("请求的内容读不懂。")
    remedy = _("请使用 UTF-8 编码的 JSON。")


class Unreasonable(Refused):
    """What the framework refuses by itself."""

    code = "request_refused"
    sentence = _("这个请求不能处理。")


def _check_size(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        raise UploadTooLarge


class Token(HttpBearer):
    """A token of a person or of an application."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        _check_size(request)
        user = accounts.user_by_token(token, now=timezone.now())
        if user is not None:
            request.user = user
        return user


class Session(APIKeyCookie):
    """The session of the pages; writes need the CSRF token."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> User | None:
        """A visitor has no authority another site could misuse, so only a signed-in person's writes are checked."""
        return super().__call__(request) if isinstance(request.user, User) else None

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        _check_size(request)
        return request.user if isinstance(request.user, User) else None


def visitor(request: HttpRequest) -> object:
    """Somebody without an account; a token that is wrong is not overlooked."""
    _check_size(request)
    return "Authorization" not in request.headers


class Api(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the document, written once: anybody may ask for it, and writing it takes a second.

        Of what visitors may do it says that it needs no account.
        """
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._written(prefix)
        return self._documents[prefix]

    def _written(self, prefix: str) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=prefix)
        for path in schema["paths"].values():
            for operation in path.values():
                if set(operation.get("tags", ())) & OPEN_TAGS:
                    operation["security"] = [*operation.get("security", ()), {}]
        return schema


OPEN_TAGS = {"residents", "places", "boards"}
KNOWN = [Token(), Session()]
ANYBODY = [Token(), Session(), visitor]

api = Api(
    title="睦邻 Mulin",
    version="1",
    description="Everything a page can do. Refusals: a code for programs, a sentence and a remedy for people.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
)
OPEN_ROUTERS = (cases_api.residents, cases_api.own_data, cases_api.neighbours, places, duty_api.boards)
# An address in words stands before the one with a number in its place: `/cases/today` before `/cases/{case_id}`.
STAFF_ROUTERS = (
    *(cases_api.desk, cases_api.holder, cases_api.staff, cases_api.picture),
    *(duty_api.coverage, duty_api.posts, duty_api.tenures, duty_api.groups, duty_api.boards_of_area),
    *(accounts_api.me, accounts_api.own, accounts_api.tokens, accounts_api.worker, organisations),
    accounts_api.administration,
    *(planning_api.drafts, planning_api.editing, planning_api.publications, planning_api.staffing),
    *(planning_api.ground, planning_api.nets, planning_api.crosswalk, planning_api.circle),
    *(planning_api.grid_maps, planning_api.groups),
    *(revealing, exports, auditing),
)
for _router in OPEN_ROUTERS:
    api.add_router("", _router, auth=ANYBODY)
for _router in STAFF_ROUTERS:
    api.add_router("", _router, auth=KNOWN)


def _answer(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return api.create_response(request, refusal.as_dict(), status=refusal.status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return _answer(request, refusal)


@api.exception_handler(ValidationError)
def fields_invalid(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    return _answer(request, FieldsInvalid(errors=list(_errors(failure.errors))))


def _errors(errors: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    """Name field and problem; what was sent is not sent back."""
    for error in errors:
        yield {"field": ".".join(str(part) for part in error["loc"]), "type": error["type"], "message": error["msg"]}


@api.exception_handler(AuthenticationError)
def not_recognised(request: HttpRequest, failure: AuthenticationError) -> HttpResponse:
    return _answer(request, NotRecognised())


@api.exception_handler(HttpError)
def framework_refuses(request: HttpRequest, failure: HttpError) -> HttpResponse:
    refusals = {400: BodyUnreadable(), 403: CrossSite()}
    refusal = refusals.get(failure.status_code) or Unreasonable(str(failure))
    return _answer(request, refusal)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, failure: Http404) -> HttpResponse:
    return _answer(request, NotFound())


@api.exception_handler(DatabaseError)
@api.exception_handler(InterfaceError)
@api.exception_handler(OSError)
def machine_lacks_something(request: HttpRequest, failure: Exception) -> HttpResponse:
    outage = outage_of(failure)
    if outage is None:
        raise failure
    log.error("%s %s: %s (%r)", request.method, request.path, outage.code, failure)
    response = _answer(request, outage)
    response.headers["Retry-After"] = RETRY_AFTER_S
    return response


@api.exception_handler(SuspiciousOperation)
def suspicious(request: HttpRequest, failure: SuspiciousOperation) -> HttpResponse:
    return _answer(request, UploadTooLarge() if isinstance(failure, RequestDataTooBig) else BodyUnreadable())
