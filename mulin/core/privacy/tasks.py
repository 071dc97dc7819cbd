"""What privacy does by the clock, and the tables of core it looks after."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from mulin.core.exports.models import ExportFile
from mulin.core.models import IdempotencyKey
from mulin.core.privacy import retention
from mulin.core.revealing.models import RevealApproval
from mulin.core.worker import periodic


@periodic("core.retention", every=timedelta(hours=24))
def dispose_of_what_is_over(now: datetime) -> None:
    retention.carry_out(now=now)


def answers_over(*, before: datetime) -> QuerySet[Any]:
    return IdempotencyKey.objects.filter(created_at__lt=before)


def delete_answers(*, ids: list[Any], now: datetime) -> None:
    IdempotencyKey.objects.filter(pk__in=ids).delete()


def approvals_over(*, before: datetime) -> QuerySet[Any]:
    return RevealApproval.objects.filter(asked_at__lt=before)


def delete_approvals(*, ids: list[Any], now: datetime) -> None:
    RevealApproval.objects.filter(pk__in=ids).delete()


def exports_over(*, before: datetime) -> QuerySet[Any]:
    """Return the entries of the register whose files are gone: a file that is still there keeps its entry."""
    return ExportFile.objects.filter(made_at__lt=before, deleted_at__isnull=False)


def delete_exports(*, ids: list[Any], now: datetime) -> None:
    ExportFile.objects.filter(pk__in=ids).delete()


retention.register("REPEAT", answers_over, delete_answers)
retention.register("APPROVAL", approvals_over, delete_approvals)
retention.register("EXPORT", exports_over, delete_exports)
