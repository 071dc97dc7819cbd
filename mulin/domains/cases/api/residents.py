"""What anybody may do: report, and with the receipt code follow, rate, reopen, withdraw."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Router, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from mulin.core import codes
from mulin.core.errors import Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, services
from mulin.domains.cases.api.schemas import (
    CategoryOut,
    DoneOut,
    FollowOut,
    RatingIn,
    ReasonIn,
    ReceiptOut,
    ReportIn,
    SuggestIn,
    SuggestionOut,
)
from mulin.domains.cases.api.uploading import takes_photos
from mulin.domains.cases.engine import photos as stored_photos
from mulin.domains.cases.engine.photos import StoredPhoto
from mulin.domains.cases.models import Case, Channel
from mulin.domains.cases.pages import follow as follow_pages
from mulin.domains.cases.pages import report as report_pages
from mulin.domains.cases.queries import directory, suggestion
from mulin.domains.cases.queries.directory import Kind
from mulin.domains.places import queries as places
from mulin.web.api import REFUSALS, WRITE, AreaCode, Code, once, plain
from mulin.web.guards import address_of, confidential, may_ask

router = Router(tags=["residents"])


class PlaceMissing(Invalid):
    code = "place_missing"
    sentence = _("请说明在哪里。")
    remedy = _("给出楼栋门口的码 board、地方 place_id、经纬度 lon 和 lat，或区域代码 area。")


@router.get("/categories", response={200: list[CategoryOut], **REFUSALS})
def categories(request: HttpRequest, area: AreaCode | None = None) -> list[CategoryOut]:
    """The directory in force today, with who settles what within what time."""
    area_code = places.area_by_code(area).code if area else report_pages.home_area()
    kinds = directory.kinds(on=timezone.localdate(), area_code=area_code)
    return [_category(kind) for kind in kinds.values()]


def _category(kind: Kind) -> CategoryOut:
    return CategoryOut(
        code=kind.code,
        group_code=kind.group_code,
        group=kind.group,
        name=kind.name,
        name_zh=kind.name_zh,
        name_en=kind.name_en,
        lowest_tier=kind.lowest_tier,
        urgent=kind.urgent,
        respond_clock=kind.respond.kind.name,
        respond_amount=kind.respond.amount,
        resolve_clock=kind.resolve.kind.name,
        resolve_amount=kind.resolve.amount,
    )


@router.post("/suggestions", response={200: list[SuggestionOut], **REFUSALS})
def suggest(request: HttpRequest, asked: SuggestIn) -> list[object]:
    """Categories for a resident's words, likeliest first. POST, so that nobody's words stand in a log."""
    may_ask(request)
    area_code = places.area_by_code(asked.area).code if asked.area else report_pages.home_area()
    return list(suggestion.suggest(asked.text, on=timezone.localdate(), area_code=area_code))


@router.post("/reports", response={201: ReceiptOut, **REFUSALS}, openapi_extra=WRITE)
def report(request: HttpRequest, asked: ReportIn) -> JsonResponse:
    """点单: file a case; the receipt code in the answer is the only way back to it."""
    _slow_down_a_flood(request)
    answer, _filed_now = _filed(request, asked, ())
    return JsonResponse(answer, status=201)  # the receipt has been through its schema


@router.post("/reports/with-photos", response={201: ReceiptOut, **REFUSALS}, openapi_extra=WRITE)
@decorate_view(takes_photos)
def report_with_photos(
    request: HttpRequest, asked: Form[ReportIn], photos: File[list[UploadedFile]]
) -> Status[dict[str, Any]]:
    """The same with up to 6 photos, which are encoded anew without their metadata."""
    _slow_down_a_flood(request)  # before a picture is decoded, which costs more than a report
    stored = stored_photos.store_all(photos)
    filed_now = False
    try:
        answer, filed_now = _filed(request, asked, stored)
        return Status(201, answer)
    finally:
        if not filed_now:
            stored_photos.discard(stored)


def _slow_down_a_flood(request: HttpRequest) -> None:
    if not isinstance(request.user, User):
        access.may_report(address_of(request), now=timezone.now())


def _filed(request: HttpRequest, asked: ReportIn, photos: Sequence[StoredPhoto]) -> tuple[dict[str, Any], bool]:
    """File a report once; say whether it was now or under the same Idempotency-Key before."""
    now = timezone.now()
    location = report_pages.place_named(asked.model_dump() | {"b": asked.board})
    location = location or report_pages.district_of(asked.address_text)
    if location is None:
        raise PlaceMissing
    category = report_pages.chosen_category(asked.model_dump(), location, now=now)
    actor = request.user if isinstance(request.user, User) else None
    filed: list[bool] = []

    def do() -> dict[str, Any]:
        wanted = services.Report(
            asked.text,
            category,
            location,
            channel=_channel(request),
            address_text=asked.address_text,
            contact=services.Contact(asked.name, asked.phone, asked.room),
            photos=photos,
        )
        case = services.report_case(actor=actor, report=wanted, now=now)
        filed.append(True)
        return _receipt(case).model_dump(mode="json")

    answer = once(request, [asked.model_dump(), [photo.sha256 for photo in photos]], do, repeatable=not photos)
    return answer, bool(filed)


def _receipt(case: Case) -> ReceiptOut:
    return ReceiptOut(
        receipt_code=case.receipt_code,
        number=case.number,
        status=case.status,
        category=directory.category_names()[case.category_id],
        respond_due_at=case.respond_due_at,
        resolve_due_at=case.resolve_due_at,
    )


def _channel(request: HttpRequest) -> Channel:
    if not isinstance(request.user, User):
        return Channel.RESIDENT
    if "Authorization" in request.headers:
        return Channel.API
    return Channel.DESK if request.user.has_perm("cases.desk") else Channel.HOLDER


@router.get("/follow/{code}", response={200: FollowOut, **REFUSALS})
@decorate_view(confidential)
def follow(request: HttpRequest, code: Code) -> follow_pages.FollowPage:
    """Who has it, by when and why, and what has happened, in the words residents read."""
    now = timezone.now()
    found = access.followed_case(code, address=address_of(request), now=now)
    return follow_pages.follow_page(found, codes.normalised(code), now=now)


@router.post("/follow/{code}/rating", response={200: DoneOut, **REFUSALS}, openapi_extra=WRITE)
def rate(request: HttpRequest, code: Code, asked: RatingIn) -> dict[str, Any]:
    """评单: was it solved, are you satisfied."""
    said, now = asked.model_dump(), timezone.now()
    return _acted(request, code, "rate", said, lambda case: services.rate(case=case, actor=None, now=now, **said))


@router.post("/follow/{code}/reopening", response={200: DoneOut, **REFUSALS}, openapi_extra=WRITE)
def reopen(request: HttpRequest, code: Code, asked: ReasonIn) -> dict[str, Any]:
    """重新办理, with a reason."""
    why, now = asked.reason, timezone.now()
    return _acted(
        request, code, "reopen", why, lambda case: services.reopen(case=case, actor=None, reason=why, now=now)
    )


@router.post("/follow/{code}/withdrawal", response={200: DoneOut, **REFUSALS}, openapi_extra=WRITE)
def withdraw(request: HttpRequest, code: Code, asked: ReasonIn) -> dict[str, Any]:
    """撤回."""
    why, now = asked.reason, timezone.now()
    return _acted(
        request, code, "withdraw", why, lambda case: services.withdraw(case=case, actor=None, reason=why, now=now)
    )


def _acted(
    request: HttpRequest, code: str, move: str, content: object, act: Callable[[Case], object]
) -> dict[str, Any]:
    """Make a resident's move once. That the code is right is seen before, so that wrong guesses stay counted; whether
    the move can be made is seen inside, so that a repeated request gets its first answer.
    """
    address, now = address_of(request), timezone.now()

    def check() -> None:
        access.followed_case(code, address=address, now=now)

    def do() -> dict[str, Any]:
        act(access.case_by_receipt(code, address=address, now=now, move=move))
        case = access.case_by_receipt(code, address=address, now=now)
        return plain(DoneOut, {"number": case.number, "status": case.status})

    return once(request, content, do, check=check)
