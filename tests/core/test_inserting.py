"""A prepared INSERT writes what the ORM would write."""

from datetime import UTC, datetime

import pytest

from mulin.core.inserting import insert
from mulin.core.models import OutboxMessage

NOW = datetime(2026, 3, 4, 2, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def message(event: str) -> OutboxMessage:
    return OutboxMessage(event=event, handler="h", payload={"楼": [1, None]}, published_at=NOW, due_at=NOW)


def test_a_row_reads_back_as_the_orm_would_have_written_it():
    ours, theirs = message("a"), message("a")
    insert(ours)
    theirs.save()
    assert ours.pk
    assert theirs.pk == ours.pk + 1
    rows = [{k: v for k, v in row.items() if k != "id"} for row in OutboxMessage.objects.order_by("pk").values()]
    assert rows[0] == rows[1]


def test_several_rows_go_in_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        insert(message("a"), message("b"), message("c"))
    assert list(OutboxMessage.objects.order_by("pk").values_list("event", flat=True)) == ["a", "b", "c"]


def test_an_inserted_row_can_be_saved_again():
    row = message("a")
    insert(row)
    row.error = "x"
    row.save()
    assert OutboxMessage.objects.get().error == "x"


def test_nothing_is_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert()
    assert not OutboxMessage.objects.exists()
