"""What a resident opens on the phone, without signing in: report, receipt, follow, rate, photos."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mulin.core import codes
from mulin.core.errors import Invalid, Refused, TooMany
from mulin.core.idempotency import KeyInvalid, KeyReused, once
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, services
from mulin.domains.cases.engine import photos
from mulin.domains.cases.models import Satisfied, Solved
from mulin.domains.cases.pages import follow as follow_pages
from mulin.domains.cases.pages import photo as photo_pages
from mulin.domains.cases.pages import report as report_pages
from mulin.domains.cases.pages.report import PlaceCard, ReportForm, ReportPage
from mulin.domains.cases.views import incoming_photos
from mulin.domains.cases.views.incoming_photos import takes_photos
from mulin.domains.places.queries import Location
from mulin.web.guards import address_of, confidential, may_ask


@require_http_methods(["GET", "HEAD", "POST"])
@takes_photos
def report(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _file_report(request)
    page = report_pages.report_page(request.GET, ReportForm(), key=str(uuid4()), now=timezone.now())
    return _show(request, page)


def _show(request: HttpRequest, page: ReportPage, *, status: int = 200) -> HttpResponse:
    return render(request, "cases/resident/report.html", {"page": page, "form": page.form}, status=status)


def _file_report(request: HttpRequest) -> HttpResponse:
    """File what was sent; when something is wrong, show the page with everything typed still on it."""
    now, form = timezone.now(), ReportForm(request.POST)
    wrong = Wrong(request.POST.get("idempotency_key", "") or str(uuid4()))
    location = _location(request, wrong)
    if form.is_valid() and location is not None:
        try:
            return _filed(request, form, location, wrong.key)
        except Invalid as refusal:
            _explain(wrong, form, refusal)
        except KeyReused:
            wrong.key = str(uuid4())
            wrong.notice = _("刚才那件已经提交成功。如果这是另一件事，请再点一次“提交”。")
    page = report_pages.report_page(request.POST, form, key=wrong.key, now=now)
    page.notice, page.photo_errors = wrong.notice, wrong.photos
    page.place_error = wrong.place or page.place_error
    return _show(request, page, status=422)


@dataclass
class Wrong:
    """What was wrong beside the fields of the form."""

    key: str
    place: str = ""
    notice: str = ""
    photos: list[str] = field(default_factory=list)


def _location(request: HttpRequest, wrong: Wrong) -> Location | None:
    try:
        found = report_pages.place_named(request.POST)
    except Refused as refusal:
        wrong.place = f"{refusal.sentence}{refusal.remedy}"
        return None
    found = found or report_pages.district_of(request.POST.get("address_text", ""))
    if found is None:
        wrong.place = _("请告诉我们在哪里：搜楼栋、用手机定位，或者选社区。")
    return found


def _explain(wrong: Wrong, form: ReportForm, refusal: Refused) -> None:
    """Put what a service refused beside the field it is about."""
    sentence = f"{refusal.sentence}{refusal.remedy}"
    if refusal.code.startswith(("photo_", "too_many_photos")):
        number = refusal.details.get("number")
        wrong.photos.append(_("第 %(n)s 张：%(why)s") % {"n": number, "why": sentence} if number else sentence)
    elif refusal.code == KeyInvalid.code:
        wrong.key, wrong.notice = str(uuid4()), _("页面放得太久了，请再点一次“提交”。")
    else:
        form.add_error("text", sentence)


def _filed(request: HttpRequest, form: ReportForm, location: Location, key: str) -> HttpResponse:
    """File the report once however often it is sent, and lead to its receipt."""
    now = timezone.now()
    access.may_report(address_of(request), now=timezone.now())
    fields = form.cleaned_data
    category = report_pages.chosen_category(request.POST, location, now=now)
    stored = incoming_photos.stored(request)
    filed: list[bool] = []

    def file() -> dict[str, str]:
        asked = services.Report(
            fields["text"],
            category,
            location,
            address_text=fields["address_text"],
            contact=services.Contact(fields["name"], fields["phone"], fields["room"]),
            photos=stored,
        )
        case = services.report_case(actor=None, report=asked, now=now)
        filed.append(True)
        return {"code": case.receipt_code}

    content = [fields, category, location.place_id, [photo.sha256 for photo in stored]]
    try:
        answer = once(scope="report", key=key, content=content, now=now, do=file)
    finally:
        if not filed:
            photos.discard(stored)
    return HttpResponseRedirect(reverse("cases:receipt", args=[answer["code"]]))


@require_POST
@takes_photos
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest categories for the words so far. POST, so that nobody's words stand in a log of addresses."""
    may_ask(request)
    box = report_pages.category_box(request.POST, _known_place(request), now=timezone.now())
    return render(request, "cases/resident/parts/category_box.html", {"box": box})


def _known_place(request: HttpRequest) -> PlaceCard | None:
    try:
        return report_pages.place_card(request.POST)
    except Refused:
        return None


@require_GET
def report_place(request: HttpRequest) -> HttpResponse:
    """Say in words which place a point on the map or the phone's position is."""
    may_ask(request)
    context: dict[str, Any] = {}
    try:
        context["card"] = report_pages.place_card(request.GET)
    except Refused as refusal:
        context["refusal"] = refusal
    return render(request, "cases/resident/parts/point_place.html", context)


@require_POST
@takes_photos
def join(request: HttpRequest) -> HttpResponse:
    """我也遇到: join a neighbour's open case at the same building; the answer is a follow code of one's own."""
    now = timezone.now()
    location = report_pages.place_named(request.POST)
    case_id = request.POST.get("join", "")
    if location is None or not (case_id.isascii() and case_id.isdigit() and len(case_id) <= 18):
        raise access.CaseUnknown
    case = access.neighbours_case(location, int(case_id), now=now)
    access.may_report(address_of(request), now=timezone.now())
    said = {name: request.POST.get(name, "").replace("\x00", "") for name in ("text", "name", "phone", "room")}
    contact = services.Contact(said["name"], said["phone"], said["room"])

    def do() -> dict[str, str]:
        reporter = services.join_case(actor=None, case=case, words=said["text"], contact=contact, now=now)
        return {"code": reporter.follow_code}

    key = request.POST.get("idempotency_key", "")
    answer = once(scope="join", key=key, content=[case.pk, said], now=now, do=do)
    return HttpResponseRedirect(reverse("cases:receipt", args=[answer["code"]]))


@require_GET
@confidential
def receipt(request: HttpRequest, code: str) -> HttpResponseBase:
    page = _followed(request, code)
    follow_url = request.build_absolute_uri(reverse("cases:follow", args=[page.code]))
    context = {
        "page": page,
        "qr": segno.make(follow_url, error="m").png_data_uri(scale=6, border=3),
        "follow_url": follow_url,
    }
    return render(request, "cases/resident/receipt.html", context)


def _followed(request: HttpRequest, code: str) -> follow_pages.FollowPage:
    now = timezone.now()
    found = access.followed_case(code, address=address_of(request), now=now)
    return follow_pages.follow_page(found, codes.normalised(code), now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential
def follow_by_code(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code; a wrong one is said beside the field."""
    code = request.POST.get("code", "")
    context: dict[str, Any] = {"code": code}
    if request.method == "POST":
        try:
            access.followed_case(code, address=address_of(request), now=timezone.now())
            return HttpResponseRedirect(reverse("cases:follow", args=[codes.normalised(code)]))
        except codes.CodeUnknown as refusal:
            context["refusal"] = refusal
    return render(request, "cases/resident/follow_by_code.html", context, status=422 if "refusal" in context else 200)


@require_GET
@confidential
def follow(request: HttpRequest, code: str) -> HttpResponseBase:
    return _show_followed(request, code)


def _show_followed(request: HttpRequest, code: str, *, status: int = 200, **wrong: Any) -> HttpResponse:
    page = _followed(request, code)
    answers = [(Solved.YES, _("解决了")), (Solved.PARTLY, _("部分解决")), (Solved.NO, _("没解决"))]
    moods = [(Satisfied.YES, _("满意")), (Satisfied.BASICALLY, _("基本满意")), (Satisfied.NO, _("不满意"))]
    context = {"page": page, "solved_choices": answers, "satisfied_choices": moods, "asked": request.POST, **wrong}
    context["solved_icons"] = {"YES": "circle-check", "PARTLY": "adjustments", "NO": "circle-x"}
    return render(request, "cases/resident/follow.html", context, status=status)


def _acted(request: HttpRequest, code: str, move: str, do: Callable[[], object], done: str) -> HttpResponseBase:
    """Make a resident's move; what is refused is said on the page with everything typed still there."""
    try:
        do()
    except codes.CodeUnknown:
        raise
    except (TooMany, access.CaseUnknown):
        raise
    except Refused as refusal:
        return _show_followed(request, code, status=422, refusal=refusal, wrong_move=move)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("cases:follow", args=[codes.normalised(code)]))


@require_POST
@confidential
def rate(request: HttpRequest, code: str) -> HttpResponseBase:
    now, said = timezone.now(), request.POST

    def do() -> None:
        case = access.case_by_receipt(code, address=address_of(request), now=now, move="rate")
        services.rate(
            actor=None,
            case=case,
            solved=said.get("solved", ""),
            satisfied=said.get("satisfied", ""),
            note=said.get("note", "").replace("\x00", ""),
            now=now,
        )

    return _acted(request, code, "rate", do, _("评价已收到，谢谢您。"))


@require_POST
@confidential
def reopen(request: HttpRequest, code: str) -> HttpResponseBase:
    now = timezone.now()

    def do() -> None:
        case = access.case_by_receipt(code, address=address_of(request), now=now, move="reopen")
        services.reopen(actor=None, case=case, reason=request.POST.get("reason", "").replace("\x00", ""), now=now)

    return _acted(request, code, "reopen", do, _("已重新交办，查询码不变。"))


@require_POST
@confidential
def withdraw(request: HttpRequest, code: str) -> HttpResponseBase:
    now = timezone.now()

    def do() -> None:
        case = access.case_by_receipt(code, address=address_of(request), now=now, move="withdraw")
        services.withdraw(actor=None, case=case, reason=request.POST.get("reason", "").replace("\x00", ""), now=now)

    return _acted(request, code, "withdraw", do, _("已撤回。"))


@require_POST
@confidential
def confirm_phone(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send a code to the number that was left, or take the one that came back."""
    now, address = timezone.now(), address_of(request)
    own = access.own_data(code, address=address, now=now)
    if "phone_code" not in request.POST:
        services.ask_to_confirm_phone(actor=None, reporter=own.reporter, address=address, now=now)
        messages.success(request, _("验证码已发往您留的手机号，5 分钟内有效。"))
    elif services.confirm_phone(
        actor=None, case=own.case, reporter=own.reporter, code=request.POST["phone_code"], now=now
    ):
        messages.success(request, _("号码已确认，谢谢您。"))
    else:
        return _show_followed(request, code, status=422, wrong_move="confirm-phone")
    return HttpResponseRedirect(reverse("cases:follow", args=[codes.normalised(code)]))


@require_GET
def photo(request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """A photo of a case, for who has its code or may see the case."""
    viewer: User | access.Visitor = access.Visitor(address_of(request), request.GET.get("code", ""))
    if "code" not in request.GET:
        if not isinstance(request.user, User):
            raise access.CaseUnknown
        viewer = request.user
    found = access.photo_for(viewer, photo_id, now=timezone.now())
    return photo_pages.as_file(found)


urlpatterns = [
    path("report/", report, name="report"),
    path("report/suggest/", suggest, name="suggest"),
    path("report/place/", report_place, name="report-place"),
    path("report/join/", join, name="join"),
    path("receipt/<str:code>/", receipt, name="receipt"),
    path("follow/", follow_by_code, name="follow-by-code"),
    path("f/<str:code>/", follow, name="follow"),
    path("f/<str:code>/rate/", rate, name="rate"),
    path("f/<str:code>/reopen/", reopen, name="reopen"),
    path("f/<str:code>/withdraw/", withdraw, name="withdraw"),
    path("f/<str:code>/phone/", confirm_phone, name="confirm-phone"),
    path("photo/<int:photo_id>/", photo, name="photo"),
]
