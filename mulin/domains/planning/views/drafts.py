"""Drafts of grids: the list, one plan on the map, what a desk does to it, two beside each other."""

import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from mulin.core.errors import Invalid
from mulin.domains.accounts.models import User
from mulin.domains.planning import access
from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.pages import comparing, drafts
from mulin.domains.planning.pages.drafts import PlanView, Rights
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.services import drafting, editing
from mulin.domains.planning.states import AT_WORK, DRAFT, SEE
from mulin.domains.planning.views.forms import AskForm
from mulin.web.fragments import go_to
from mulin.web.guards import needs

LONGEST_BODY = 1_000_000
GZIP_LEVEL = 3


class BodyInvalid(Invalid):
    code = "draft_body_invalid"
    sentence = gettext_lazy("这一步的内容看不懂。")
    remedy = gettext_lazy("请刷新页面后再试。")


@require_GET
@needs(SEE)
def overview(request: HttpRequest) -> HttpResponse:
    own = access.own_areas(request.user, now=timezone.now())
    after = request.GET.get("after", "")
    found = plans.listed(own, after=int(after) if after.isdecimal() and len(after) < 19 else None)
    may_ask = request.user.has_perm(DRAFT)
    form = AskForm(areas=drafts.areas_below(own), initial={"area": min(own)}) if may_ask else None
    context = {
        "rows": drafts.rows(found),
        "form": form,
        "next_key": str(found[-1].pk) if len(found) == plans.LIST_LENGTH else None,
    }
    return render(request, "planning/drafts.html", context)


@require_POST
@needs(DRAFT)
def ask(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    own = access.own_areas(request.user, now=now)
    form = AskForm(request.POST, areas=drafts.areas_below(own))
    if not form.is_valid():
        context = {"rows": drafts.rows(plans.listed(own)), "form": form, "next_key": None}
        return render(request, "planning/drafts.html", context, status=422)
    area = access.area_to(DRAFT, request.user, form.cleaned_data["area"], now=now)
    draft = drafting.ask_draft(actor=_user(request), area_code=area.code, wish=form.wish(), now=now)
    return go_to(request, reverse("planning:draft", args=[draft.pk]))


@require_GET
@needs(SEE)
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    rights = _rights(request, found)
    comments = plans.comments_of(found.pk)
    names = drafts.names_in(found) if comments else {}
    context = {
        "page": drafts.draft_page(found, rights),
        "panel": drafts.panel(found, found.head, rights, names or drafts.names_in(found)),
        "comments": [(one, names.get(one.label, "") if one.label is not None else "") for one in comments],
        "others": plans.siblings(found),
        "draft": found,
    }
    return render(request, "planning/draft.html", context)


@require_GET
@needs(SEE)
def draft_ground(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The buildings of a draft as GeoJSON, numbered as in its plan."""
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    if found.snapshot_id is None:
        return JsonResponse({"type": "FeatureCollection", "features": []})
    body = drafts.ground_data(found.snapshot_id)
    headers = {"Content-Encoding": "gzip"}
    return HttpResponse(body, content_type="application/geo+json", headers=headers)


@require_GET
@needs(SEE)
def draft_plan(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The plan as it is, or while it is computed the one saved last."""
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    is_at_work = found.state in AT_WORK
    view = drafts.shown_plan(found)
    data: dict[str, Any] = {"head": found.head_id, "state": found.state, "at_work": is_at_work, "labels": []}
    if view is not None:
        data |= drafts.plan_data(view, drawn=not is_at_work or len(view.grid) <= drafts.DRAWN_WHILE_COMPUTING)
    names = view.names if view is not None else {}
    data |= _beside(request, found, found.head, names)
    return _compressed(data)


def _compressed(data: dict[str, Any]) -> HttpResponse:
    body = gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), GZIP_LEVEL)
    return HttpResponse(body, content_type="application/json", headers={"Content-Encoding": "gzip"})


@require_POST
@needs(DRAFT)
def draft_move(request: HttpRequest, draft_id: int) -> HttpResponse:
    body = _body(request)
    buildings, to = body.get("buildings"), _whole(body, "to")
    if not isinstance(buildings, list) or not all(_is_whole(one) for one in buildings):
        raise BodyInvalid
    return _edited(
        request,
        draft_id,
        body,
        lambda user, found, seen: editing.move_buildings(
            actor=user, draft=found, seen=seen, buildings=buildings, to=to, now=timezone.now()
        ),
    )


@require_POST
@needs(DRAFT)
def draft_undo(request: HttpRequest, draft_id: int) -> HttpResponse:
    return _edited(
        request,
        draft_id,
        _body(request),
        lambda user, found, seen: editing.undo(actor=user, draft=found, seen=seen, now=timezone.now()),
    )


@require_POST
@needs(DRAFT)
def draft_redo(request: HttpRequest, draft_id: int) -> HttpResponse:
    return _edited(
        request,
        draft_id,
        _body(request),
        lambda user, found, seen: editing.redo(actor=user, draft=found, seen=seen, now=timezone.now()),
    )


@require_POST
@needs(DRAFT)
def draft_lock(request: HttpRequest, draft_id: int) -> HttpResponse:
    body = _body(request)
    label, is_locked = _whole(body, "grid"), bool(body.get("locked"))
    return _edited(
        request,
        draft_id,
        body,
        lambda user, found, seen: editing.lock_grid(
            actor=user, draft=found, seen=seen, label=label, is_locked=is_locked, now=timezone.now()
        ),
    )


Edit = Callable[[User, Draft, int], PlanVersion]


def _edited(request: HttpRequest, draft_id: int, body: dict[str, Any], edit: Edit) -> HttpResponse:
    """Do an edit and answer what is different on the map, with the panel beside it."""
    found = access.draft_to(DRAFT, request.user, draft_id, now=timezone.now())
    seen = _whole(body, "seen")
    if found.head is None or found.snapshot_id is None:
        raise BodyInvalid
    before = plans.plan_of(found.head)
    version = edit(_user(request), found, seen)
    found.head = version
    view = PlanView.of(version.snapshot_id, plans.plan_of(version), version.locked)
    data = drafts.moved_data(view, before)
    data |= {"head": version.pk, "locked": version.locked} | _beside(request, found, version, view.names)
    return JsonResponse(data)


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > LONGEST_BODY:
        raise BodyInvalid
    try:
        body = json.loads(request.body)
    except ValueError:
        raise BodyInvalid from None
    if not isinstance(body, dict):
        raise BodyInvalid
    return body


def _whole(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or not _is_whole(value):
        raise BodyInvalid
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62


def _beside(request: HttpRequest, found: Draft, version: PlanVersion | None, names: Any) -> dict[str, Any]:
    """Return what stands beside the map, and the grids it marks because they bend a rule."""
    panel = drafts.panel(found, version, _rights(request, found), names)
    context = {"panel": panel, "draft": found}
    html = render_to_string("planning/parts/draft_panel.html", context, request=request)
    return {"panel": html, "bent": dict(panel.bent)}


def _rights(request: HttpRequest, found: Draft) -> Rights:
    return drafts.rights_of(request.user, found, now=timezone.now())


def _user(request: HttpRequest) -> User:
    return access.planner(request.user, SEE)


@require_POST
@needs(SEE)
def draft_comment(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    label = request.POST.get("grid", "")
    editing.comment(
        actor=_user(request),
        draft=found,
        text=request.POST.get("text", ""),
        label=int(label) if label.isdecimal() and len(label) < 10 else None,
        now=timezone.now(),
    )
    return go_to(request, f"{_address(found)}#comments")


@require_POST
@needs(DRAFT)
def draft_stop(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(DRAFT, request.user, draft_id, now=timezone.now())
    drafting.stop(actor=_user(request), draft=found, now=timezone.now())
    return go_to(request, _address(found))


@require_POST
@needs(DRAFT)
def draft_improve(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(DRAFT, request.user, draft_id, now=timezone.now())
    seconds = request.POST.get("seconds", "")
    drafting.improve(
        actor=_user(request),
        draft=found,
        time_limit_s=int(seconds) if seconds.isdecimal() and len(seconds) < 6 else found.time_limit_s,
        now=timezone.now(),
    )
    return go_to(request, _address(found))


@require_POST
@needs(DRAFT)
def draft_refresh(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Take in what was built, pulled down or moved since the draft was begun."""
    now = timezone.now()
    found = access.draft_to(DRAFT, request.user, draft_id, now=now)
    arrays = ground.problem_of(found.area_code, on=timezone.localdate(now))
    editing.refresh_ground(actor=_user(request), draft=found, arrays=arrays, now=now)
    messages.success(request, _("底数已更新，新楼栋先归入最近的网格。"))
    return go_to(request, _address(found))


@require_POST
@needs(DRAFT)
def draft_discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(DRAFT, request.user, draft_id, now=timezone.now())
    drafting.discard(actor=_user(request), draft=found, now=timezone.now())
    messages.success(request, _("草案“{name}”已作废。").format(name=found.name))
    return go_to(request, reverse("planning:drafts"))


def _address(found: Draft) -> str:
    return reverse("planning:draft", args=[found.pk])


@require_GET
@needs(SEE)
def compare(request: HttpRequest, draft_id: int, other_id: int) -> HttpResponse:
    now = timezone.now()
    pair: Sequence[Draft] = [access.draft_to(SEE, request.user, pk, now=now) for pk in (draft_id, other_id)]
    return render(request, "planning/compare.html", {"page": comparing.comparison(*pair)})


@require_GET
@needs(SEE)
def changes(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What gets another grid than today's, and why."""
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    return render(request, "planning/compare.html", {"page": comparing.changes(found), "draft": found})


@require_GET
@needs(SEE)
def as_geojson(request: HttpRequest, draft_id: int) -> HttpResponse:
    found = access.draft_to(SEE, request.user, draft_id, now=timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="draft-{found.pk}.geojson"'}
    return HttpResponse(drafts.plan_geojson(found), content_type="application/geo+json", headers=headers)
