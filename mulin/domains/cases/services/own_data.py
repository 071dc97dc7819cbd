"""What a resident decides about what is kept of them: correct, take back, have deleted (PIPL Arts 15, 44–47)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import keyed_hashes
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import User
from mulin.domains.cases import rules
from mulin.domains.cases.engine.steps import RESIDENT_NAME, locked, take
from mulin.domains.cases.models import Case, Reporter, Step, SystemNote
from mulin.domains.cases.queries.history import ERASED_UNSALTED
from mulin.domains.cases.services import retention
from mulin.domains.cases.services.reporting import Contact
from mulin.domains.cases.states import OPEN, Status

_TAKES_NOTES = (*OPEN, Status.RESOLVED)


class CaseStillOpen(Conflict):
    code = "case_still_open"
    sentence = _("这件事项还在办理，办理所需的内容暂时不能删除。")
    remedy = _(
        "可以先撤回联系方式，随时生效；也可以先撤回事项，或等办结后再删除。"
        "依据：个人信息保护法第四十七条，处理目的实现前为履行法定职责所必需。"
    )


class PhoneInvalid(Invalid):
    code = "phone_invalid"
    sentence = _("电话号码写得不对。")
    remedy = _("请写 11 位手机号或带区号的座机；不想留电话就清空。")


@transaction.atomic
def correct_contact(*, actor: User | None, case: Case, reporter: Reporter, contact: Contact, now: datetime) -> None:
    """Write name, phone and room as the resident says. Raises PhoneInvalid."""
    if contact.phone.strip() and not rules.is_phone(contact.phone.strip()):
        raise PhoneInvalid
    case = locked(case)
    for one in copies_of(case=case, reporter=reporter):
        if rules.phone_key(one.phone) != rules.phone_key(contact.phone):
            one.phone_confirmed_at = None
        one.name, one.phone, one.room = contact.name.strip()[:60], contact.phone.strip()[:30], contact.room.strip()[:30]
        one.save(update_fields=["name", "phone", "phone_hash", "room", "phone_confirmed_at"])
    _tell(case, SystemNote.CONTACT_CORRECTED, now=now)


@transaction.atomic
def withdraw_contact(*, actor: User | None, case: Case, reporter: Reporter, now: datetime) -> None:
    """撤回同意: name, phone and room are erased at once, whether the case is open or not (PIPL Art 15)."""
    case = locked(case)
    retention.erase_contacts(ids=[one.pk for one in copies_of(case=case, reporter=reporter)], now=now)
    _tell(case, SystemNote.CONTACT_WITHDRAWN, now=now)


@transaction.atomic
def delete_own_data(*, actor: User | None, case: Case, reporter: Reporter, now: datetime) -> bool:
    """Delete what may be deleted now; return whether that is everything. Raises CaseStillOpen.

    At once: contact and photos, and the words of who joined. The words of a case that was withdrawn go too; those of
    one that was settled are kept for as long as the decision can be contested.
    """
    case = locked(case)
    if case.status in OPEN:
        raise CaseStillOpen
    retention.erase_contacts(ids=[one.pk for one in copies_of(case=case, reporter=reporter)], now=now)
    if reporter.follow_code:
        _erase_words_of_joining(case, reporter)
        return True
    retention.delete_photos(ids=list(case.photos.values_list("pk", flat=True)), now=now)
    if case.status == Status.WITHDRAWN and case.erased_at is None:
        retention.erase_words(ids=[case.pk], now=now)
        return True
    return case.erased_at is not None


def copies_of(*, case: Case, reporter: Reporter) -> list[Reporter]:
    """Return the rows of one person: merging and splitting copy them to the other case."""
    hashes = keyed_hashes(reporter.phone_key) if reporter.phone_key else [""]
    same = Q(created_at=reporter.created_at, phone_hash__in=hashes)
    related = Q(case__split_from=case) | Q(case__merged=case) | Q(case__in=[case.merged_into_id or 0])
    return list(Reporter.objects.filter(Q(pk=reporter.pk) | (same & related)).distinct())


def _erase_words_of_joining(case: Case, reporter: Reporter) -> None:
    step = Step.objects.filter(case=case, move="join", taken_at=reporter.created_at)
    step.filter(words_digest="").exclude(note="").update(words_digest=ERASED_UNSALTED)
    step.update(note="", words_salt="")


def _tell(case: Case, note: SystemNote, *, now: datetime) -> None:
    """Let the holder know, without repeating what was changed."""
    if case.status in _TAKES_NOTES:
        take(case, "add_note", actor=None, actor_name=RESIDENT_NAME, now=now, data={"system_note": note.value})
