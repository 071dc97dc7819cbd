"""The web server that gives itself up is begun anew; one that is asked to stop is not."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mulin.commands.restarting import FIRST_PAUSE_S, LONG_LIFE_S, LONGEST_PAUSE_S, serve_until_asked_to_stop
from mulin.commands.supervisor import answers
from tests.trust.running import Installation, children_of

ENDS_OF_A_CRASH_LOOP = 2
WAIT_SECONDS = 90


class Life:
    """A server that lives for `seconds` of a clock of its own, and ends by itself or because it is asked to."""

    def __init__(self, seconds: float, *, asked: bool = False, asked_in_pause: bool = False) -> None:
        self.seconds, self.asked, self.asked_in_pause = seconds, asked, asked_in_pause


def pauses_of(*lives: Life) -> list[float]:
    now, waited, left = [0.0], [], list(lives)

    class Server:
        def __init__(self) -> None:
            self.life = left.pop(0)
            self.interrupt_signal = False
            begun.append(self)

        def serve(self) -> None:
            now[0] += self.life.seconds
            self.interrupt_signal = self.life.asked
            if not self.life.asked:
                raise SystemExit(1)

    def wait(seconds: float) -> None:
        waited.append(seconds)
        begun[-1].interrupt_signal = begun[-1].life.asked_in_pause

    begun: list[Server] = []
    serve_until_asked_to_stop(Server, wait=wait, clock=lambda: now[0])
    assert left == []
    return waited


def test_a_server_asked_to_stop_is_not_begun_again() -> None:
    assert pauses_of(Life(5, asked=True)) == []


def test_a_server_that_ends_by_itself_is_begun_again() -> None:
    assert pauses_of(Life(5), Life(5, asked=True)) == [FIRST_PAUSE_S * 2]


def test_asked_in_the_pause_it_stays_away() -> None:
    assert pauses_of(Life(5, asked_in_pause=True)) == [FIRST_PAUSE_S * 2]


def test_the_pause_grows_to_a_limit_and_begins_small_after_a_long_life() -> None:
    waited = pauses_of(*[Life(1)] * 8, Life(LONG_LIFE_S + 1), Life(1, asked=True))
    assert waited[:-1] == sorted(waited[:-1])
    assert waited[-2:] == [LONGEST_PAUSE_S, FIRST_PAUSE_S]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    running = Installation(tmp_path)
    yield running
    running.stop()


@pytest.mark.slow
@pytest.mark.django_db
def test_two_deaths_within_seconds_do_not_end_the_service(installation: Installation) -> None:
    """What the kernel does when memory runs short: it kills the largest process, and the one that takes its place."""
    installation.create_tables()
    installation.start_web()
    installation.wait_until_it_answers()
    assert installation.web is not None
    killed: set[int] = set()
    deadline = time.monotonic() + WAIT_SECONDS
    while len(killed) < 2 * ENDS_OF_A_CRASH_LOOP:
        assert time.monotonic() < deadline
        for pid in set(children_of(installation.web.pid)) - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
    while not answers("127.0.0.1", installation.port):
        assert time.monotonic() < deadline
    assert installation.web.poll() is None
