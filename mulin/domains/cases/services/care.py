"""特别保护: mark that a case concerns a child under 14, or write what is to be minded of somebody's health or care."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases.engine.steps import locked
from mulin.domains.cases.models import Care, Case

LONGEST_NOTE = 500


class CareMissing(Invalid):
    code = "care_missing"
    sentence = _("没有标记，也没有写注意事项。")
    remedy = _("勾选“涉及不满 14 周岁的人”，或写下办理时要照顾的健康情况。")


class CareTooLong(Invalid):
    code = "care_too_long"
    sentence = _("注意事项最多 500 字。")
    remedy = _("只写办理时用得上的。")


@transaction.atomic
def protect(*, actor: User, case: Case, under_14: bool, note: str, now: datetime) -> Care:
    """Add to the protection of a case; nothing is taken away. Raises CareMissing, CareTooLong."""
    note = note.replace("\x00", "").strip()
    if not under_14 and not note:
        raise CareMissing
    case = locked(case)
    care = Care.objects.filter(case=case).first() or Care(case=case)
    care.note = "\n".join(part for part in (care.note, note) if part)
    if len(care.note) > LONGEST_NOTE:
        raise CareTooLong(most=LONGEST_NOTE)
    care.under_14 = care.under_14 or under_14
    care.written_by, care.written_at = actor, now
    care.save()
    return care
