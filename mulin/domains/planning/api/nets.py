"""各部门网格: taken in, compared as they stand, made one."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.draft_schemas import DraftOut, draft_out
from mulin.domains.planning.api.values import ANSWERS_GEOJSON, GEOJSON, ShortCode, Source
from mulin.domains.planning.pages import nets as pages
from mulin.domains.planning.pages.nets import Compared
from mulin.domains.planning.queries import nets as queries
from mulin.domains.planning.services import nets as services
from mulin.domains.planning.uploads import FORM_BYTES, MOST_NET_BYTES, MOST_NET_FILES, digest_of, nets_on_disk
from mulin.web.api import REFUSALS, WRITE, AreaCode, Recognised, once, plain
from mulin.web.uploads import call_takes_files

MOST_PROBLEMS = 200

router = Router(tags=["planning"])
takes_nets = call_takes_files(
    most_bytes_each=MOST_NET_BYTES, most_files=MOST_NET_FILES, most_bytes=2 * MOST_NET_BYTES + FORM_BYTES
)

Request = Recognised[User]


class NetOut(Schema):
    """A department's net with its faults: buildings in no grid or in several, grids in pieces, ground shared in ha."""

    department: str
    grids: int
    without_grid: int
    in_several: int
    outside: int
    broken: int
    overlap_ha: float
    unknown: list[str]


class DifferenceOut(Schema):
    """How far two nets are apart: households that would have another grid, and ground."""

    first: str
    second: str
    households: int
    share: float
    area_ha: float


class NetsOut(Schema):
    area_code: str
    buildings: int
    households: int
    nets: list[NetOut]
    differences: list[DifferenceOut]


class NetFilesIn(Schema):
    """Without `area` your own. `department` where the files do not say it; `repair` mends outlines that cross
    themselves.
    """

    area: AreaCode | None = None
    crs: ShortCode = ""
    department: Source = ""
    repair: bool = False


class KeptNetsOut(Schema):
    """`problems` are the rows that were not taken, or taken after a repair, at most 200."""

    departments: list[str]
    problems: list[str]


class AreaIn(Schema):
    area: AreaCode | None = None


def _compared(request: Request, area: str | None) -> tuple[str, Compared | None]:
    now = timezone.now()
    found = access.area_to(access.SEE, request.user, area or "", now=now)
    laid = services.lay_kept(actor=None, area_code=found.code, now=now)
    return found.code, pages.compared(laid, services.BOUNDS) if laid.laid else None


@router.get("/planning/nets", response={200: NetsOut, **REFUSALS})
def department_nets(request: Request, area: AreaCode | None = None) -> NetsOut:
    """The nets kept for an area, without it your own, and how they differ."""
    area_code, found = _compared(request, area)
    return NetsOut(
        area_code=area_code,
        buildings=found.buildings if found else 0,
        households=found.households if found else 0,
        nets=[NetOut.from_orm(one) for one in found.nets] if found else [],
        differences=[DifferenceOut.from_orm(one) for one in found.differences] if found else [],
    )


@router.get("/planning/nets/geojson", response={200: None, **REFUSALS}, openapi_extra=ANSWERS_GEOJSON)
def department_nets_geojson(request: Request, area: AreaCode | None = None) -> HttpResponse:
    """The outlines of every department's grids, for other maps."""
    _area_code, found = _compared(request, area)
    return JsonResponse(pages.nets_geojson(found), content_type=GEOJSON, json_dumps_params={"ensure_ascii": False})


@router.post("/planning/nets", response={201: KeptNetsOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(takes_nets)
def add_nets(request: Request, asked: Form[NetFilesIn], files: File[list[UploadedFile]]) -> Status[dict[str, Any]]:
    """导入部门网格: up to 10 files; a department's earlier net of the area gives way."""
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, asked.area or "", now=now)
    with nets_on_disk(files) as paths:
        laid = services.lay_files(
            actor=request.user,
            area_code=area.code,
            paths=paths,
            crs=asked.crs,
            department=asked.department.strip(),
            repair=asked.repair,
            now=now,
        )

    def do() -> dict[str, Any]:
        kept = services.keep_nets(actor=request.user, laid=laid, now=now)
        problems = [pages.problem_line(one) for one in laid.read.problems[:MOST_PROBLEMS]]
        return {"departments": [net.department for net in kept], "problems": problems}

    content = [asked.model_dump(), [(file.name, digest_of(file)) for file in files]]
    return Status(201, once(request, content, do))


@router.post("/planning/nets/merge", response={201: DraftOut, **REFUSALS}, openapi_extra=WRITE)
def merge_nets(request: Request, asked: AreaIn) -> Status[dict[str, Any]]:
    """并网: one net of least change as a draft, ready to be changed; of at most 3,000 buildings, within seconds."""
    now = timezone.now()
    area = access.area_to(access.DRAFT, request.user, asked.area or "", now=now)
    merged = services.merge_kept(actor=request.user, area_code=area.code, now=now)

    def do() -> dict[str, Any]:
        made = services.draft_of_merge(
            actor=request.user,
            area_code=area.code,
            merged=merged,
            bounds=services.BOUNDS,
            name=pages.merged_name(area),
            now=now,
        )
        return plain(
            DraftOut,
            draft_out(request.user, access.draft_to(access.SEE, request.user, made.pk, now=now), now=now),
        )

    return Status(201, once(request, asked.model_dump(), do))


@router.get("/planning/departments", response={200: list[str], **REFUSALS})
def net_departments(request: Request) -> list[str]:
    """The departments whose nets of your areas are kept."""
    return queries.departments(access.own_areas(request.user, now=timezone.now()))
