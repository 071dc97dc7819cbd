"""Ending sessions."""

from datetime import datetime

from django.db import transaction

from mulin.domains.accounts.models import Entry, EntryResult, Session, User


@transaction.atomic
def end_sessions(*, actor: User | None, user: User, now: datetime, keep: str | None = None) -> int:
    """End every session of a person but the one called `keep`; each is a line of the sign-in log."""
    ended = list(Session.objects.filter(user=user, expire_date__gt=now).exclude(session_key=keep or ""))
    _end(ended, user=user, now=now)
    return len(ended)


@transaction.atomic
def end_session(*, actor: User, session: Session, now: datetime) -> None:
    _end([session], user=actor, now=now)


def _end(sessions: list[Session], *, user: User, now: datetime) -> None:
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    Entry.objects.bulk_create(
        Entry(at=now, user=user, result=EntryResult.ENDED, address=session.address, device=session.device)
        for session in sessions
    )
