"""Who is told about a step."""

from dataclasses import dataclass
from datetime import datetime

from mulin.domains.cases.models import Case, Whistle, WhistleState
from mulin.domains.cases.states import OPEN
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places
from mulin.domains.places.models import AREA_KINDS

APPROVE_REVEALS = "cases.approve_reveals"
_TO_DEPARTMENTS = {"whistle"}
_SILENT = {"accept", "contact", "verify", "add_note", "pause", "resume", "extend", "recategorise", "resolve", "join"}


@dataclass(frozen=True)
class Told:
    user_ids: tuple[int, ...]
    number: str
    category_id: int


def of_move(case_id: int, move: str, *, now: datetime) -> Told | None:
    """Return who must know that a case took a step, or None when nobody has to act."""
    if move in _SILENT:
        return None
    case = Case.objects.select_related("holder_tenure").get(pk=case_id)
    people = _departments(case, now=now) if move in _TO_DEPARTMENTS else _holders(case, now=now)
    return Told(tuple(people), case.number, case.category_id) if people else None


def _holders(case: Case, *, now: datetime) -> list[int]:
    if case.holder_organisation_id is not None:
        return duty.holders_of(case.holder_organisation_id, now=now)
    if case.holder_tenure_id is None or (case.status not in OPEN and case.status != "CLOSED"):
        return []
    return list(duty.people_acting(now=now, tenure_ids=[case.holder_tenure_id]).values())


def _departments(case: Case, *, now: datetime) -> list[int]:
    called = Whistle.objects.filter(case=case, state=WhistleState.CALLED).values_list("organisation_id", flat=True)
    return [person for organisation_id in called for person in duty.holders_of(organisation_id, now=now)]


def approvers(case_id: int, *, asker_id: int, now: datetime) -> tuple[int, ...]:
    """Return who may approve revealing of a case, other than who asked: of the nearest desk that has somebody."""
    codes = places.ancestor_codes(Case.objects.values_list("area_code", flat=True).get(pk=case_id))
    desks = duty.active(now=now).filter(place__area_code__in=codes, place__kind__in=AREA_KINDS).exclude(holder=asker_id)
    found = desks.values_list("place__area_code", "holder_id", "post_kind__role__permissions")
    allowed = [(code, holder) for code, holder, permissions in found if APPROVE_REVEALS in permissions]
    nearest = min((codes.index(code) for code, _holder in allowed), default=0)
    return tuple(sorted({holder for code, holder in allowed if code == codes[nearest]}))
