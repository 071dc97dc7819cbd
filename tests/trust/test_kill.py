"""kill -9 of web or worker at random moments of a burst: what was acknowledged is there, dispatched exactly once."""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trust.clients import Client
from tests.trust.running import START_SECONDS, Installation

KILLS = int(os.environ.get("MULIN_TEST_KILLS", "25"))
CLIENTS = 4
DRAIN_SECONDS = 120

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    running = Installation(tmp_path)
    yield running
    running.stop()


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(installation: Installation) -> None:
    known = installation.prepare()
    installation.start_web()
    installation.start_worker()
    installation.wait_until_it_answers()
    stop, luck = threading.Event(), random.Random(20260101)
    clients = [Client(installation.port, known, stop) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    deeds = [installation.kill_worker, installation.kill_one_web_process]
    for number in range(KILLS):
        wait_for_another_report(clients, installation)
        time.sleep(luck.uniform(0, 0.8))
        installation.kill_web() if number % 10 == 9 else luck.choice(deeds)()
    stop.set()
    for client in clients:
        client.join()
    acknowledged = [code for client in clients for code in client.acknowledged]
    assert len(acknowledged) >= KILLS
    assert [a for client in clients for a in client.other_answers] == []
    wait_until_delivered(installation)
    there = json.loads(installation.python("from tests.trust.town import inventory; inventory()"))
    # Every client repeats its report until it is acknowledged, so both lists are equal: none lost, none twice.
    assert sorted(there["receipts"]) == sorted(acknowledged)
    assert (there["dispatches"], there["dispatched"]) == ([1], len(acknowledged))
    assert (there["notices"], there["noticed"]) == ([1], len(acknowledged))
    assert there["held"] == len(acknowledged)
    assert there["faults"] == []


def wait_for_another_report(clients: list[Client], installation: Installation) -> None:
    """Only a server that answers can lose something when it is killed; how soon it starts again is the machine's."""
    before, deadline = sum(len(client.acknowledged) for client in clients), time.monotonic() + START_SECONDS
    while sum(len(client.acknowledged) for client in clients) == before:
        assert time.monotonic() < deadline, f"no report after a restart:\n{installation.last_words()}"
        time.sleep(0.02)


def wait_until_delivered(installation: Installation) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while int(installation.python("from tests.trust.town import pending; pending()")):
        assert time.monotonic() < deadline, "the worker did not deliver what was left"
        time.sleep(1)
