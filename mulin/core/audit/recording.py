"""Add audit rows, in the caller's transaction: one insert, nothing to wait for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Model

from mulin.core.audit import origin
from mulin.core.audit.models import AuditKind, AuditRecord
from mulin.core.audit.purposes import RETENTION, TO_SEARCH, Purpose
from mulin.core.encryption import keyed_hash
from mulin.core.inserting import insert
from mulin.core.rows import new_row

REPEATED = timedelta(minutes=10)
"""A list that renews itself repeats its search: for so long it is one look."""
SEARCHED = "phone"
MARK_DIGITS = 32


class Actor(Protocol):
    """A person who works here: what the record keeps of them."""

    @property
    def pk(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role_label(self) -> str: ...


def record_read(*, actor: Actor, action: str, objects: Iterable[Model], purpose: Purpose, now: datetime) -> None:
    """Record that personal data of `objects` was looked at; one statement however many."""
    role = actor.role_label
    rows = [_row(AuditKind.READ, actor, action, one, now) for one in objects]
    for row in rows:
        row.actor_role, row.purpose, row.purpose_note = role[:120], purpose.code, purpose.note
    insert(*rows, keyed=False)


def record_search(*, actor: Actor, action: str, phone: str, found: Iterable[Model], now: datetime) -> None:
    """Record that somebody looked for a phone number, which is kept as a keyed hash, and what that led to."""
    term = _row(AuditKind.READ, actor, action, None, now)
    term.object_kind, term.object_id = SEARCHED, keyed_hash(f"search:{phone}")[:MARK_DIGITS]
    rows = [term, *(_row(AuditKind.READ, actor, action, one, now) for one in found)]
    known = AuditRecord.objects.filter(actor_username=actor.username, action=action, at__gt=now - REPEATED)
    seen = set(known.values_list("object_kind", "object_id"))
    fresh = [row for row in rows if (row.object_kind, row.object_id) not in seen]
    role = actor.role_label if fresh else ""
    for row in fresh:
        row.actor_role, row.purpose = role[:120], TO_SEARCH.code
    if fresh:
        insert(*fresh, keyed=False)


def record_export(
    *, actor: Actor, action: str, object_kind: str, object_id: str, purpose: Purpose, now: datetime
) -> None:
    """Record that a list was taken out as a file."""
    row = _row(AuditKind.READ, actor, action, None, now)
    row.object_kind, row.object_id, row.actor_role = object_kind, object_id, actor.role_label[:120]
    row.purpose, row.purpose_note = purpose.code, purpose.note
    insert(row, keyed=False)


def record_removal(*, line: Model, words: str, now: datetime) -> None:
    """Record that what was past its time is gone: `words` say what and how much, never whose."""
    row = _row(AuditKind.WRITE, None, "retention.erased", line, now)
    row.purpose, row.purpose_note = RETENTION, words[:200]
    insert(row, keyed=False)


def record_write(*, actor: Actor | str | None, action: str, one: Model | None, now: datetime) -> None:
    """Record that `actor` (somebody at the terminal: a name) or the system changed something."""
    insert(_row(AuditKind.WRITE, actor, action, one, now), keyed=False)


def _row(kind: AuditKind, actor: Actor | str | None, action: str, one: Model | None, now: datetime) -> AuditRecord:
    came = origin.current()
    row = new_row(
        AuditRecord,
        at=now,
        kind=kind,
        action=action[:100],
        object_kind=one._meta.label_lower if one is not None else "",
        object_id=str(one.pk)[:60] if one is not None and one.pk is not None else "",
        # A resident without an account is not traced.
        address=came.address[:45] if actor is not None else "",
        request_id=came.request_id[:32],
    )
    if isinstance(actor, str):
        row.actor_username = actor[:60]
    elif actor is not None:
        row.actor_id, row.actor_username, row.actor_name = actor.pk, actor.username, actor.name
    return row
