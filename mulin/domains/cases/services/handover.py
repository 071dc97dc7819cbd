"""Open cases of a tenure that has ended, or of a holder who is away, go to the next holder or one tier up."""

from datetime import datetime

from django.db import transaction

from mulin.domains.cases.engine import dispatching
from mulin.domains.cases.engine.dispatching import kind_of
from mulin.domains.cases.engine.steps import holder_data, locked, take
from mulin.domains.cases.models import Case
from mulin.domains.cases.states import OPEN
from mulin.domains.duty import queries as duty


@transaction.atomic
def hand_over(*, case: Case, tenure_id: int, now: datetime) -> bool:
    """Hand one case on if `tenure_id` still holds it and nobody acts in that tenure; return whether it moved."""
    case = locked(case)
    if case.holder_tenure_id != tenure_id or case.status not in OPEN:
        return False
    if duty.people_acting(now=now, tenure_ids=[tenure_id]):
        return False
    before = holder_data(case)
    location = dispatching.location_of(case)
    holder = dispatching.find_holder(location, kind_of(case), now=now, lowest_tier=case.tier, spread=case.pk)
    dispatching.give(case, holder)
    dispatching.record_gaps(case, holder.gaps, now=now)
    take(case, "hand_over", actor=None, now=now, data={**holder_data(case), "from": before})
    return True
