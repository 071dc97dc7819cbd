"""What duty tells the domains above."""

from mulin.core.outbox import event


@event("duty.tenure_ended")
class TenureEnded:
    """A tenure is over; what hangs on it needs the next holder or the tier above."""

    tenure_id: int
    ended_at: str


@event("duty.absence_began")
class AbsenceBegan:
    """A holder is away from now on."""

    tenure_id: int
    begins_at: str
