"""What a resident sees with a receipt code: who has it, by when and why, what happened, what can be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mulin.core.clocks.explanation import ExplanationStep
from mulin.core.clocks.sentences import sentences
from mulin.core.codes import grouped
from mulin.domains.accounts import queries as accounts
from mulin.domains.accounts.models import CodePurpose
from mulin.domains.cases import rules
from mulin.domains.cases.access import Followed
from mulin.domains.cases.engine import clocks
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.pages.plain_words import Told, in_language, timeline
from mulin.domains.cases.queries import answers, directory, own_data
from mulin.domains.cases.queries.history import steps_of
from mulin.domains.cases.states import OPEN, SETTLED, Status
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places


@dataclass(frozen=True)
class HolderCard:
    """Who has it, as on the public board: desks by their post, neighbours' posts with name and work phone."""

    title: str
    place: str
    name: str = ""
    phone: str = ""
    stands_in: bool = False


@dataclass(frozen=True)
class DueCard:
    label: str
    due_at: datetime | None
    why: tuple[str, ...]
    started_at: datetime | None = None
    paused: bool = False


@dataclass(frozen=True)
class Headline:
    """The status as somebody would say it at the door."""

    title: str
    text: str
    tone: str
    icon: str


@dataclass(frozen=True)
class PhoneCard:
    """The number a resident left, without its digits: the last four are the proof of who they are."""

    is_confirmed: bool
    is_asked: bool


@dataclass(frozen=True)
class FollowPage:
    code: str
    number: str
    category: str
    place: str
    address: str
    reported_at: datetime
    status: str
    headline: Headline
    joined: bool
    text: str
    photos: tuple[str, ...]
    holder: HolderCard | None
    dues: tuple[DueCard, ...]
    steps: tuple[Told, ...]
    result: str
    result_photos: tuple[str, ...]
    can_rate: bool
    can_reopen: bool
    can_withdraw: bool
    reopen_until: datetime | None
    asks_to_reopen: bool
    merged: "FollowPage | None" = None
    phone: PhoneCard | None = None

    @property
    def grouped_code(self) -> str:
        return grouped(self.code)


def follow_page(followed: Followed, code: str, *, now: datetime) -> FollowPage:
    case, joined = followed.case, followed.joined
    photos = {"REPORT": [], "RESULT": []} if joined else _photos(case, code)
    ratings = answers.ratings_of(case)
    last = ratings[-1] if ratings else None
    reopen_until = _reopen_until(case, now=now)
    may_act = not joined
    unsolved = last is not None and last.round == case.round and last.solved != "YES"
    can_reopen = may_act and case.status in SETTLED and reopen_until is not None and now <= reopen_until
    asks_to_reopen = can_reopen and unsolved and case.status == Status.CLOSED
    return FollowPage(
        code=code,
        number=case.number,
        category=directory.category_names().get(case.category_id, ""),
        place=place_words(case),
        address="" if joined else case.address_text,
        reported_at=case.reported_at,
        status=case.status,
        headline=_unsolved_headline() if asks_to_reopen else _headline(case, now=now, can_reopen=can_reopen),
        joined=joined,
        text="" if joined else case.text,
        photos=tuple(photos["REPORT"]),
        holder=_holder(case, now=now) if case.status in OPEN else None,
        dues=_dues(case) if case.status in OPEN else (),
        steps=tuple(timeline(steps_of(case), joined=joined, now=now)),
        result=case.result_text if case.status in SETTLED else "",
        result_photos=tuple(photos["RESULT"]),
        can_rate=may_act and case.status in (Status.RESOLVED, Status.LAPSED),
        can_reopen=can_reopen,
        can_withdraw=may_act and case.status in OPEN,
        reopen_until=reopen_until,
        asks_to_reopen=asks_to_reopen,
        merged=_merged(case, code, now=now),
        phone=phone_card(own_data.reporter_of(case, code), now=now) if settings.MULIN_SMS_RESIDENTS else None,
    )


def phone_card(reporter: Reporter | None, *, now: datetime) -> PhoneCard | None:
    """Return what can be done with the number; nothing where short messages do not reach it or are not sent."""
    phone = rules.mobile(reporter.phone) if reporter else ""
    if reporter is None or not phone or not settings.MULIN_SMS_RESIDENTS:
        return None
    is_asked = accounts.waits_for_code(phone, CodePurpose.REPORTER, now=now)
    return PhoneCard(reporter.phone_confirmed_at is not None, is_asked)


def place_words(case: Case) -> str:
    """Return estate and building, or the name of the grid or area the case lies in."""
    building = places.building_named(case.building_id) if case.building_id else None
    return building.full_name if building else case.place.name


def _merged(case: Case, code: str, *, now: datetime) -> FollowPage | None:
    into = answers.merged_into(case)
    return follow_page(Followed(into, joined=True), code, now=now) if into else None


def _photos(case: Case, code: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"REPORT": [], "RESULT": []}
    for photo_id, of in answers.photos_of(case):
        found[of].append(f"{reverse('cases:photo', args=[photo_id])}?code={code}")
    return found


def _reopen_until(case: Case, *, now: datetime) -> datetime | None:
    ended_at = case.ended_at or case.resolved_at
    if ended_at is None:
        return None
    return ended_at + timedelta(days=directory.policy("reopen_days", now=now, area_code=case.area_code))


def _holder(case: Case, *, now: datetime) -> HolderCard:
    """While the holder is away, it is the substitute who answers the phone."""
    english = (get_language() or "").startswith("en")
    tenure, organisation = case.holder_tenure, case.holder_organisation
    if tenure is None:
        assert organisation is not None, "an open case has a holder"
        return HolderCard(organisation.name, _("区级单位"), phone=organisation.work_phone)
    post = tenure.post_kind
    where = tenure.place.name if tenure.place else ""
    title = post.name_en if english else post.name_zh
    substitute = duty.stand_in(tenure.pk, now=now)
    person = substitute or tenure.holder
    return HolderCard(title, where, person.name if post.on_board else "", person.work_phone, bool(substitute))


def _dues(case: Case) -> tuple[DueCard, ...]:
    """The next promise first: contact until somebody has spoken with the resident, then settling."""
    respond, resolve = clocks.dues(case, case.rule)
    cards = []
    if case.first_contact_at is None and case.respond_due_at is not None:
        why = _why(respond.deadline.explanation, provisional=respond.provisional)
        cards.append(DueCard(_("最晚什么时候联系您"), case.respond_due_at, why, case.clock_started_at))
    why = _why(resolve.deadline.explanation, provisional=resolve.provisional)
    paused = case.status == Status.PAUSED
    cards.append(DueCard(_("最晚什么时候办好"), case.resolve_due_at, why, case.clock_started_at, paused))
    return tuple(cards)


def _why(steps: tuple[ExplanationStep, ...], *, provisional: bool) -> tuple[str, ...]:
    words = sentences(steps)
    if provisional:
        words.append(_("当年的工作日历还没有录入，暂按连续计时，只会更早。"))
    return tuple(words)


def _headline(case: Case, *, now: datetime, can_reopen: bool) -> Headline:
    late = case.status in OPEN and case.resolve_due_at is not None and case.resolve_due_at < now
    if late:
        return Headline(_("正在办，已经超过期限"), _("已自动提醒上一级，您也可以拨打承办人电话催办。"), "bad", "alarm")
    if case.status == Status.LAPSED and not can_reopen:
        return Headline(_("已办结，还没有评价"), _("现在仍可以补评。问题又出现了，请再反映一次。"), "neutral", "clock")
    return _HEADLINES[Status(case.status)](case)


def _unsolved_headline() -> Headline:
    return Headline(_("您说还没有完全解决"), _("写一句现在的情况，马上重新交办。"), "warn", "refresh")


def _merged_headline(case: Case) -> Headline:
    return Headline(_("已与同一问题合并办理"), _("进展见下面，结果会一并答复您。"), "info", "arrows-join")


def _rejected_headline(case: Case) -> Headline:
    reason = answers.rejection_of(case)
    return Headline(_("这件事我们不能受理"), in_language(reason, "go_to"), "bad", "circle-x")


_HEADLINES = {
    Status.REPORTED: lambda case: Headline(_("收到了，正在核实"), _("核实后马上交给承办人。"), "info", "inbox"),
    Status.DISPATCHED: lambda case: Headline(
        _("已交给承办人，等待接单"), _("没有按时接下会自动交给上一级。"), "info", "user"
    ),
    Status.ACCEPTED: lambda case: Headline(_("正在办"), _("承办人已经接下。"), "progress", "hammer"),
    Status.RETURNED: lambda case: Headline(
        _("正在重新确定由谁来办"), _("上一级正在审核，期限不变。"), "warn", "arrow-back-up"
    ),
    Status.PAUSED: lambda case: Headline(_("暂时停下，等条件具备"), _("原因见下面的经过。"), "warn", "clock-pause"),
    Status.RESOLVED: lambda case: Headline(
        _("办好了，请您评价"), _("解决没解决，由您说了算。"), "good", "circle-check"
    ),
    Status.CLOSED: lambda case: Headline(_("已办结，谢谢您的评价"), "", "good", "checks"),
    Status.LAPSED: lambda case: Headline(
        _("已办结，还没有评价"), _("现在仍可以补评或要求重新办理。"), "neutral", "clock"
    ),
    Status.REJECTED: _rejected_headline,
    Status.WITHDRAWN: lambda case: Headline(_("您已撤回"), _("还需要办的话，可以重新反映。"), "neutral", "x"),
    Status.MERGED: _merged_headline,
}
