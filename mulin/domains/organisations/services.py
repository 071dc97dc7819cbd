"""Writes of organisations."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from mulin.core import csv_data
from mulin.domains.accounts.models import User
from mulin.domains.organisations.models import DutyItem, DutyRole, Organisation, OrganisationKind

DATA = Path(__file__).parent / "data"


@transaction.atomic
def seed_kinds(*, now: datetime) -> int:
    """Create the kinds of organisation that come with Mulin."""
    rows = [
        OrganisationKind(code=r["code"], name_zh=r["name_zh"], name_en=r["name_en"], level=r["level"])
        for r in csv_data.rows(DATA / "organisation_kinds.csv")
    ]
    return len(OrganisationKind.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def create_organisation(
    *,
    actor: User | None,
    kind_code: str,
    code: str,
    name: str,
    area_code: str,
    now: datetime,
    parent: Organisation | None = None,
    work_phone: str = "",
) -> Organisation:
    return Organisation.objects.create(
        kind_id=kind_code,
        code=code,
        name=name,
        area_code=area_code,
        parent=parent,
        work_phone=work_phone,
        starts_on=timezone.localdate(now),
    )


@transaction.atomic
def set_duties(
    *,
    actor: User | None,
    organisation: Organisation,
    role: DutyRole,
    category_codes: Iterable[str],
    starts_on: date,
    source: str,
    now: datetime,
) -> int:
    """Make `category_codes` the open duties of this role from `starts_on`; those no longer listed end then."""
    wanted = set(category_codes)
    open_items = DutyItem.objects.filter(organisation=organisation, role=role, ends_on=None)
    listed = set(open_items.values_list("category_code", flat=True))
    open_items.exclude(category_code__in=wanted).update(ends_on=starts_on)
    fresh = [
        DutyItem(organisation=organisation, category_code=code, role=role, starts_on=starts_on, source=source)
        for code in sorted(wanted - listed)
    ]
    return len(DutyItem.objects.bulk_create(fresh))
