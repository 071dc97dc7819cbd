"""Departments' nets at the desk: take them in, see how they differ, make one; look an old code up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from mulin.core.errors import Invalid, Refused
from mulin.domains.planning import access
from mulin.domains.planning.importing.coordinates import CHOICES
from mulin.domains.planning.pages import nets as pages
from mulin.domains.planning.services import nets as services
from mulin.kernels.partition.problem import Bounds
from mulin.web.fragments import go_to
from mulin.web.guards import needs
from mulin.web.uploads import UploadTooLarge, files_cut_off, takes_files

MOST_BYTES = 50_000_000
MOST_FILES = 10
MOST_BUILDINGS = 3_000
"""What is merged while somebody waits; a whole district is merged from the terminal."""
SECONDS = 4.0
BOUNDS = Bounds()
SHOWN_PROBLEMS = 8


class NoNetFiles(Invalid):
    code = "net_files_missing"
    sentence = gettext_lazy("没有选择文件。")
    remedy = gettext_lazy("请选择 1 到 10 个文件：GeoJSON、GeoPackage、打包的 Shapefile、xlsx 或 csv。")


class TooLargeToMerge(Invalid):
    code = "nets_too_large"
    sentence = gettext_lazy("这个范围内的楼栋太多，页面上算不完。")
    remedy = gettext_lazy("请选一个街道，或用命令行 mulin plan merge。")


@require_GET
@needs(access.SEE)
def overview(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    own = access.area_to(access.SEE, request.user, "", now=now)
    area = access.area_to(access.SEE, request.user, request.GET.get("area", ""), now=now)
    laid, problem = None, ""
    try:
        laid = services.lay_kept(actor=None, area_code=area.code, now=now)
    except Refused as refusal:
        problem = f"{refusal.sentence} {refusal.remedy}"
    page = pages.nets_page(area, own=own, laid=laid, problem=problem, bounds=BOUNDS)
    return render(request, "planning/nets.html", {"page": page, "systems": CHOICES})


@takes_files(most_bytes_each=MOST_BYTES, most_bytes=MOST_BYTES * 2)
@require_POST
@needs(access.DRAFT)
def add(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    actor = access.planner(request.user, access.DRAFT)
    area = access.area_to(access.DRAFT, request.user, request.POST.get("area", ""), now=now)
    files = request.FILES.getlist("files")
    if files_cut_off(request):
        raise UploadTooLarge
    if not 0 < len(files) <= MOST_FILES:
        raise NoNetFiles
    with _on_disk(files) as paths:
        laid = services.lay_files(
            actor=actor,
            area_code=area.code,
            paths=paths,
            crs=request.POST.get("crs", ""),
            department=request.POST.get("department", "").strip(),
            repair="repair" in request.POST,
            now=now,
        )
    kept = services.keep_nets(actor=actor, laid=laid, now=now)
    messages.success(request, _("已保存 {count} 个部门的网格。").format(count=len(kept)))
    for problem in laid.read.problems[:SHOWN_PROBLEMS]:
        messages.warning(request, pages.problem_line(problem))
    return go_to(request, f"{reverse('planning:nets')}?area={area.code}")


@contextmanager
def _on_disk(files: "Sequence[UploadedFile[Any]]") -> Iterator[list[Path]]:
    """Write uploads under their own last name, which says their format, in a folder that goes again."""
    with TemporaryDirectory(prefix="mulin-nets-") as folder:
        paths = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number) / (PurePosixPath(file.name or "").name or "file")
            path.parent.mkdir()
            with path.open("wb") as written:
                for chunk in file.chunks():
                    written.write(chunk)
            paths.append(path)
        yield paths


@require_POST
@needs(access.DRAFT)
def merge(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    actor = access.planner(request.user, access.DRAFT)
    area = access.area_to(access.DRAFT, request.user, request.POST.get("area", ""), now=now)
    laid = services.lay_kept(actor=actor, area_code=area.code, now=now)
    if len(laid.arrays) > MOST_BUILDINGS:
        raise TooLargeToMerge
    merged = services.merge_laid(actor=actor, laid=laid, bounds=BOUNDS, seconds=SECONDS)
    draft = services.draft_of_merge(
        actor=actor, area_code=area.code, merged=merged, bounds=BOUNDS,
        name=_("{area}并网方案").format(area=area.name), now=now,
    )  # fmt: skip
    return go_to(request, reverse("planning:draft", args=[draft.pk]))


@require_GET
@needs(access.SEE)
def cross_walk(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    page = pages.cross_walk_page(
        access.own_areas(request.user, now=now),
        department=request.GET.get("department", "")[:60],
        code=request.GET.get("code", "").strip()[:60],
        on=pages.day_or_today(request.GET.get("on", ""), now=now),
    )
    return render(request, "planning/crosswalk.html", {"page": page})
