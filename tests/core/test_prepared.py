"""A prepared query answers as the queryset it was built from, whatever the values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from mulin.core.models import OutboxMessage, Version
from mulin.core.prepared import Prepared

NOW = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)  # the 5th in Shanghai
pytestmark = pytest.mark.django_db


def due(events: list[int], name: str, now: datetime) -> QuerySet[OutboxMessage, Any]:
    today = localdate(now)
    late = OutboxMessage.objects.filter(due_at__lte=now).filter(Q(event=name) | Q(published_at__date__lt=today))
    return late.filter(attempts__in=events).order_by("pk").values_list("pk", "event")


def message(event: str, attempts: int, at: datetime) -> None:
    OutboxMessage.objects.create(event=event, handler="h", payload={}, published_at=at, due_at=at, attempts=attempts)


@pytest.mark.parametrize("events", [[1], [1, 2], [3, 2, 1]])
@pytest.mark.parametrize("name", ["a", "b", "o'clock", "楼道"])
@pytest.mark.parametrize("now", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=3)])
def test_it_answers_as_the_queryset(events, name, now):
    for attempts in (1, 2, 3):
        for event in ("a", "o'clock", "楼道"):
            message(event, attempts, NOW + timedelta(hours=attempts - 2))
    prepared = Prepared(due)
    for _ in range(2):
        assert prepared.rows(events=events, name=name, now=now) == list(due(events, name, now))


def test_it_is_one_query_and_built_once(django_assert_num_queries):
    built = []

    def build(name: str) -> QuerySet[Version, Any]:
        built.append(name)
        return Version.objects.filter(name=name).values_list("name")

    prepared = Prepared(build)
    Version.objects.create(name="x")
    for _ in range(3):
        with django_assert_num_queries(1):
            assert prepared.rows(name="x") == [("x",)]
    assert len(built) == 1


def test_a_value_that_shapes_the_query_is_refused():
    def build(name: str) -> QuerySet[Version, Any]:
        return Version.objects.filter(name="fixed" if name else "other").values_list("name")

    with pytest.raises(ValueError, match="not one of its parameters"):
        Prepared(build).rows(name="x")
