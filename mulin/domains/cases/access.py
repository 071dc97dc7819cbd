"""The only way from an id or a receipt code to a case, a whistle or a photo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mulin.core import codes, ratelimit
from mulin.core.audit.recording import record_search
from mulin.core.errors import NotAllowed, NotFound, TooMany
from mulin.core.lifecycle import Move
from mulin.domains.accounts.models import User
from mulin.domains.cases import queries, rules
from mulin.domains.cases.models import Case, Emergency, Photo, Reporter, Whistle
from mulin.domains.cases.queries import emergencies, filters, queue
from mulin.domains.cases.queries import own_data as own_data_queries
from mulin.domains.cases.queries.similar import open_at as similar_cases
from mulin.domains.cases.states import LIFECYCLE, RESIDENT, SYSTEM
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place
from mulin.domains.places.queries import Location

SWITCH = "cases.switch_emergency"
MOST_GUESSES = 20
MOST_REPORTS = 30
MOST_PROOFS = 10
MOST_FOUND = 500
_HOLDER = ("holder_tenure__holder", "holder_tenure__post_kind", "holder_tenure__place", "holder_organisation")


class CaseUnknown(NotFound):
    code = "case_unknown"
    sentence = _("没有这件事项，或者不归您办理。")


class NotYours(NotAllowed):
    code = "not_yours"
    sentence = _("这件事项现在不由您办理。")
    remedy = _("请由现在的承办人操作，或由所在社区工作台改派。")


def case_for(user: User, case_id: int, *, now: datetime, move: str | None = None) -> Case:
    """Return the case if `user` may see it and, when `move` is given, may make that move now.

    A case that is hidden and a case that is not there are answered alike. Raises CaseUnknown, NotAllowed, IllegalMove.
    """
    seen = queries.visible_to(user, now=now).select_related(*_HOLDER, "rule", "place", "care")
    case = seen.filter(pk=case_id).first()
    if case is None:
        raise CaseUnknown
    if move is not None:
        _check(user, case, LIFECYCLE.move(move), now=now)
        LIFECYCLE.step(case.status, move)
    return case


def filters_for(user: User, values: Mapping[str, str], *, now: datetime) -> filters.Filters:
    """Return what a list is narrowed to. A phone among it tells who reported what: that is written down as a look.

    Raises FilterInvalid.
    """
    asked = filters.read(values)
    if phone := filters.phone_of(asked.text):
        found = queue.listed(user, asked, now=now).only("pk")[:MOST_FOUND]
        record_search(actor=user, action="cases.reporters.search", phone=phone, found=found, now=now)
    return asked


def case_with_reporters(user: User, case_id: int, *, now: datetime) -> Case:
    """Return a case whose reporters `user` may know by name and phone: a desk that sees it, or its holder.

    Raises CaseUnknown, NotYours.
    """
    case = case_for(user, case_id, now=now)
    if not may_know_reporters(user, case, now=now):
        raise NotYours
    return case


def may_know_reporters(user: User, case: Case, *, now: datetime) -> bool:
    """Say whether somebody who sees the case may reveal who reported it: its desk or its holder."""
    return queries.may_direct(user, case, now=now) or queries.may_hold(user, case, now=now)


def _check(user: User, case: Case, move: Move, *, now: datetime) -> None:
    if not user.has_perm(move.permission):
        raise NotAllowed
    if not stands_right(user, case, move, now=now):
        raise NotYours


def stands_right(user: User, case: Case, move: Move, *, now: datetime) -> bool:
    """Say whether the case is in the right hands for this move: held by, under the desk of, or asked of `user`."""
    if move.permission in (SYSTEM, RESIDENT):
        return False
    if move.permission == "cases.desk":
        return queries.may_direct(user, case, now=now)
    if move.permission == "cases.answer_whistle":
        return case.whistles.filter(
            organisation__in=duty.scope_of(user, move.permission, now=now).organisation_ids
        ).exists()
    return queries.may_hold(user, case, now=now, to=move.permission)


def moves_for(user: User, case: Case, *, now: datetime) -> list[Move]:
    """Return the moves `user` can make with the case now: the buttons of the page."""
    moves = [move for move in LIFECYCLE.from_(case.status) if user.has_perm(move.permission)]
    right = {move.permission: move for move in moves}
    stands = {permission: stands_right(user, case, move, now=now) for permission, move in right.items()}
    return [move for move in moves if stands[move.permission]]


def whistle_for(user: User, whistle_id: int, *, now: datetime, move: str | None) -> Whistle:
    """Return a whistle asked of an organisation of `user`, for making `move`.

    Raises CaseUnknown, NotAllowed, IllegalMove.
    """
    scope = duty.scope_of(user, "cases.answer_whistle", now=now)
    whistle = (
        Whistle.objects.select_related("case", "organisation", "called_by")
        .filter(pk=whistle_id, organisation__in=scope.organisation_ids)
        .first()
    )
    if whistle is None:
        raise CaseUnknown
    if move is not None:
        if not user.has_perm(LIFECYCLE.move(move).permission):
            raise NotAllowed
        LIFECYCLE.step(whistle.case.status, move)
    return whistle


def case_by_receipt(code: str, *, address: str, now: datetime, move: str | None = None) -> Case:
    """Return the case of a receipt code. Wrong guesses from one address are counted and slowed down.

    Raises CodeUnknown, TooMany, and IllegalMove when `move` cannot be made now.
    """
    followed = followed_case(code, address=address, now=now)
    if followed.joined:
        raise codes.CodeUnknown(remedy=_("用这个查询码可以查看进展；评价和重新办理由最先反映的居民决定。"))
    if move is not None:
        LIFECYCLE.step(followed.case.status, move)
    return followed.case


@dataclass(frozen=True)
class Followed:
    """A case as its code opens it. Who `joined` sees progress, not the first reporter's words, and moves nothing."""

    case: Case
    joined: bool = False


def followed_case(code: str, *, address: str, now: datetime) -> Followed:
    """Return the case of a receipt code or of the follow code of somebody who joined. Raises CodeUnknown, TooMany."""
    bucket = f"receipt:{address}"
    ratelimit.check(bucket, most=MOST_GUESSES, now=now)
    asked = codes.normalised(code)
    rows = Case.objects.select_related(*_HOLDER, "rule", "place")
    case = rows.filter(receipt_code=asked).first() if asked else None
    if case is not None:
        return Followed(case)
    case = rows.filter(reporters__follow_code=asked).first() if asked else None
    if case is not None:
        return Followed(case, joined=True)
    ratelimit.count_refused(bucket, now=now)
    raise codes.CodeUnknown


class ProofWrong(NotAllowed):
    code = "proof_wrong"
    sentence = _("电话后四位不对。")
    remedy = _("请填写反映时留的电话的后四位；记不清可以到社区当面办理。")


@dataclass(frozen=True)
class Own:
    """What somebody with a code may see and decide of what is kept about them."""

    code: str
    case: Case
    reporter: Reporter
    joined: bool
    joined_words: str = ""


def own_data(code: str, *, address: str, now: datetime, proof: str | None = None) -> Own:
    """Return what belongs to a code. With `proof`, also the last four digits of the phone that is kept must be right.

    Who finds a receipt in the stairwell then sees no more than the progress of the case. Raises CodeUnknown, TooMany,
    ProofWrong.
    """
    followed = followed_case(code, address=address, now=now)
    case, asked = followed.case, codes.normalised(code)
    reporter = own_data_queries.reporter_of(case, asked)
    if reporter is None:
        raise codes.CodeUnknown
    if proof is not None and reporter.phone:
        _check_proof(case, reporter, proof, now=now)
    words = own_data_queries.words_of_joining(case, reporter) if followed.joined else ""
    return Own(asked, case, reporter, followed.joined, words)


def _check_proof(case: Case, reporter: Reporter, proof: str, *, now: datetime) -> None:
    bucket = f"proof:{case.pk}"
    ratelimit.check(bucket, most=MOST_PROOFS, now=now)
    if proof.strip() != rules.phone_key(reporter.phone)[-4:]:
        ratelimit.count_refused(bucket, now=now)
        raise ProofWrong


def neighbours_case(location: Location, case_id: int, *, now: datetime) -> Case:
    """Return an open case at the same building that a resident may join; raise CaseUnknown."""
    case = Case.objects.filter(pk=case_id, building=location.building_id).select_related("category").first()
    if case is None or location.building_id is None:
        raise CaseUnknown
    if case.pk not in {similar.case_id for similar in similar_cases(location, case.category.code, now=now)}:
        raise CaseUnknown
    return case


@dataclass(frozen=True)
class Visitor:
    """Somebody without an account: known by address and by the receipt code they hold."""

    address: str
    receipt_code: str = ""


def photo_for(viewer: User | Visitor, photo_id: int, *, now: datetime) -> Photo:
    """Return a photo of a case the viewer may see; raises CaseUnknown."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise CaseUnknown
    if isinstance(viewer, Visitor):
        case = case_by_receipt(viewer.receipt_code, address=viewer.address, now=now)
    else:
        case = case_for(viewer, photo.case_id, now=now)
    if case.pk != photo.case_id:
        raise CaseUnknown
    return photo


class AreaNotYours(NotFound):
    code = "area_not_yours"
    sentence = _("没有这个区域，或者不归您管辖。")
    remedy = _("请从列表中选择本辖区内的区域。")


class EmergencyUnknown(NotFound):
    code = "emergency_unknown"
    sentence = _("没有这次急时状态，或者不在您的辖区。")


def area_under(user: User, area_code: str, *, now: datetime) -> Place:
    """Return an area at or below one where `user` may switch the emergency mode; raises AreaNotYours."""
    own = set(duty.scope_of(user, SWITCH, now=now).area_codes)
    area = emergencies.area_place(area_code) if own.intersection(places.ancestor_codes(area_code)) else None
    if area is None:
        raise AreaNotYours
    return area


def emergency_for(user: User, emergency_id: int, *, now: datetime) -> Emergency:
    """Return an emergency mode of an area under `user`; raises EmergencyUnknown."""
    own = set(duty.scope_of(user, SWITCH, now=now).area_codes)
    emergency = emergencies.visible_to(user, now=now).filter(pk=emergency_id).first()
    if emergency is None or not own.intersection(places.ancestor_codes(emergency.area.area_code)):
        raise EmergencyUnknown
    return emergency


class ReportsTooMany(TooMany):
    code = "reports_too_many"
    sentence = _("这个网络刚才提交得太多了。")
    remedy = _("请过十分钟再试，您写的内容还在；着急请拨打 12345。")


def may_report(address: str, *, now: datetime) -> None:
    """Slow down a flood from one address, pages and API together; a building behind one address still gets through.

    Raises ReportsTooMany.
    """
    bucket = f"report:{address}"
    try:
        ratelimit.check(bucket, most=MOST_REPORTS, now=now)
    except TooMany:
        raise ReportsTooMany from None
    ratelimit.count_refused(bucket, now=now)
