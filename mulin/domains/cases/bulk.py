"""The same move for many cases at once: each on its own, so that one refusal stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, Refused
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, moving
from mulin.domains.cases.states import IN_HAND

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


def dispatch_many(user: User, case_ids: Sequence[int], fields: moving.Fields, *, now: datetime) -> list[Outcome]:
    """派单 or 改派 of each case, each in its own transaction. Raises NothingChosen, TooManyChosen."""
    if not case_ids:
        raise NothingChosen
    if len(case_ids) > MOST_AT_ONCE:
        raise TooManyChosen
    return [_dispatch_one(user, case_id, fields, now=now) for case_id in dict.fromkeys(case_ids)]


def _dispatch_one(user: User, case_id: int, fields: moving.Fields, *, now: datetime) -> Outcome:
    number = ""
    try:
        case = access.case_for(user, case_id, now=now)
        number = case.number
        move = "reassign" if case.status in IN_HAND else "dispatch"
        case = moving.make(user, case_id, move, fields, now=now)
    except Refused as refusal:
        return Outcome(case_id, number, refusal=refusal)
    tenure, organisation = case.holder_tenure, case.holder_organisation
    holder = tenure.holder.name if tenure else organisation.name if organisation else ""
    return Outcome(case_id, number, holder)
