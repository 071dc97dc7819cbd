"""Households that moved out are forgotten when their time is over; the dwelling stays."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from mulin.domains.places.models import Household


def households_over(*, before: datetime) -> QuerySet[Any]:
    return Household.objects.filter(moved_out_on__lt=timezone.localdate(before))


def delete_households(*, ids: list[Any], now: datetime) -> None:
    Household.objects.filter(pk__in=ids).delete()
