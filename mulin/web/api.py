"""What every endpoint of the API shares: the shape of a refusal, types that cannot hurt, writes done once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field

from mulin.core import idempotency
from mulin.web.guards import address_of

Person = TypeVar("Person")
DayT = TypeVar("DayT", bound=date)
LARGEST_ID = 2**63 - 1
LONGEST_TEXT = 20_000
"""Only a bound against flooding; how long a text may be is said by the service that takes it."""
_NO_NUL = r"^[^\x00]*$"
_YEARS = range(2000, 2101)


def _in_our_years(day: DayT) -> DayT:
    if day.year not in _YEARS:
        raise ValueError(f"the year must be {_YEARS.start} to {_YEARS.stop - 1}")
    return day


def _in_our_times(at: datetime) -> datetime:
    return _in_our_years(at).astimezone(UTC)


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Word = Annotated[str, Field(max_length=300, pattern=_NO_NUL)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=_NO_NUL)]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=_NO_NUL)]
Day = Annotated[date, AfterValidator(_in_our_years)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_times)]


class Recognised(HttpRequest, Generic[Person]):
    """A request of somebody the API has recognised."""

    user: Person  # type: ignore[assignment]


class RefusalOut(Schema):
    """Why nothing was done: a code for programs, a sentence and what to do for people."""

    code: str
    message: str
    remedy: str
    details: dict[str, Any]


REFUSALS: dict[frozenset[int], type[RefusalOut]] = {
    frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503}): RefusalOut,
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same content is done once and answered alike; with other content: 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST_KEY, "pattern": "^[!-~]+$"},
}
WRITE: dict[str, Any] = {"parameters": [IDEMPOTENCY_KEY]}


def answers_file(*media_types: str) -> dict[str, Any]:
    """Say of an operation that it answers a file; its response is `{200: None, **REFUSALS}`."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    return {"responses": {200: {"content": content}}}


def once(
    request: HttpRequest,
    content: Any,
    do: Callable[[], dict[str, Any]],
    *,
    repeatable: bool = False,
    check: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Do a write, or return its first answer when its Idempotency-Key came before from the same person or address.

    `check` comes first and outside of the write's transaction, so that a wrong guess it counts stays counted; a
    repeated request has been checked already.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if check is not None:
            check()
        return do()
    user = request.user
    scope = f"api:user:{user.pk}" if user.is_authenticated else f"api:address:{address_of(request)}"
    asked = {"method": request.method, "path": request.path, "content": content}
    if check is not None and not idempotency.is_known(scope=scope[:80], key=key, content=asked):
        check()
    return idempotency.once(scope=scope[:80], key=key, content=asked, now=timezone.now(), do=do, repeatable=repeatable)


def plain(schema: type[Schema], value: object) -> dict[str, Any]:
    """Return an answer as JSON keeps it."""
    return schema.model_validate(value, from_attributes=True).model_dump(mode="json")
