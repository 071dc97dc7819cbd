"""A prepared INSERT writes what the ORM would write; rows written together are kept all or none."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from mulin.core import outbox
from mulin.core.inserting import insert, is_whole, together
from mulin.core.models import OutboxMessage, RefusedAttempt

NOW = datetime(2026, 3, 4, 2, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def message(event: str) -> OutboxMessage:
    return OutboxMessage(event=event, handler="h", payload={"楼": [1, None]}, published_at=NOW, due_at=NOW)


def attempt(bucket: str) -> RefusedAttempt:
    return RefusedAttempt(bucket=bucket, window_at=NOW)


def events() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("event", flat=True))


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
    assert events() == ["a", "b", "c"]


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


def test_rows_of_several_tables_are_written_together():
    with together():
        first = message("a")
        insert(first)
        insert(message("b"), message("c"), keyed=False)
        insert(attempt(f"after {first.pk}"), keyed=False)
    assert events() == ["a", "b", "c"]
    assert OutboxMessage.objects.get(event="a").pk == first.pk
    assert RefusedAttempt.objects.get().bucket == f"after {first.pk}"
    message("d").save()
    assert OutboxMessage.objects.get(event="d").pk > first.pk


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes in one transaction, not one statement")
def test_on_postgresql_it_is_one_statement_and_its_keys(django_assert_num_queries):
    with django_assert_num_queries(2), together():
        insert(message("a"))
        insert(message("b"), keyed=False)
        insert(attempt("x"), keyed=False)


def write_one_twice() -> None:
    with together():
        insert(message("a"))
        insert(attempt("x"), keyed=False)


def test_what_the_database_refuses_is_refused_with_everything_beside_it():
    insert(attempt("x"))
    with pytest.raises(IntegrityError):
        write_one_twice()
    assert not events()
    insert(message("b"))
    assert events() == ["b"]


def test_a_refusal_inside_a_transaction_leaves_the_transaction_usable():
    with transaction.atomic():
        insert(attempt("x"))
        with pytest.raises(IntegrityError):
            write_one_twice()
        insert(message("b"))
    assert events() == ["b"]


def write_and_fail() -> None:
    with together():
        with together():
            insert(message("a"))
        raise ZeroDivisionError


def test_an_error_of_the_caller_leaves_nothing_of_the_block_nor_of_one_inside():
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert not events()
    assert not is_whole()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="on SQLite it is an ordinary transaction")
def test_nothing_else_slips_out_of_the_block():
    with pytest.raises(RuntimeError, match="insert"), together():
        message("a").save()
    assert not events()


def test_an_event_is_published_in_the_block_as_in_a_transaction():
    with pytest.raises(RuntimeError, match="outside a transaction"):
        outbox.publish(now=NOW)
    with together():
        outbox.publish(now=NOW)
    assert connection.in_atomic_block is False
