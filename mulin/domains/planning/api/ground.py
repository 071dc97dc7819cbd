"""规划底数: files of ground truth on their way in. The worker reads, checks and lets them in; nothing waits here."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import File, Form, Query, Router, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.api.ground_schemas import (
    FileIn,
    FindingsIn,
    GroundImportOut,
    GroundImportsOut,
    LayerIn,
    ReadingIn,
    import_out,
    imports_out,
)
from mulin.domains.planning.api.values import ANSWERS_GEOJSON, GEOJSON
from mulin.domains.planning.models import GroundImport
from mulin.domains.planning.pages import ground_imports as pages
from mulin.domains.planning.queries import ground_imports as queries
from mulin.domains.planning.services import ground_applying
from mulin.domains.planning.services import ground_imports as services
from mulin.domains.planning.uploads import FORM_BYTES, MOST_GROUND_BYTES, digest_of
from mulin.web.api import REFUSALS, WRITE, Id, Recognised, answers_file, once, plain
from mulin.web.uploads import call_takes_files

CSV = "text/csv"

router = Router(tags=["planning"])
takes_ground = call_takes_files(
    most_bytes_each=MOST_GROUND_BYTES, most_files=1, most_bytes=MOST_GROUND_BYTES + FORM_BYTES
)

Request = Recognised[User]


@router.get("/planning/ground", response={200: GroundImportsOut, **REFUSALS})
def ground_imports(request: Request, after: Id | None = None) -> GroundImportsOut:
    """How complete the ground is, and 导入 of your county, latest first, 50 to a page."""
    own = access.own_areas(request.user, now=timezone.now())
    return imports_out(queries.imports_page(own, before=after), queries.figures(min(own)), area_code=min(own))


@router.post("/planning/ground", response={201: GroundImportOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(takes_ground)
def import_ground(request: Request, asked: Form[FileIn], file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """上传 a file: GeoJSON, GeoPackage, zipped Shapefile, xlsx or csv, up to 200 MB. The worker reads it next."""
    now = timezone.now()
    area = access.area_to(access.IMPORT, request.user, "", now=now)

    def do() -> dict[str, Any]:
        job = services.stage(
            actor=request.user,
            kind=asked.kind,
            area_code=area.code,
            file=file.chunks(),
            file_name=file.name or "",
            source=asked.source,
            now=now,
        )
        return _told(request, job.pk)

    return Status(201, once(request, [asked.model_dump(mode="json"), file.name, digest_of(file)], do))


def _told(request: Request, import_id: int) -> dict[str, Any]:
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    return plain(GroundImportOut, _out(request, job, FindingsIn()))


def _out(request: Request, job: GroundImport, asked: FindingsIn) -> GroundImportOut:
    may = access.may_import(request.user, job, now=timezone.now())
    return import_out(job, pages.import_page(job, code=asked.code, after=asked.after, may_import=may))


@router.get("/planning/ground/{import_id}", response={200: GroundImportOut, **REFUSALS})
def ground_import(request: Request, import_id: Id, asked: Query[FindingsIn]) -> GroundImportOut:
    """One import: its columns and coordinates, how far it is, what was found, row by row, 50 rows to a page."""
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    return _out(request, job, asked)


@router.post("/planning/ground/{import_id}/layer", response={200: GroundImportOut, **REFUSALS}, openapi_extra=WRITE)
def choose_ground_layer(request: Request, import_id: Id, asked: LayerIn) -> dict[str, Any]:
    """Read another layer of the file."""
    now = timezone.now()
    return _done(
        request,
        import_id,
        asked.model_dump(),
        lambda job: services.choose_layer(actor=request.user, job=job, layer=asked.layer, now=now),
    )


@router.post("/planning/ground/{import_id}/check", response={200: GroundImportOut, **REFUSALS}, openapi_extra=WRITE)
def check_ground(request: Request, import_id: Id, asked: ReadingIn) -> dict[str, Any]:
    """检查 with these columns, coordinates and repairs; it is queued, and nothing goes in by it."""
    now = timezone.now()
    return _done(
        request,
        import_id,
        asked.model_dump(mode="json"),
        lambda job: services.ask_check(
            actor=request.user,
            job=job,
            crs=asked.crs,
            columns={field: column for field, column in asked.columns.items() if column},
            repairs=[repair.value for repair in asked.repairs],
            now=now,
        ),
    )


@router.post("/planning/ground/{import_id}/let-in", response={200: GroundImportOut, **REFUSALS}, openapi_extra=WRITE)
def let_ground_in(request: Request, import_id: Id) -> dict[str, Any]:
    """导入 the rows that are ready; it is queued."""
    now = timezone.now()
    return _done(request, import_id, {}, lambda job: ground_applying.begin(actor=request.user, job=job, now=now))


@router.post("/planning/ground/{import_id}/abandon", response={200: GroundImportOut, **REFUSALS}, openapi_extra=WRITE)
def abandon_ground(request: Request, import_id: Id) -> dict[str, Any]:
    """放弃: file and checked rows go; what is in stays in."""
    now = timezone.now()
    return _done(request, import_id, {}, lambda job: services.abandon(actor=request.user, job=job, now=now))


def _done(request: Request, import_id: int, content: object, act: Callable[[GroundImport], object]) -> dict[str, Any]:
    job = access.import_to(access.IMPORT, request.user, import_id, now=timezone.now())

    def do() -> dict[str, Any]:
        act(job)
        return _told(request, import_id)

    return once(request, content, do)


@router.get(
    "/planning/ground/{import_id}/findings-geojson",
    response={200: None, **REFUSALS},
    openapi_extra=ANSWERS_GEOJSON,
)
def ground_findings_map(request: Request, import_id: Id, outlines: bool = False) -> HttpResponse:
    """A point for each row with a fault, or its outline as it is in the file; the first 5,000."""
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    found = pages.findings_geojson(queries.drawn_findings(job), outlines=outlines)
    return JsonResponse(found, content_type=GEOJSON, json_dumps_params={"ensure_ascii": False})


@router.get(
    "/planning/ground/{import_id}/findings-csv", response={200: None, **REFUSALS}, openapi_extra=answers_file(CSV)
)
def ground_findings_file(request: Request, import_id: Id) -> HttpResponse:
    """Every fault as a table for whoever mends the file."""
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    return HttpResponse("".join(pages.findings_csv(job)), content_type=f"{CSV}; charset=utf-8")
