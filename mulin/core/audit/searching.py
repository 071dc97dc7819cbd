"""Read the audit: for the auditor by person, object, time and purpose; for the person whose data was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from mulin.core.audit.models import AuditKind, AuditRecord

PER_PAGE = 50
MOST_LOOKS = 100


@dataclass(frozen=True)
class Search:
    """What the auditor asks for; empty: all. `before` is the key of the page."""

    username: str = ""
    action: str = ""
    object_kind: str = ""
    object_id: str = ""
    purpose: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Found:
    records: list[AuditRecord]
    next_key: int | None = None


def search(asked: Search) -> Found:
    """Return a page of records, newest first; one query."""
    wanted = {
        "actor_username": asked.username, "action__startswith": asked.action, "object_kind": asked.object_kind,
        "object_id": asked.object_id, "purpose": asked.purpose, "kind": asked.kind,
        "at__gte": asked.since, "at__lt": asked.until, "pk__lt": asked.before,
    }  # fmt: skip
    rows = AuditRecord.objects.filter(**{name: value for name, value in wanted.items() if value})
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    return Found(found[:PER_PAGE], found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None)


def looks_at(one: Model, *, actions: Iterable[str]) -> list[AuditRecord]:
    """Return who looked at the personal data of `one`, latest first."""
    rows = AuditRecord.objects.filter(object_kind=one._meta.label_lower, object_id=str(one.pk), kind=AuditKind.READ)
    return list(rows.filter(action__in=list(actions)).order_by("-pk")[:MOST_LOOKS])
