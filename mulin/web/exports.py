"""One's own exports: what there is, why it was made, until when; nobody else gets the file."""

from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mulin.core.audit.recording import Actor
from mulin.core.exports import queries, services
from mulin.web.guards import signed_in

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@never_cache
@require_GET
@signed_in
def exports(request: HttpRequest) -> HttpResponse:
    made = queries.made_by(cast(Actor, request.user))
    return render(request, "mulin/exports.html", {"made": made, "now": timezone.now()})


@require_GET
@signed_in
def download(request: HttpRequest, export_id: int) -> HttpResponse:
    return cast(HttpResponse, file_for(cast(Actor, request.user), export_id))


def file_for(person: Actor, export_id: int) -> FileResponse:
    """Answer the file to its maker; raises ExportUnknown."""
    now = timezone.now()
    export = queries.export_for(person, export_id, now=now)
    path = services.take(actor=person, export=export, now=now)
    return FileResponse(path.open("rb"), as_attachment=True, filename=export.name, headers=HEADERS)
