"""Imports of ground truth: the list, a new file, what was found in it, repairs, letting it in."""

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.core.errors import Invalid, Refused
from mulin.domains.planning import access
from mulin.domains.planning.importing.findings import Repair
from mulin.domains.planning.importing.kinds import FIELDS, GroundKind
from mulin.domains.planning.models import GroundImport
from mulin.domains.planning.pages import ground_imports as pages
from mulin.domains.planning.queries import ground_imports
from mulin.domains.planning.services import ground_applying
from mulin.domains.planning.services import ground_imports as services
from mulin.domains.planning.uploads import BYTES_PER_MB, FORM_BYTES, MOST_GROUND_BYTES, GroundFileTooLarge
from mulin.web.fragments import go_to, page_or_part, wants_part
from mulin.web.guards import needs
from mulin.web.uploads import files_cut_off, takes_files


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("里面是什么"), choices=GroundKind.choices, initial=GroundKind.BUILDINGS)
    file = forms.FileField(label=_("文件"), allow_empty_file=True)
    source = forms.CharField(label=_("来自哪里"), max_length=60, required=False)


@require_GET
@needs(access.SEE)
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    own = access.own_areas(request.user, now=now)
    before = request.GET.get("after", "")
    area = min(own)
    page = pages.imports_page(
        ground_imports.imports_page(own, before=int(before) if before.isdecimal() and len(before) < 19 else None),
        area=area,
        figures=ground_imports.figures(area),
        may_import=request.user.has_perm(access.IMPORT),
    )
    return render(request, "planning/ground.html", {"page": page})


@takes_files(most_bytes_each=MOST_GROUND_BYTES, most_bytes=MOST_GROUND_BYTES + FORM_BYTES)
@require_http_methods(["GET", "POST"])
@needs(access.IMPORT)
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _upload_page(request, UploadForm())
    now = timezone.now()
    area = access.area_to(access.IMPORT, request.user, "", now=now)
    form = UploadForm(request.POST, request.FILES)
    if files_cut_off(request):
        raise GroundFileTooLarge
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    file = form.cleaned_data["file"]
    job = services.stage(
        actor=access.planner(request.user, access.IMPORT),
        kind=GroundKind(form.cleaned_data["kind"]),
        area_code=area.code,
        file=file.chunks(),
        file_name=file.name or "",
        source=form.cleaned_data["source"],
        now=now,
    )
    return go_to(request, pages.url_of(job))


def _upload_page(request: HttpRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "most_mb": MOST_GROUND_BYTES // BYTES_PER_MB}
    return render(request, "planning/ground_new.html", context, status=status)


@require_GET
@needs(access.SEE)
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    return _page(request, access.import_to(access.SEE, request.user, import_id, now=timezone.now()))


def _page(request: HttpRequest, job: GroundImport, *, refusal: Refused | None = None) -> HttpResponse:
    after = request.GET.get("after", "")
    page = pages.import_page(
        job,
        code=request.GET.get("code", "")[:40],
        after=int(after) if after.isdecimal() and len(after) < 10 else -1,
        may_import=access.may_import(request.user, job, now=timezone.now()),
    )
    if wants_part(request) and not page.is_at_work:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return page_or_part(
        request,
        page="planning/ground_import.html",
        part="planning/parts/ground_progress.html",
        context={"page": page, "refusal": refusal},
        status=422 if refusal else 200,
    )


@require_POST
@needs(access.IMPORT)
def choose_layer(request: HttpRequest, import_id: int) -> HttpResponse:
    now = timezone.now()
    job = access.import_to(access.IMPORT, request.user, import_id, now=now)
    services.choose_layer(
        actor=access.planner(request.user, access.IMPORT), job=job, layer=request.POST.get("layer", ""), now=now
    )
    return go_to(request, pages.url_of(job))


@require_POST
@needs(access.IMPORT)
def check(request: HttpRequest, import_id: int) -> HttpResponse:
    """Check with the columns, coordinates and repairs chosen; what cannot be is said on the page."""
    now = timezone.now()
    job = access.import_to(access.IMPORT, request.user, import_id, now=now)
    fields = FIELDS[GroundKind(job.kind)]
    chosen = {field: request.POST.get(f"column-{field}", "") for field in fields}
    try:
        services.ask_check(
            actor=access.planner(request.user, access.IMPORT),
            job=job,
            crs=request.POST.get("epsg", "").strip()[:20] or request.POST.get("crs", ""),
            columns={field: column for field, column in chosen.items() if column},
            repairs=[code for code in request.POST.getlist("repair") if code in Repair.values],
            now=now,
        )
    except Invalid as refusal:
        return _page(request, job, refusal=refusal)
    return go_to(request, pages.url_of(job))


@require_POST
@needs(access.IMPORT)
def let_in(request: HttpRequest, import_id: int) -> HttpResponse:
    now = timezone.now()
    job = access.import_to(access.IMPORT, request.user, import_id, now=now)
    ground_applying.begin(actor=access.planner(request.user, access.IMPORT), job=job, now=now)
    return go_to(request, pages.url_of(job))


@require_POST
@needs(access.IMPORT)
def abandon(request: HttpRequest, import_id: int) -> HttpResponse:
    now = timezone.now()
    job = access.import_to(access.IMPORT, request.user, import_id, now=now)
    services.abandon(actor=access.planner(request.user, access.IMPORT), job=job, now=now)
    return go_to(request, pages.url_of(job))


@require_GET
@needs(access.SEE)
def findings_map(request: HttpRequest, import_id: int) -> HttpResponse:
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    outlines = request.GET.get("outlines") == "1"
    shapes = pages.findings_geojson(ground_imports.drawn_findings(job), outlines=outlines)
    return JsonResponse(shapes, content_type="application/geo+json")


@require_GET
@needs(access.SEE)
def findings_file(request: HttpRequest, import_id: int) -> HttpResponse:
    """Answer every fault as a table for whoever mends the file."""
    job = access.import_to(access.SEE, request.user, import_id, now=timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="ground-import-{job.pk}-findings.csv"'}
    body = "".join(pages.findings_csv(job))
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)
