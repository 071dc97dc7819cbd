"""How pressing a deadline looks: one rule for lists, maps and details."""

from datetime import datetime, timedelta

LAST_FIFTH = 0.2
SOON = timedelta(hours=2)


def urgency_tone(*, due_at: datetime, now: datetime, started_at: datetime | None = None) -> str:
    """Return "bad" when over, "warn" in the last fifth of the time allowed (or the last two hours), else "good"."""
    if now > due_at:
        return "bad"
    share = (due_at - started_at) * LAST_FIFTH if started_at else SOON
    return "warn" if due_at - now <= max(share, SOON) else "good"
