"""Reveal a masked value, after it is written down; ask for and give the approval some values need."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core import outbox
from mulin.core.audit.purposes import Purpose, name_of
from mulin.core.audit.recording import Actor, record_read, record_write
from mulin.core.errors import Conflict
from mulin.core.revealing import queries
from mulin.core.revealing.events import RevealAsked, RevealDecided
from mulin.core.revealing.fields import Line, field_named
from mulin.core.revealing.models import RevealApproval

WAITS = timedelta(days=3)


class ApprovalNeeded(Conflict):
    code = "approval_needed"
    sentence = _("这项信息受特别保护，要另一位有审批权限的同事同意后才能查看。")
    remedy = _("请先提出查看申请，同意后在有效时间内查看。")


class ApprovalNotNeeded(Conflict):
    code = "approval_not_needed"
    sentence = _("这项信息不需要审批。")
    remedy = _("说明用途后就可以查看。")


class AlreadyDecided(Conflict):
    code = "already_decided"
    sentence = _("这个申请已经有了结果，或者已经过期。")
    remedy = _("请刷新后再看；需要时由申请人重新提出。")


@dataclass(frozen=True)
class Shown:
    """Values in full, for this one answer."""

    name: str
    lines: tuple[Line, ...]
    purpose: str

    @property
    def dial(self) -> Line | None:
        return next((line for line in self.lines if line.dial), None)


@transaction.atomic
def reveal(*, actor: Actor, field: str, object_id: int, purpose: Purpose, now: datetime) -> Shown:
    """Return the values in full; that they were looked at is written down with it. Raises ApprovalNeeded."""
    asked = field_named(field)
    found = asked.find(actor, object_id, now)
    if found.needs_approval and not queries.is_approved(actor, field, object_id, now=now):
        raise ApprovalNeeded
    record_read(actor=actor, action=f"{field}.read", objects=found.objects, purpose=purpose, now=now)
    return Shown(str(asked.name), found.lines, name_of(purpose.code))


@transaction.atomic
def ask(*, actor: Actor, field: str, object_id: int, purpose: Purpose, now: datetime) -> RevealApproval:
    """Ask a second person; asking again while it waits changes nothing. Raises ApprovalNotNeeded."""
    found = field_named(field).find(actor, object_id, now)
    if not found.needs_approval:
        raise ApprovalNotNeeded
    open_ones = RevealApproval.objects.select_for_update().filter(decided_at=None)
    waiting = open_ones.filter(field=field, object_id=object_id, asker_id=actor.pk).first()
    if waiting is not None and waiting.lapses_at > now:
        return waiting
    one = waiting or RevealApproval(field=field, object_id=object_id, asker_id=actor.pk)
    one.asker_name, one.purpose, one.purpose_note = actor.name, purpose.code, purpose.note
    one.asked_at, one.lapses_at = now, now + WAITS
    one.save()
    record_write(actor=actor, action=f"{field}.ask", one=found.objects[0], now=now)
    asked = RevealAsked(
        approval_id=one.pk, field=field, object_id=object_id, asker_id=actor.pk, asked_at=now.isoformat()
    )
    outbox.publish(asked, now=now)
    return one


@transaction.atomic
def decide(*, actor: Actor, approval: RevealApproval, granted: bool, reason: str, now: datetime) -> RevealApproval:
    """Approve for MULIN_APPROVAL_HOURS, or refuse. Who asked is no second person. Raises AlreadyDecided."""
    one = RevealApproval.objects.select_for_update().get(pk=approval.pk)
    if one.decided_at is not None or one.lapses_at <= now:
        raise AlreadyDecided
    if one.asker_id == actor.pk:
        raise queries.ApprovalUnknown
    one.decided_at, one.decided_by_id, one.decided_by_name = now, actor.pk, actor.name
    one.granted, one.reason = granted, " ".join(reason.replace("\x00", "").split())[:200]
    one.expires_at = now + timedelta(hours=settings.MULIN_APPROVAL_HOURS) if granted else None
    one.save()
    record_write(actor=actor, action=f"{one.field}.{'approve' if granted else 'refuse'}", one=one, now=now)
    decided = RevealDecided(
        approval_id=one.pk,
        field=one.field,
        object_id=one.object_id,
        asker_id=one.asker_id,
        granted=granted,
        decided_at=now.isoformat(),
    )
    outbox.publish(decided, now=now)
    return one
