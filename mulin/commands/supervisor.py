"""Keeps the web process and the worker running as one: both start, both stop, and one's death ends the other."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from mulin.commands.serve import KILL_SECONDS, PARENT_VARIABLE

READY_SECONDS = 90
POLL_SECONDS = 0.25
ANSWER_SECONDS = 10
STOP_SECONDS = KILL_SECONDS + 4


class StartFailed(Exception):
    """A child ended, or the page did not answer, before the system was ready."""


@dataclass
class Supervisor:
    host: str
    port: int
    workers: int
    threads: int
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False

    def run(self, *, when_ready: Callable[[], None]) -> str | None:
        """Start both, call `when_ready` once the page answers, wait; return who died, or None for a wished end."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._start()
            if self._wait_until_it_answers():
                when_ready()
            return self._wait_for_an_end()
        finally:
            self._stop_all()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self) -> None:
        self.children["web"] = self._child(
            "web", "--host", self.host, "--port", str(self.port),
            "--workers", str(self.workers), "--threads", str(self.threads),
        )  # fmt: skip
        self.children["worker"] = self._child("worker")

    def _child(self, *arguments: str) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C in the terminal reaches only us, and we stop the children in order.
        return subprocess.Popen(
            [sys.executable, "-m", "mulin.commands.main", *arguments],
            env={"MULIN_PUBLIC_URL": address(self.host, self.port), **os.environ, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            process_group=0,
        )

    def _wait_until_it_answers(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping:
            if answers(self.host, self.port):
                return True
            if dead := self._dead():
                raise StartFailed(dead)
            if time.monotonic() > deadline:
                raise StartFailed("web")
            time.sleep(POLL_SECONDS)
        return False

    def _wait_for_an_end(self) -> str | None:
        while not self.stopping:
            if dead := self._dead():
                return dead
            time.sleep(POLL_SECONDS)
        return None

    def _dead(self) -> str | None:
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def _stop_all(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):  # the usual case: nobody of the child's group is left
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def address(host: str, port: int) -> str:
    return f"http://{reachable(host)}:{port}"


def reachable(host: str) -> str:
    """Where this machine itself finds a server that listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host


def port_is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def answers(host: str, port: int) -> bool:
    """Does the front page come back, whatever it says short of an error of ours?"""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": f"127.0.0.1:{port}"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
