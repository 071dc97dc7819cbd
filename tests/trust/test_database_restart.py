"""PostgreSQL goes away in the middle of the work and comes back: refusals meanwhile, then service, nobody restarted."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.trust.clients import Client
from tests.trust.running import START_SECONDS, Installation, children_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]
CLIENTS = 2
RESTARTS = 2
DURABLE = ("fsync=off", "max_connections=60")
"""What is committed outlives the server, though not the machine."""


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite is no server")
    own = Postgres.start(DURABLE)
    yield own
    own.stop()


@pytest.fixture
def installation(server: Postgres, tmp_path: Path) -> Iterator[Installation]:
    running = Installation(tmp_path, server.url)
    yield running
    running.stop()


def until(happened: Callable[[], object], why: str, installation: Installation) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"{why}\n{installation.last_words()}"
        time.sleep(0.05)


def more(count: Callable[[], int], than: int) -> Callable[[], bool]:
    return lambda: count() > than


def test_requests_are_refused_while_it_is_away_and_served_when_it_is_back(
    server: Postgres, installation: Installation
) -> None:
    known = installation.prepare()
    installation.start_web()
    installation.start_worker()
    installation.wait_until_it_answers()
    assert installation.web is not None
    stop = threading.Event()
    clients = [Client(installation.port, known, stop) for _ in range(CLIENTS)]
    for client in clients:
        client.start()

    def acknowledged() -> int:
        return sum(len(client.acknowledged) for client in clients)

    def refused() -> int:
        return sum(len(client.other_answers) for client in clients)

    until(lambda: acknowledged() > CLIENTS, "nothing was reported", installation)
    processes = sorted(children_of(installation.web.pid))
    for _number in range(RESTARTS):
        before = refused()
        server.crash()
        until(more(refused, before), "nobody was refused", installation)
        server.start_again(DURABLE)
        before = acknowledged()
        until(more(acknowledged, before + 2 * CLIENTS), "no report afterwards", installation)
    stop.set()
    for client in clients:
        client.join()
    answers = [answer for client in clients for answer in client.other_answers]
    assert {status for status, _body in answers} == {503}
    assert all("database_away" in body for _status, body in answers)
    assert sorted(children_of(installation.web.pid)) == processes
    pending = "from tests.trust.town import pending; pending()"
    until(lambda: not int(installation.python(pending)), "the worker did not go on", installation)
    there = json.loads(installation.python("from tests.trust.town import inventory; inventory()"))
    codes = [code for client in clients for code in client.acknowledged]
    assert sorted(there["receipts"]) == sorted(codes)
    assert there["faults"] == []
