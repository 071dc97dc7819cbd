"""The same write asked for twice, at once or later, is done once and answered alike."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from mulin.core import idempotency
from mulin.core.errors import Refused
from mulin.core.inserting import insert
from mulin.core.models import IdempotencyKey, RefusedAttempt

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[False, True], ids=["key first", "key last"], autouse=True)
def order(request: pytest.FixtureRequest) -> Iterator[None]:
    repeatable.append(request.param)
    yield
    repeatable.pop()


repeatable: list[bool] = []


def write(key: str, content: str = "a", *, fail: bool = False) -> dict[str, object]:
    def do() -> dict[str, object]:
        number = RefusedAttempt.objects.count()
        insert(RefusedAttempt(bucket=f"row {number}", window_at=NOW))
        if fail:
            raise Refused("no")
        return {"row": number}

    return idempotency.once(scope="test", key=key, content=content, now=NOW, do=do, repeatable=repeatable[-1])


def test_the_second_time_gives_the_first_answer():
    assert write("k") == write("k") == {"row": 0}
    assert RefusedAttempt.objects.count() == 1


def test_another_key_is_another_write():
    write("k")
    write("l")
    assert RefusedAttempt.objects.count() == 2


def test_the_same_key_with_other_content_is_refused():
    write("k")
    with pytest.raises(idempotency.KeyReused):
        write("k", "b")
    assert RefusedAttempt.objects.count() == 1


def test_a_refused_write_leaves_no_key():
    with pytest.raises(Refused):
        write("k", fail=True)
    assert IdempotencyKey.objects.count() == 0
    assert write("k") == {"row": 0}


@pytest.mark.parametrize("key", ["", "x" * 81, "a\x00b"])
def test_a_bad_key_is_refused(key):
    with pytest.raises(idempotency.KeyInvalid):
        write(key)


def test_ten_at_once_write_once():
    answers: list[object] = []
    start = threading.Barrier(10)

    def ask() -> None:
        start.wait()
        answers.append(write("k"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"row": 0}] * 10
    assert RefusedAttempt.objects.count() == 1
