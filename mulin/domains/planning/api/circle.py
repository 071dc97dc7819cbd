"""15 分钟生活圈: whom each kind of facility reaches, what is missing, what one more would do."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from mulin.domains.accounts.models import User
from mulin.domains.places.queries import Area
from mulin.domains.planning import access
from mulin.domains.planning.api.values import ANSWERS_GEOJSON, GEOJSON, ShortCode
from mulin.domains.planning.pages import circle as pages
from mulin.domains.planning.pages.circle import CirclePage, WhatIf
from mulin.domains.planning.queries.circle import CircleOf
from mulin.web.api import REFUSALS, AreaCode, Recognised

router = Router(tags=["planning"])

Request = Recognised[User]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class KindIn(Schema):
    """Without `area` your own; without a `kind` the one that most households lack."""

    area: AreaCode | None = None
    kind: ShortCode = ""


class CircleIn(KindIn):
    by: Literal["", "grid", "community"] = ""


class SpotIn(KindIn):
    lon: Degrees
    lat: Degrees


class KindOut(Schema):
    """A kind of facility: within how far it should be and who says so, the share of households it reaches."""

    code: str
    name: str
    metres: int
    minutes: int
    source: str
    facilities: int
    share: float
    unserved: int


class CirclePartOut(Schema):
    """A grid or community: its score from 0 to 100, and what fewest of its households reach."""

    name: str
    households: int
    score: int | None
    gaps: str


class SiteOut(Schema):
    """A spot where one more of the kind would serve most households that have none."""

    name: str
    gained: int
    lon: float
    lat: float


class CircleOut(Schema):
    """`whole`: households that reach every kind; `stranded`: buildings no street leads to; `is_makeshift`: no streets
    are known, neighbours were walked.
    """

    area_code: str
    area: str
    score: int | None
    households: int
    whole: int
    stranded: int
    is_makeshift: bool
    kind: KindOut
    kinds: list[KindOut]
    by: str
    parts: list[CirclePartOut]
    sites: list[SiteOut]


class WhatIfOut(Schema):
    """`gained` is empty far from every street."""

    kind: str
    gained: int | None
    unserved: int


def _measured(request: Request, asked: KindIn, *, now: datetime) -> tuple[Area, CircleOf]:
    area = access.area_to(access.SEE, request.user, asked.area or "", now=now)
    return area, pages.measured_circle(area, on=timezone.localdate(now))


@router.get("/planning/circle", response={200: CircleOut, **REFUSALS})
def life_circle(request: Request, asked: Query[CircleIn]) -> CircleOut:
    """生活圈 of an area: every kind, its parts, and the next best sites of one kind."""
    area, circle = _measured(request, asked, now=timezone.now())
    return _circle_out(pages.circle_page(circle, area, kind_code=asked.kind, by=asked.by))


def _circle_out(page: CirclePage) -> CircleOut:
    return CircleOut(
        area_code=page.area_code,
        area=page.area,
        score=page.score,
        households=page.households,
        whole=page.whole,
        stranded=page.stranded,
        is_makeshift=page.is_makeshift,
        kind=KindOut.from_orm(page.kind),
        kinds=[KindOut.from_orm(one) for one in page.kinds],
        by=page.by,
        parts=[CirclePartOut.from_orm(one) for one in page.parts],
        sites=[SiteOut.from_orm(one) for one in page.sites],
    )


@router.get("/planning/circle/geojson", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def life_circle_geojson(request: Request, area: AreaCode | None = None) -> HttpResponse:
    """Every building as a point with its way in m to each kind."""
    _area, circle = _measured(request, KindIn(area=area), now=timezone.now())
    return HttpResponse(pages.circle_geojson(circle), content_type=GEOJSON)


@router.get("/planning/circle/facilities", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def life_circle_facilities(request: Request, asked: Query[KindIn]) -> HttpResponse:
    """The facilities of one kind in and around an area."""
    _area, circle = _measured(request, asked, now=timezone.now())
    return JsonResponse(
        pages.facility_points(circle, asked.kind), content_type=GEOJSON, json_dumps_params={"ensure_ascii": False}
    )


@router.get("/planning/circle/what-if", response={200: WhatIfOut, **REFUSALS})
def life_circle_what_if(request: Request, asked: Query[SpotIn]) -> WhatIf:
    """Whom one more facility of the kind at a spot would be the first to serve."""
    _area, circle = _measured(request, asked, now=timezone.now())
    return pages.what_if(circle, kind_code=asked.kind, lon=str(asked.lon), lat=str(asked.lat))
