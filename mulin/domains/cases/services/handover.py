"""Open cases go to the next holder or one tier up when a tenure has ended, its holder is away, or its grid is
no longer that of the building.
"""

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
    _hand_on(case, now=now)
    return True


@transaction.atomic
def move_to_grid(*, case: Case, from_grid_id: int | None, to_grid_id: int, now: datetime) -> bool:
    """Let one open case follow its building to another grid; return whether it moved.

    Whoever holds it for the grid it leaves hands it on; a holder elsewhere (building leader, desk) keeps it.
    """
    case = locked(case)
    if case.status not in OPEN or case.grid_id != from_grid_id:
        return False
    case.grid_id = to_grid_id
    tenure = case.holder_tenure
    if tenure is not None and tenure.place_id is not None and tenure.place_id == from_grid_id:
        _hand_on(case, now=now)
    else:
        case.save(update_fields=["grid"])
    return True


def _hand_on(case: Case, *, now: datetime) -> None:
    """Find the holder of a locked case anew, from the tier it has reached upwards."""
    before = holder_data(case)
    location = dispatching.location_of(case)
    holder = dispatching.find_holder(location, kind_of(case), now=now, lowest_tier=case.tier, spread=case.pk)
    dispatching.give(case, holder)
    dispatching.record_gaps(case, holder.gaps, now=now)
    take(case, "hand_over", actor=None, now=now, data={**holder_data(case), "from": before})
