"""A plan is put in force from a day on: the last look, what it changed, lists and notices to take away."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.core.errors import Refused
from mulin.domains.planning import access
from mulin.domains.planning.models import PublicationState
from mulin.domains.planning.notice_pdf import notices_pdf
from mulin.domains.planning.pages import publications
from mulin.domains.planning.pages.drafts import NoPlanYet
from mulin.domains.planning.pages.notices import notice_data
from mulin.domains.planning.services import publishing
from mulin.domains.planning.states import PUBLISH, SEE
from mulin.domains.planning.views.forms import PublishForm
from mulin.web.fragments import go_to
from mulin.web.guards import needs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
@needs(PUBLISH)
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    draft = access.draft_to(PUBLISH, request.user, draft_id, now=now)
    if draft.head is None:
        raise NoPlanYet
    initial = {"from_date": draft.from_date or today + timedelta(days=1), "seen": draft.head_id}
    form = PublishForm(request.POST or None, initial=initial)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            state = publishing.put_in_force(
                actor=access.planner(request.user, PUBLISH), draft=draft, now=now, **form.cleaned_data
            )
        except Refused as refused:
            refusal = refused
        else:
            _tell(request, state)
            return go_to(request, reverse("planning:publication", args=[draft.pk]))
    page = publications.publish_page(draft, today=today)
    context = {"page": page, "form": form, "refusal": refusal, "draft": draft}
    status = 200 if request.method == "GET" else (refusal.status if refusal else 422)
    return render(request, "planning/publish.html", context, status=status)


def _tell(request: HttpRequest, state: PublicationState) -> None:
    if state == PublicationState.CARRIED_OUT:
        messages.success(request, _("方案已生效。"))
    elif state == PublicationState.SCHEDULED:
        messages.success(request, _("已定生效日期，到那一天自动生效。"))
    else:
        messages.error(request, _("方案没有生效，原因见下。"))


@require_POST
@needs(PUBLISH)
def recall(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = access.draft_to(PUBLISH, request.user, draft_id, now=timezone.now())
    publishing.recall(actor=access.planner(request.user, PUBLISH), draft=draft, now=timezone.now())
    messages.success(request, _("已撤回，可以继续修改。"))
    return go_to(request, reverse("planning:draft", args=[draft.pk]))


@require_GET
@needs(SEE)
def publication(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.publication_to_see(request.user, draft_id, now=now)
    page = publications.publication_page(found, now=now)
    return render(request, "planning/publication.html", {"page": page, "draft": found.draft})


@require_GET
@needs(SEE)
def household_changes(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.publication_to_see(request.user, draft_id, now=timezone.now())
    pieces = publications.household_sheet(found)
    headers = {"Content-Disposition": f'attachment; filename="grid-changes-{found.from_date:%Y-%m-%d}.xlsx"'}
    return HttpResponse(pieces, content_type=XLSX, headers=headers)


@require_GET
@needs(SEE)
def notices(request: HttpRequest, draft_id: int) -> HttpResponse:
    now = timezone.now()
    found = access.publication_to_see(request.user, draft_id, now=now)
    after = request.GET.get("after", "")
    data = notice_data(found, after=int(after) if after.isdecimal() and len(after) < 19 else 0, now=now)
    headers = {"Content-Disposition": f'inline; filename="notices-{found.from_date:%Y-%m-%d}.pdf"'}
    return HttpResponse(notices_pdf(data), content_type="application/pdf", headers=headers)
