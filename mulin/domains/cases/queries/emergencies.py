"""Emergency modes (急时) a person may see: those of the own area, of areas above it and below it."""

from datetime import datetime

from django.db.models import Q, QuerySet

from mulin.domains.accounts.models import User
from mulin.domains.cases.models import Emergency
from mulin.domains.duty import queries as duty
from mulin.domains.places import queries as places
from mulin.domains.places.models import Place

MOST_PAST = 50


def visible_to(user: User, *, now: datetime) -> QuerySet[Emergency]:
    condition = Q(pk__in=[])
    for area_code in duty.scope_of(user, "cases.see_emergency", now=now).area_codes:
        condition |= places.within(area_code, "area__area_code")
        condition |= Q(area__area_code__in=places.ancestor_codes(area_code))
    return Emergency.objects.filter(condition).select_related("area", "began_by", "ended_by")


def running(user: User, *, now: datetime) -> list[Emergency]:
    found = visible_to(user, now=now).filter(ended_at=None, began_at__lte=now, ends_at__gt=now)
    return list(found.order_by("ends_at", "pk"))


def past(user: User, *, now: datetime) -> list[Emergency]:
    """Return those that are over, by hand or by time, latest first."""
    found = visible_to(user, now=now).filter(Q(ended_at__isnull=False) | Q(ends_at__lte=now))
    return list(found.order_by("-began_at", "-pk")[:MOST_PAST])


def area_place(area_code: str) -> Place | None:
    return Place.objects.filter(code=area_code, area_code=area_code, ends_on=None).first()
