"""What a holder does: accept, contact, return, escalate, pause, resume, resolve, note."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.engine import clocks, dispatching
from mulin.domains.cases.engine.dispatching import hand_to, kind_of
from mulin.domains.cases.engine.photos import StoredPhoto, add_photos
from mulin.domains.cases.engine.reasons import listed, reasoned
from mulin.domains.cases.engine.steps import allowed, holder_data, locked, take
from mulin.domains.cases.models import Case, Channel, Pause, PhotoOf, WhistleState
from mulin.domains.cases.queries import directory
from mulin.domains.places.models import Tier


class AtTheTop(Conflict):
    code = "at_the_top"
    sentence = _("已经在最高一级，不能再提级。")
    remedy = _("请吹哨相关部门共同办理。")


class ResultMissing(Invalid):
    code = "result_missing"
    sentence = _("请写明办理结果。")
    remedy = _("用居民看得懂的话写清楚做了什么、什么时候完成。")


class WhistlesOpen(Conflict):
    code = "whistles_open"
    sentence = _("还有部门没有回复吹哨，不能办结。")
    remedy = _("请等待部门回复，或联系部门退哨。")


class PauseInvalid(Invalid):
    code = "pause_invalid"
    sentence = _("暂停的结束时间应在现在之后、90 天之内。")


LONGEST_PAUSE = timedelta(days=90)


@transaction.atomic
def accept(*, actor: User, case: Case, now: datetime) -> Case:
    """接单."""
    case = locked(case)
    allowed(case, "accept")
    case.accepted_at, case.accept_due_at = now, None
    take(case, "accept", actor=actor, now=now)
    return case


@transaction.atomic
def contact(*, actor: User, case: Case, note: str, now: datetime) -> Case:
    """Record that the resident was spoken to; the first time is the case's time of first contact."""
    case = locked(case)
    allowed(case, "contact")
    if case.first_contact_at is None:
        case.first_contact_at = now
    take(case, "contact", actor=actor, now=now, note=note.strip()[:1000])
    return case


@transaction.atomic
def return_case(*, actor: User, case: Case, reason_code: str, note: str, now: datetime) -> Case:
    """退单: the tier above reviews; until then who got it first is not rid of it. Raises ReasonUnknown."""
    case = locked(case)
    allowed(case, "return")
    entry = listed("return_reasons", reason_code, case=case, now=now)
    data = {**holder_data(case), "reason": entry}
    reviewer = _above(case, now=now, at_least=Tier.COMMUNITY)
    hand_to(case, reviewer, now=now)
    take(case, "return", actor=actor, now=now, note=reasoned(note), data=data)
    return case


def _above(case: Case, *, now: datetime, at_least: int = 0) -> dispatching.Holder:
    """Return the next filled tier above the case's holder; the county desk for what an organisation holds."""
    tier = case.tier + 1 if case.holder_tenure_id else Tier.COUNTY
    tier = min(max(tier, at_least), Tier.COUNTY)
    location = dispatching.location_of(case)
    return dispatching.find_holder(location, kind_of(case), now=now, lowest_tier=tier, spread=case.pk)


@transaction.atomic
def escalate(*, actor: User, case: Case, reason: str, now: datetime) -> Case:
    """提级 by the holder with a reason. Raises AtTheTop."""
    case = locked(case)
    allowed(case, "escalate")
    before = _lift(case, now=now)
    data = {**holder_data(case), "from": before}
    take(case, "escalate", actor=actor, now=now, note=reasoned(reason), data=data)
    return case


def _lift(case: Case, *, now: datetime) -> dict[str, object]:
    if case.tier >= Tier.COUNTY:
        raise AtTheTop
    before = holder_data(case)
    hand_to(case, _above(case, now=now), now=now)
    return before


@transaction.atomic
def escalate_by_clock(*, case: Case, now: datetime) -> bool:
    """超时提级: not accepted in time, or not resolved in time (once); return whether it was still so under the lock."""
    case = locked(case)
    late_to_accept = case.status == "DISPATCHED" and case.accept_due_at is not None and case.accept_due_at < now
    late_to_resolve = (
        case.status in ("DISPATCHED", "ACCEPTED")
        and not case.overdue_escalated
        and case.resolve_due_at is not None
        and case.resolve_due_at < now
    )
    if not (late_to_accept or late_to_resolve) or case.tier >= Tier.COUNTY:
        return False
    before = _lift(case, now=now)
    case.overdue_escalated = case.overdue_escalated or late_to_resolve
    why = "resolve_overdue" if late_to_resolve else "not_accepted"
    take(case, "escalate_by_clock", actor=None, now=now, data={**holder_data(case), "from": before, "why": why})
    return True


@transaction.atomic
def pause(*, actor: User, case: Case, reason_code: str, until: datetime, note: str, now: datetime) -> Case:
    """暂停: both clocks stand still until `until` at the latest. Raises ReasonUnknown, PauseInvalid."""
    case = locked(case)
    allowed(case, "pause")
    entry = listed("pause_reasons", reason_code, case=case, now=now)
    if not now < until <= now + LONGEST_PAUSE:
        raise PauseInvalid
    Pause.objects.create(case=case, reason_code=reason_code, began_at=now)
    case.paused_until, case.resolve_due_at = until, None
    data = {"reason": entry, "until": until.isoformat()}
    take(case, "pause", actor=actor, now=now, note=note.strip()[:1000], data=data)
    return case


@transaction.atomic
def resume(*, actor: User | None, case: Case, now: datetime) -> Case:
    """恢复计时, by the holder or (actor None) because the time of the pause is over."""
    case = locked(case)
    move_name = "resume" if actor else "resume_by_clock"
    allowed(case, move_name)
    Pause.objects.filter(case=case, ended_at=None).update(ended_at=now)
    case.paused_until = None
    clocks.set_deadlines(case, directory.rules_by_id()[case.rule_id])
    due_at = case.resolve_due_at.isoformat() if case.resolve_due_at else None
    take(case, move_name, actor=actor, now=now, data={"due_at": due_at})
    return case


@transaction.atomic
def resolve(*, actor: User, case: Case, result: str, now: datetime, photos: Sequence[StoredPhoto] = ()) -> Case:
    """办结 with a result in words; a photo only where it helps. Raises ResultMissing, WhistlesOpen."""
    case = locked(case)
    allowed(case, "resolve")
    if not result.strip():
        raise ResultMissing
    if case.whistles.filter(state__in=[WhistleState.CALLED, WhistleState.ARRIVED]).exists():
        raise WhistlesOpen
    # An answer given elsewhere long ago is kept whole, however long it is.
    most = None if case.channel == Channel.IMPORT else rules.LONGEST_TEXT
    case.resolved_at, case.result_text = now, result.strip()[:most]
    if case.first_contact_at is None:
        case.first_contact_at = now
    add_photos(case, photos, at=now, of=PhotoOf.RESULT)
    data = {**holder_data(case), "photos": len(photos)}
    take(case, "resolve", actor=actor, now=now, public_note=case.result_text, data=data)
    return case


@transaction.atomic
def add_note(*, actor: User, case: Case, note: str, now: datetime, public: bool = False) -> Case:
    """补充说明, for colleagues or (public) for the resident too."""
    case = locked(case)
    text = reasoned(note)
    take(case, "add_note", actor=actor, now=now, note=text, public_note=text if public else "")
    return case
