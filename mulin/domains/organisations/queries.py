"""Which organisations serve an area, and who leads or assists in a category there."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from mulin.domains.organisations.models import DutyItem, DutyRole, Organisation, OrganisationKind
from mulin.domains.places import queries as places

OPERATIONS_CENTRE = "OPERATIONS_CENTRE"


def serving(area_code: str, *, on: date) -> QuerySet[Organisation]:
    """Organisations whose area is this one or one above it."""
    codes = places.ancestor_codes(area_code)
    return Organisation.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), area_code__in=codes, starts_on__lte=on)


def by_duty(category_code: str, area_code: str, *, role: DutyRole, on: date) -> QuerySet[Organisation]:
    """Organisations whose duty list has the category, nearest area first."""
    items = DutyItem.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on), category_code=category_code, role=role, starts_on__lte=on
    )
    return serving(area_code, on=on).filter(duties__in=items).order_by("-area_code", "pk")


def by_kinds(kinds: Sequence[str], area_code: str, *, on: date) -> list[Organisation]:
    """Organisations of these kinds serving the area, in the order of `kinds`, nearest area first."""
    found = serving(area_code, on=on).filter(kind__in=kinds).order_by("-area_code", "pk")
    return sorted(found, key=lambda organisation: kinds.index(organisation.kind_id))


def lead_for(category_code: str, kinds: Sequence[str], area_code: str, *, on: date) -> Organisation | None:
    """Return who leads in the category here: by duty list, otherwise by kind."""
    listed = by_duty(category_code, area_code, role=DutyRole.LEAD, on=on).first()
    return listed or next(iter(by_kinds(kinds, area_code, on=on)), None)


def operations_centre(area_code: str, *, on: date) -> Organisation | None:
    """Return the centre that holds what nobody else can: the nearest one above the area."""
    return serving(area_code, on=on).filter(kind=OPERATIONS_CENTRE).order_by("-area_code").first()


def kinds() -> dict[str, OrganisationKind]:
    return OrganisationKind.objects.in_bulk()


def departments(area_code: str, *, on: date) -> QuerySet[Organisation]:
    """Organisations that can be whistled for a place, by name."""
    return serving(area_code, on=on).select_related("kind").order_by("kind__level", "name")


def duties_of(organisation_id: int, *, on: date) -> list[DutyItem]:
    """Return the duty list of an organisation in force on a day, by category."""
    items = DutyItem.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), organisation=organisation_id)
    return list(items.filter(starts_on__lte=on).order_by("category_code"))


def organisation(organisation_id: int) -> Organisation:
    return Organisation.objects.select_related("kind").get(pk=organisation_id)


def organisation_if_known(organisation_id: int) -> Organisation | None:
    return Organisation.objects.select_related("kind").filter(pk=organisation_id).first()
