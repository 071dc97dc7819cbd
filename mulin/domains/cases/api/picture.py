"""The picture of the whole: the three rates and the emergency modes."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from mulin.core.burden.linter import Definition, Kind
from mulin.domains.accounts import access as accounts
from mulin.domains.accounts.models import User
from mulin.domains.cases import access
from mulin.domains.cases.api.schemas import (
    DefinitionOut,
    EmergencyIn,
    EmergencyOut,
    RateRowOut,
    RatesOut,
    RateTableOut,
)
from mulin.domains.cases.models import Emergency
from mulin.domains.cases.pages import rates as rate_pages
from mulin.domains.cases.pages.picture import exception_view, exception_views
from mulin.domains.cases.pages.rates_file import rates_file
from mulin.domains.cases.queries import emergencies, rates
from mulin.domains.cases.services import burden
from mulin.domains.cases.services import emergencies as emergency_services
from mulin.domains.places import queries as places
from mulin.web.api import REFUSALS, WRITE, AreaCode, Id, Moment, Recognised, Word, answers_file, once, plain

router = Router(tags=["picture"])

Request = Recognised[User]
GROUPINGS: Mapping[str, Callable[[rates.Key], str]] = {
    "area": lambda key: key[0].ljust(12, "0"),
    "category": rates.group_of_category,
    "tier": lambda key: str(key[2]),
}


class PeriodIn(Schema):
    """Days of Asia/Shanghai, both included; without them this month."""

    area: AreaCode
    first: date | None = None
    last: date | None = None


class RatesIn(PeriodIn):
    by: Literal["area", "category", "tier"] = "area"


@router.get("/rates", response={200: RateTableOut, **REFUSALS})
def rate_table(request: Request, asked: Query[RatesIn]) -> RateTableOut:
    """响应率 解决率 满意率 of an area, by child area, category group or tier; never by person."""
    user, now = accounts.require(request.user, "cases.see_rates"), timezone.now()
    places.area_by_code(asked.area)
    period = _period(asked, now=now)
    definitions = rates.definitions(asked.area, period)
    found = rates.tallies(user, asked.area, period, now=now, excluded=definitions.excluded)

    def worked_out(tally: rates.Tally) -> RatesOut:
        return RatesOut.from_orm(tally.rates(definitions.by_code))

    total = rates.summed(found, lambda key: "").get("", rates.Tally())
    rows = sorted(rates.summed(found, GROUPINGS[asked.by]).items())
    return RateTableOut(
        area_code=asked.area,
        first=period.first,
        last=period.last,
        total=worked_out(total),
        rows=[RateRowOut(key=key, rates=worked_out(tally)) for key, tally in rows],
        valid_from=definitions.valid_from,
        definitions=[DefinitionOut.from_orm(one) for one in rate_pages.definitions_in_words(definitions)],
    )


def _period(asked: PeriodIn, *, now: datetime) -> rates.Period:
    days = {name: day.isoformat() for name, day in (("first", asked.first), ("last", asked.last)) if day}
    return rate_pages.period_of(days, now=now)


@router.get("/rates/file", response={200: None, **REFUSALS}, openapi_extra=answers_file("text/csv"))
def rates_as_file(request: Request, asked: Query[PeriodIn]) -> HttpResponse:
    """三率 of an area by child area, category group and tier as one CSV; that you took it out is written down."""
    user, now = accounts.require(request.user, "cases.see_rates"), timezone.now()
    places.area_by_code(asked.area)
    page = rate_pages.page(user, asked.area, _period(asked, now=now), now=now)
    return rates_file(user, page, now=now)


@router.get("/emergencies", response={200: list[EmergencyOut], **REFUSALS})
def running_emergencies(request: Request, past: bool = False) -> list[EmergencyOut]:
    """急时 in force in your areas, above and below them; with `past` the latest 50 that are over."""
    user = accounts.require(request.user, "cases.see_emergency")
    wanted = emergencies.past if past else emergencies.running
    return [_emergency(one) for one in wanted(user, now=timezone.now())]


def _emergency(one: Emergency) -> EmergencyOut:
    return EmergencyOut(
        id=one.pk,
        area_code=one.area.area_code,
        area=one.area.name,
        reason=one.reason,
        began_by=one.began_by.name,
        began_at=one.began_at,
        ends_at=one.ends_at,
        ended_at=one.ended_at,
    )


@router.post("/emergencies", response={201: EmergencyOut, **REFUSALS}, openapi_extra=WRITE)
def begin_emergency(request: Request, asked: EmergencyIn) -> Status[dict[str, Any]]:
    """Switch 急时 on in an area, in your own name, with a reason and an end."""
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()

    def do() -> dict[str, Any]:
        area = access.area_under(user, asked.area, now=now)
        begun = emergency_services.begin(actor=user, area=area, reason=asked.reason, ends_at=asked.ends_at, now=now)
        return plain(EmergencyOut, _emergency(begun))

    return Status(201, once(request, asked.model_dump(mode="json"), do))


@router.post("/emergencies/{emergency_id}/end", response={200: EmergencyOut, **REFUSALS}, openapi_extra=WRITE)
def end_emergency(request: Request, emergency_id: Id) -> dict[str, Any]:
    """Switch 急时 off before its time."""
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()

    def do() -> dict[str, Any]:
        emergency_services.end(actor=user, emergency=access.emergency_for(user, emergency_id, now=now), now=now)
        return plain(EmergencyOut, _emergency(access.emergency_for(user, emergency_id, now=now)))

    return once(request, {}, do)


class ExceptionIn(Schema):
    """What is to be asked of workers in an emergency although it is forbidden otherwise."""

    code: Word
    name: Word
    kind: Kind = Kind.INDICATOR
    reason: Word
    basis: Word
    ends_at: Moment


class ExceptionOut(Schema):
    emergency_id: int
    area: str
    name: str
    ban: str
    article: str
    reason: str
    basis: str
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    is_running: bool


class ExceptionsOut(Schema):
    """One for each ban the thing falls under."""

    items: list[ExceptionOut]


@router.get("/emergencies/exceptions", response={200: list[ExceptionOut], **REFUSALS})
def burden_exceptions(request: Request) -> list[ExceptionOut]:
    """减负例外 of the emergencies you may see, latest first, at most 100; running and over."""
    user = accounts.require(request.user, "cases.see_emergency")
    return [ExceptionOut.from_orm(one) for one in exception_views(user, now=timezone.now())]


@router.post("/emergencies/{emergency_id}/exceptions", response={201: ExceptionsOut, **REFUSALS}, openapi_extra=WRITE)
def allow_burden(request: Request, emergency_id: Id, asked: ExceptionIn) -> Status[dict[str, Any]]:
    """Ask for an exception from the burden rules; only what its article excepts, and no longer than the emergency."""
    user, now = accounts.require(request.user, "cases.switch_emergency"), timezone.now()

    def do() -> dict[str, Any]:
        emergency = access.emergency_for(user, emergency_id, now=now)
        wanted = Definition(asked.code[:60], asked.kind, asked.name[:120])
        made = burden.allow(
            actor=user, emergency=emergency, asked=wanted, reason=asked.reason, basis=asked.basis,
            ends_at=asked.ends_at, now=now,
        )  # fmt: skip
        return {"items": [plain(ExceptionOut, exception_view(one, now=now)) for one in made]}

    return Status(201, once(request, asked.model_dump(mode="json"), do))
