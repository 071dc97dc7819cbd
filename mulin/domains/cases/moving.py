"""One table from a move's name and its fields to the service that makes it: pages and API both enter here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, Refused
from mulin.core.lifecycle import IllegalMove
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, services
from mulin.domains.cases.engine.photos import StoredPhoto
from mulin.domains.cases.engine.steps import as_seen
from mulin.domains.cases.models import Case
from mulin.domains.cases.states import IN_HAND
from mulin.domains.duty import access as duty
from mulin.domains.organisations import access as organisations

Fields = Mapping[str, Any]

BESIDE = frozenset({"add_note", "contact"})
"""Moves that take nothing from anybody: made whatever others did meanwhile."""


class FieldInvalid(Invalid):
    code = "field_invalid"
    sentence = _("有一栏填写有误。")


# What each move asks for; the page draws its form and the API its schema from this.
FIELDS: Mapping[str, Sequence[str]] = {
    "verify": ("note",),
    "dispatch": ("tenure", "organisation", "note"),
    "reassign": ("tenure", "organisation", "note"),
    "accept": (),
    "contact": ("note",),
    "return": ("return_reason", "note"),
    "refuse_return": ("note",),
    "escalate": ("note",),
    "whistle": ("organisation", "note"),
    "pause": ("pause_reason", "until", "note"),
    "resume": (),
    "extend": ("amount", "note"),
    "resolve": ("result", "photos"),
    "reject": ("reject_reason", "note"),
    "merge": ("into",),
    "split": ("text", "category"),
    "recategorise": ("category",),
    "add_note": ("note", "public"),
}


def text(fields: Fields, name: str) -> str:
    return str(fields.get(name) or "").replace("\x00", "")


def number(fields: Fields, name: str) -> int | None:
    """Return a whole number, None when the field is empty; raise FieldInvalid."""
    value = text(fields, name).strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise FieldInvalid(field=name)
    return int(value)


def moment(fields: Fields, name: str) -> datetime:
    """Return an ISO time, read in Asia/Shanghai when it names no zone; raise FieldInvalid."""
    try:
        value = parse_datetime(text(fields, name).strip())
    except ValueError as wrong:
        raise FieldInvalid(field=name) from wrong
    if value is None:
        raise FieldInvalid(field=name)
    return value if timezone.is_aware(value) else timezone.make_aware(value)


def flag(fields: Fields, name: str) -> bool:
    return text(fields, name).lower() in {"1", "true", "on", "yes"}


def make(
    user: User,
    case_id: int,
    move: str,
    fields: Fields,
    *,
    now: datetime,
    photos: Sequence[StoredPhoto] = (),
) -> Case:
    """Make a move of the lifecycle as `user`; return the case as it is then (for split: the new case).

    Raises what `access.case_for` and the service raise, and FieldInvalid.
    """
    if move not in _MAKERS:
        raise IllegalMove
    case = access.case_for(user, case_id, now=now, move=move)
    with as_seen(case, None if move in BESIDE else number(fields, "seen")):
        return _MAKERS[move](user, case, fields, now, photos)


Maker = Callable[[User, Case, Fields, datetime, Sequence[StoredPhoto]], Case]


def _dispatch(user: User, case: Case, fields: Fields, now: datetime, _photos: object) -> Case:
    tenure_id, organisation_id = number(fields, "tenure"), number(fields, "organisation")
    return services.dispatch(
        actor=user,
        case=case,
        now=now,
        tenure=duty.tenure_near(tenure_id, area_code=case.area_code, now=now) if tenure_id else None,
        organisation=organisations.organisation_serving(organisation_id, area_code=case.area_code, now=now)
        if organisation_id
        else None,
        note=text(fields, "note"),
    )


def _whistle(user: User, case: Case, fields: Fields, now: datetime, _photos: object) -> Case:
    organisation_id = number(fields, "organisation")
    if organisation_id is None:
        raise FieldInvalid(field="organisation")
    called = organisations.organisation_serving(organisation_id, area_code=case.area_code, now=now)
    services.whistle(actor=user, case=case, organisation=called, ask=text(fields, "note"), now=now)
    return case


def _merge(user: User, case: Case, fields: Fields, now: datetime, _photos: object) -> Case:
    into_id = number(fields, "into")
    if into_id is None:
        raise FieldInvalid(field="into")
    into = access.case_for(user, into_id, now=now)
    return services.merge(actor=user, case=case, into=into, now=now)


_MAKERS: Mapping[str, Maker] = {
    "verify": lambda u, c, f, now, p: services.verify(actor=u, case=c, note=text(f, "note"), now=now),
    "dispatch": _dispatch,
    "reassign": _dispatch,
    "accept": lambda u, c, f, now, p: services.accept(actor=u, case=c, now=now),
    "contact": lambda u, c, f, now, p: services.contact(actor=u, case=c, note=text(f, "note"), now=now),
    "return": lambda u, c, f, now, p: services.return_case(
        actor=u, case=c, reason_code=text(f, "return_reason"), note=text(f, "note"), now=now
    ),
    "refuse_return": lambda u, c, f, now, p: services.refuse_return(actor=u, case=c, reason=text(f, "note"), now=now),
    "escalate": lambda u, c, f, now, p: services.escalate(actor=u, case=c, reason=text(f, "note"), now=now),
    "whistle": _whistle,
    "pause": lambda u, c, f, now, p: services.pause(
        actor=u, case=c, reason_code=text(f, "pause_reason"), until=moment(f, "until"), note=text(f, "note"), now=now
    ),
    "resume": lambda u, c, f, now, p: services.resume(actor=u, case=c, now=now),
    "extend": lambda u, c, f, now, p: services.extend(
        actor=u, case=c, amount=number(f, "amount") or 0, reason=text(f, "note"), now=now
    ),
    "resolve": lambda u, c, f, now, p: services.resolve(actor=u, case=c, result=text(f, "result"), photos=p, now=now),
    "reject": lambda u, c, f, now, p: services.reject(
        actor=u, case=c, reason_code=text(f, "reject_reason"), note=text(f, "note"), now=now
    ),
    "merge": _merge,
    "split": lambda u, c, f, now, p: services.split(
        actor=u, case=c, text=text(f, "text"), category_code=text(f, "category"), now=now
    ),
    "recategorise": lambda u, c, f, now, p: services.recategorise(
        actor=u, case=c, category_code=text(f, "category"), now=now
    ),
    "add_note": lambda u, c, f, now, p: services.add_note(
        actor=u, case=c, note=text(f, "note"), public=flag(f, "public"), now=now
    ),
}


def answer_whistle(user: User, whistle_id: int, move: str, fields: Fields, *, now: datetime) -> Case:
    """Make a department's move (arrive, joint_result, return_whistle) with a whistle asked of it."""
    if move not in {"arrive", "joint_result", "return_whistle"}:
        raise IllegalMove
    whistle = access.whistle_for(user, whistle_id, now=now, move=move)
    note = text(fields, "note")
    if move == "arrive":
        services.arrive(actor=user, whistle=whistle, note=note, now=now)
    elif move == "joint_result":
        services.give_result(actor=user, whistle=whistle, answer=note, now=now)
    else:
        reason = text(fields, "return_reason")
        services.return_whistle(actor=user, whistle=whistle, reason_code=reason, note=note, now=now)
    return access.case_for(user, whistle.case_id, now=now)


MOST_AT_ONCE = 200


class NothingChosen(Invalid):
    code = "nothing_chosen"
    sentence = _("请先选择事项。")


class TooManyChosen(Invalid):
    code = "too_many_chosen"
    sentence = _("一次最多派 200 件。")
    remedy = _("请分几次派单。")


@dataclass(frozen=True)
class Outcome:
    """What became of one case of many: `refusal` is None when it is done."""

    case_id: int
    number: str = ""
    holder: str = ""
    refusal: Refused | None = None


def dispatch_many(user: User, case_ids: Sequence[int], fields: Fields, *, now: datetime) -> list[Outcome]:
    """派单 or 改派 of each case, each in its own transaction. Raises NothingChosen, TooManyChosen."""
    if not case_ids:
        raise NothingChosen
    if len(case_ids) > MOST_AT_ONCE:
        raise TooManyChosen
    return [_dispatch_one(user, case_id, fields, now=now) for case_id in dict.fromkeys(case_ids)]


def _dispatch_one(user: User, case_id: int, fields: Fields, *, now: datetime) -> Outcome:
    number = ""
    try:
        case = access.case_for(user, case_id, now=now)
        number = case.number
        move = "reassign" if case.status in IN_HAND else "dispatch"
        case = make(user, case_id, move, fields, now=now)
    except Refused as refusal:
        return Outcome(case_id, number, refusal=refusal)
    tenure, organisation = case.holder_tenure, case.holder_organisation
    holder = tenure.holder.name if tenure else organisation.name if organisation else ""
    return Outcome(case_id, number, holder)
