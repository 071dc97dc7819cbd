"""What is sent without waiting is written, or refused as Django would refuse it, and the connection goes on."""

import pytest
from django.db import IntegrityError, connection, transaction

from mulin.core.models import Version
from mulin.core.pipelining import pipelined

pytestmark = pytest.mark.django_db(transaction=True)


def write(*names: str) -> None:
    with transaction.atomic(), pipelined(), connection.cursor() as cursor:
        for name in names:
            cursor.execute("INSERT INTO core_version (name, number) VALUES (%s, 1)", [name])


def test_everything_sent_is_written():
    write("a", "b", "c")
    assert Version.objects.count() == 3


def test_rows_can_be_read_in_between():
    with transaction.atomic(), pipelined():
        Version.objects.create(name="a")
        assert Version.objects.filter(name="a").exists()
    assert Version.objects.count() == 1


def test_a_refusal_is_djangos_own_and_leaves_nothing():
    write("a")
    with pytest.raises(IntegrityError):
        write("b", "a", "c")
    assert list(Version.objects.values_list("name", flat=True)) == ["a"]
    write("d")
    assert Version.objects.count() == 2


def test_an_error_of_the_caller_rolls_back():
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert not Version.objects.exists()


def write_and_fail() -> None:
    with transaction.atomic(), pipelined():
        Version.objects.create(name="a")
        raise ZeroDivisionError
