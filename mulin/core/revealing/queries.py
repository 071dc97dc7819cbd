"""How a protected field stands for one person, and which requests wait for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_lazy as _

from mulin.core.audit import purposes
from mulin.core.audit.recording import Actor
from mulin.core.errors import NotFound
from mulin.core.revealing.fields import SensitiveField, all_fields, field_named
from mulin.core.revealing.models import RevealApproval

State = Literal["free", "ask", "waiting", "approved", "refused"]
MOST_SHOWN = 30


class ApprovalUnknown(NotFound):
    code = "approval_unknown"
    sentence = _("没有这个查看申请，或者不归您审批。")


@dataclass(frozen=True)
class Mask:
    """What the component under a masked value needs: which field of which object, and what may be done now."""

    field: str
    object_id: int
    state: State = "free"
    approval: RevealApproval | None = None

    @property
    def may_reveal(self) -> bool:
        return self.state in ("free", "approved")

    @property
    def purposes(self) -> list[tuple[str, str]]:
        return purposes.choices()

    @property
    def other(self) -> str:
        return purposes.OTHER


def mask(user: Actor, field: str, object_id: int, *, needs_approval: bool, now: datetime) -> Mask:
    """Return how the field stands for `user`; asks the database only if a second person has a say."""
    if not needs_approval:
        return Mask(field, object_id)
    last = RevealApproval.objects.filter(field=field, object_id=object_id, asker_id=user.pk).order_by("-pk").first()
    return Mask(field, object_id, _state(last, now=now), last)


def _state(last: RevealApproval | None, *, now: datetime) -> State:
    if last is None:
        return "ask"
    if last.decided_at is None:
        return "waiting" if last.lapses_at > now else "ask"
    if not last.granted:
        return "refused"
    return "approved" if last.expires_at is not None and last.expires_at > now else "ask"


def is_approved(user: Actor, field: str, object_id: int, *, now: datetime) -> bool:
    return mask(user, field, object_id, needs_approval=True, now=now).state == "approved"


@dataclass(frozen=True)
class Request:
    """A request as a list shows it: never the value."""

    approval: RevealApproval
    field: SensitiveField
    title: str
    state: State

    @property
    def url(self) -> str:
        return self.field.page(self.approval.object_id)

    @property
    def purpose(self) -> str:
        return purposes.name_of(self.approval.purpose)


def waiting_for(user: Actor, *, now: datetime) -> list[Request]:
    """Return the open requests `user` may decide, oldest first."""
    found: list[Request] = []
    for field in all_fields():
        rows = RevealApproval.objects.filter(field=field.code, decided_at=None, lapses_at__gt=now)
        waiting = list(rows.exclude(asker_id=user.pk).order_by("pk"))
        allowed = set(field.may_approve(user, {row.object_id for row in waiting}, now)) if waiting else set()
        found += _requests(field, [row for row in waiting if row.object_id in allowed][:MOST_SHOWN], now=now)
    return found


def asked_by(user: Actor, *, now: datetime) -> list[Request]:
    """Return the requests of `user`, latest first."""
    rows = list(RevealApproval.objects.filter(asker_id=user.pk).order_by("-pk")[:MOST_SHOWN])
    known = {field.code: field for field in all_fields()}
    by_field = {code: [row for row in rows if row.field == code] for code in known}
    found = [one for code, of_field in by_field.items() for one in _requests(known[code], of_field, now=now)]
    return sorted(found, key=lambda one: -one.approval.pk)


def _requests(field: SensitiveField, rows: list[RevealApproval], *, now: datetime) -> list[Request]:
    titles: Mapping[int, str] = field.title({row.object_id for row in rows}) if rows else {}
    return [Request(row, field, titles.get(row.object_id, ""), _state(row, now=now)) for row in rows]


def as_request(approval: RevealApproval, *, now: datetime) -> Request:
    """Return one request as a list shows it."""
    return _requests(field_named(approval.field), [approval], now=now)[0]


def request_for(user: Actor, approval_id: int, *, now: datetime) -> RevealApproval:
    """Return an open request `user` may decide; raise ApprovalUnknown."""
    row = RevealApproval.objects.filter(pk=approval_id).exclude(asker_id=user.pk).first()
    if row is None or row.object_id not in field_named(row.field).may_approve(user, {row.object_id}, now):
        raise ApprovalUnknown
    return row


def page_of(field: str, object_id: int) -> str:
    return field_named(field).page(object_id)
