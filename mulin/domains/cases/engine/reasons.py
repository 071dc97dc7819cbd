"""Reasons: free words that must be there, or an entry of a dated list."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid
from mulin.domains.cases.models import Case
from mulin.domains.cases.queries import directory


class ReasonMissing(Invalid):
    code = "reason_missing"
    sentence = _("请写明理由。")
    remedy = _("理由会记入事项经过，居民和审核人都能看到。")


class ReasonUnknown(Invalid):
    code = "reason_unknown"
    sentence = _("这个理由不在规定的清单里。")
    remedy = _("请从清单中选择。")


def reasoned(reason: str) -> str:
    """Return the reason without spaces around it; raise ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:1000]


def listed(name: str, code: str, *, case: Case, now: datetime) -> dict[str, str]:
    """Return the entry `code` of the dated list of reasons `name`; raise ReasonUnknown."""
    entries: list[dict[str, str]] = directory.policy(name, now=now, area_code=case.area_code)
    for entry in entries:
        if entry["code"] == code:
            return entry
    raise ReasonUnknown
