"""`mulin run` as a person meets it: a process that starts, prints, answers, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mulin.commands.supervisor import port_is_taken

START_SECONDS = 90
END_SECONDS = 30
HOST = "127.0.0.1"


class Running:
    """`mulin run --empty` in a data directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port: int = probe.getsockname()[1]
        own = {
            "MULIN_HOME": str(home),
            "MULIN_DATABASE_URL": f"sqlite:///{home / 'mulin.sqlite3'}",
            "LANG": "zh_CN.UTF-8",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mulin.commands.main", "run", "--empty", "--port", str(self.port)],
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""
        self.answered = 0

    def until_ready(self) -> None:
        assert self.process.stdout
        while "已就绪" not in self.printed:
            line = self.process.stdout.readline()
            assert line, f"mulin run ended before it was ready:\n{self.printed}"
            self.printed += line

    def child(self, command: str) -> int:
        listing = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = (line.split(maxsplit=2) for line in listing.splitlines())
        [pid] = [
            int(pid)
            for pid, parent, arguments in rows
            if int(parent) == self.process.pid and f"mulin.commands.main {command}" in arguments
        ]
        return pid

    def end(self) -> int:
        """Wait until nobody holds our pipe any more: the command, its children and their children are gone."""
        self.printed += self.process.communicate(timeout=END_SECONDS)[0]
        return self.process.returncode


@contextmanager
def begun(home: Path) -> Iterator[Running]:
    system = Running(home)
    try:
        system.until_ready()
        yield system
    finally:
        system.process.terminate()
        system.end()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """The first start in an empty place, asked to stop once it has answered."""
    with begun(tmp_path_factory.mktemp("first") / "home") as system:
        system.answered = fetch(system.port)
        system.process.send_signal(signal.SIGINT)
        system.end()
    return system


@pytest.fixture
def running(first: Running, tmp_path: Path) -> Iterator[Running]:
    """A later start on what the first one left."""
    shutil.copytree(first.home, tmp_path / "home")
    with begun(tmp_path / "home") as system:
        yield system


def fetch(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.slow
@pytest.mark.timeout(START_SECONDS + END_SECONDS)
def test_it_starts_keeps_its_secrets_and_stops_cleanly(first: Running) -> None:
    assert 0 < first.answered < 500
    for username in ("system", "security", "audit"):
        assert username in first.printed
    readable = [path.name for path in first.home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert readable == []
    assert {"secret.key", "field.key", "mulin.sqlite3"} <= {path.name for path in first.home.iterdir()}
    assert first.process.returncode == 0
    assert not port_is_taken(HOST, first.port)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["web", "worker"])
@pytest.mark.timeout(START_SECONDS + END_SECONDS)
def test_one_process_dead_ends_the_others(running: Running, victim: str) -> None:
    os.kill(running.child(victim), signal.SIGKILL)
    assert running.end() == 1
    assert victim in running.printed.splitlines()[-1]
    assert not port_is_taken(HOST, running.port)


@pytest.mark.slow
@pytest.mark.timeout(START_SECONDS + END_SECONDS)
def test_children_do_not_outlive_a_killed_command(running: Running) -> None:
    running.process.kill()
    assert running.end() == -signal.SIGKILL
    assert not port_is_taken(HOST, running.port)


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as occupant:
        occupant.bind((HOST, 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        home = tmp_path / "home"
        ended = subprocess.run(
            [sys.executable, "-m", "mulin.commands.main", "run", "--empty", "--port", str(port)],
            env={**os.environ, "MULIN_HOME": str(home), "MULIN_DATABASE_URL": f"sqlite:///{home / 'db'}"},
            capture_output=True, text=True, check=False, timeout=START_SECONDS,
        )  # fmt: skip
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert f"--port {port + 1}" in ended.stderr
    assert not (home / "db").exists()
