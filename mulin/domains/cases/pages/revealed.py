"""What can be revealed of a case: who reported it with where they live, and notes on health and care."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.revealing.fields import Found, Line, SensitiveField, register
from mulin.core.revealing.queries import Mask, mask
from mulin.domains.accounts.models import User
from mulin.domains.cases import access
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import detail, visible_to
from mulin.domains.cases.queries.notices import APPROVE_REVEALS
from mulin.domains.cases.redaction import without_numbers

REPORTERS, CARE = "cases.reporters", "cases.care"


def reporters_mask(user: User, case: Case, *, now: datetime) -> Mask:
    return mask(user, REPORTERS, case.pk, needs_approval=is_protected(case), now=now)


def care_mask(user: User, case: Case, *, now: datetime) -> Mask | None:
    """Return the mask of the note on health and care; None when there is no note."""
    care = detail.care(case)
    return mask(user, CARE, case.pk, needs_approval=True, now=now) if care is not None and care.note else None


def is_protected(case: Case) -> bool:
    """Say whether the reporters are a child's, or the case has a note on health."""
    care = detail.care(case)
    return care is not None and care.under_14


def _find_reporters(user: User, case_id: int, now: datetime) -> Found:
    case = access.case_with_reporters(user, case_id, now=now)
    return Found((case,), tuple(_reporter_lines(case)), is_protected(case))


def _reporter_lines(case: Case) -> Iterator[Line]:
    for one in detail.reporters(case):
        for label, text, dial in (
            (_("姓名"), one.name, ""),
            (_("电话"), one.phone, one.phone),
            (_("房号"), one.room, ""),
        ):
            if text:
                yield Line(label, text, dial)
    if without_numbers(case.text) != case.text:
        yield Line(_("原话"), case.text)
    if case.address_text:
        yield Line(_("居民说明"), case.address_text)


def _find_care(user: User, case_id: int, now: datetime) -> Found:
    case = access.case_with_reporters(user, case_id, now=now)
    care = detail.care(case)
    if care is None or not care.note:
        raise access.CaseUnknown
    return Found((case,), (Line(_("健康与照护"), care.note),), needs_approval=True)


def _may_approve(user: User, case_ids: Collection[int], now: datetime) -> Collection[int]:
    return visible_to(user, now=now, to=APPROVE_REVEALS).filter(pk__in=case_ids).values_list("pk", flat=True)


def _page(case_id: int) -> str:
    return reverse("cases:detail", args=[case_id])


for _code, _name, _find in (
    (REPORTERS, gettext_lazy("反映人的姓名、电话和房号"), _find_reporters),
    (CARE, gettext_lazy("健康与照护信息"), _find_care),
):
    register(SensitiveField(_code, _name, _find, _may_approve, _page, detail.numbers))
