"""What an import leaves behind: samples of a file somebody brought, rows that did not go in."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from mulin.domains.planning.models import GroundImport, StagedRow


def imports_over(*, before: datetime) -> QuerySet[Any]:
    left = GroundImport.objects.filter(~Q(sample={}) | Q(staged__isnull=False), finished_at__lt=before, stored="")
    return left.distinct()


def erase_imports(*, ids: list[Any], now: datetime) -> None:
    StagedRow.objects.filter(job__in=ids).delete()
    GroundImport.objects.filter(pk__in=ids).update(sample={})
