"""A plan is to hold from a day on: scheduled, and carried out at once where that day is today."""

from datetime import date, datetime

from mulin.domains.accounts.models import User
from mulin.domains.planning.models import Draft, PublicationState
from mulin.domains.planning.services import publishing


def put_in_force(
    actor: User, draft: Draft, *, seen: int, from_date: date, reason: str, now: datetime
) -> PublicationState:
    """Return what became of the publication. Raises what publishing.schedule raises."""
    scheduled = publishing.schedule(actor=actor, draft=draft, seen=seen, from_date=from_date, reason=reason, now=now)
    return publishing.carry_out(actor=actor, publication_id=scheduled.pk, now=now)
