"""The auditor's page: who did what, when, why and from where; never what residents said or left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mulin.core.audit import purposes, searching, words
from mulin.core.audit.models import AuditKind, AuditRecord
from mulin.web.guards import needs

FIELDS = ("username", "area", "object", "kind", "purpose", "since", "until", "before")
MOST_DIGITS = 18
CASE_NUMBER = re.compile(r"\d{8}-0*(\d+)", re.ASCII)
"""20261122-000123, as people write it: the object is 123."""


@dataclass(frozen=True)
class Row:
    record: AuditRecord
    what: str
    why: str

    @property
    def is_read(self) -> bool:
        return self.record.kind == AuditKind.READ


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next_key: int | None
    chain: searching.ChainState
    asked: Mapping[str, str]
    areas: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    purposes: list[tuple[str, str]]
    days_kept: int


@never_cache
@require_GET
@needs("accounts.audit")
def audit(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in FIELDS}
    return render(request, "mulin/audit.html", {"page": audit_page(asked)})


def audit_page(asked: Mapping[str, str]) -> Page:
    """Return the records for what is `asked`: a text for each of FIELDS."""
    found = searching.search(_search(asked))
    return Page(
        rows=[Row(one, words.action_words(one.action), purposes.name_of(one.purpose)) for one in found.records],
        next_key=found.next_key,
        chain=searching.chain_state(),
        asked=asked,
        areas=words.areas(),
        kinds=[(AuditKind.READ.value, _("查看")), (AuditKind.WRITE.value, _("改动"))],
        purposes=purposes.recorded(),
        days_kept=settings.MULIN_AUDIT_DAYS,
    )


def _search(asked: Mapping[str, str]) -> searching.Search:
    """Return what is asked for; what cannot be read is as if it were not asked."""
    kind, _space, object_id = asked["object"].rpartition(" ")
    numbered = CASE_NUMBER.fullmatch(object_id)
    until = _midnight(asked["until"])
    return searching.Search(
        username=asked["username"],
        action=f"{asked['area']}." if asked["area"] else "",
        object_kind=kind.lower(),
        object_id=numbered[1] if numbered else object_id,
        purpose=asked["purpose"],
        kind=asked["kind"],
        since=_midnight(asked["since"]),
        until=until + timedelta(days=1) if until else None,
        before=_number(asked["before"]),
    )


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    if day is None or not 2000 <= day.year <= 2100:
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
