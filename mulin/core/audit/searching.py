"""Read the audit: for the auditor by person, object, time and purpose; for the person whose data was looked at."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from mulin.core.audit.models import AuditKind, AuditRecord, AuditRemoval, AuditSeal, AuditVerification
from mulin.core.audit.purposes import name_of
from mulin.core.audit.words import action_words

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


@dataclass(frozen=True)
class ChainState:
    """How the chain stands: its end, what waits to be sealed, and what the last walk along it found."""

    sequence: int
    hash: str
    sealed_at: datetime | None
    unsealed: int
    removed_up_to: int
    verification: AuditVerification | None


def chain_state() -> ChainState:
    seal = AuditSeal.objects.order_by("-sequence").first()
    removal = AuditRemoval.objects.order_by("-sequence").first()
    last_id = seal.ranges[-1][1] if seal else removal.last_id if removal else 0
    return ChainState(
        sequence=seal.sequence if seal else 0,
        hash=seal.hash if seal else "",
        sealed_at=seal.at if seal else None,
        unsealed=AuditRecord.objects.filter(pk__gt=last_id).count(),
        removed_up_to=removal.sequence if removal else 0,
        verification=AuditVerification.objects.exclude(finished_at=None, faults=0).order_by("-pk").first(),
    )


@dataclass(frozen=True)
class Look:
    """One look at somebody's data, as that person may read it: who, as what, when, why, at what. No user name."""

    at: datetime
    name: str
    role: str
    what: str
    why: str


def looks_at(one: Model) -> list[Look]:
    """Return who looked at the personal data of `one`, latest first: for the person it is about; one query."""
    rows = AuditRecord.objects.filter(object_kind=one._meta.label_lower, object_id=str(one.pk), kind=AuditKind.READ)
    return [
        Look(row.at, row.actor_name, row.actor_role, action_words(row.action), _purpose(row))
        for row in rows.order_by("-pk")[:MOST_LOOKS]
    ]


def _purpose(row: AuditRecord) -> str:
    name = name_of(row.purpose) or _("未注明")
    return f"{name} {row.purpose_note}".rstrip()
