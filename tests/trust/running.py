"""A real installation in processes of its own: database, web, worker; for tests that kill them."""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

PROJECT = Path(__file__).parent.parent.parent
START_SECONDS = 150  # what a loaded machine may take; nothing is promised about it


def fresh_database(home: Path, here: str = "") -> str:
    """Return the address of an empty database of the kind this test run uses, or of the server at `here`."""
    here = here or os.environ["MULIN_DATABASE_URL"]
    if here.startswith("sqlite"):
        return f"sqlite:///{home / 'running.sqlite3'}"
    name = f"running_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(here, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    base, _, query = here.partition("?")
    return f"{base.rpartition('/')[0]}/{name}?{query}"


@dataclass
class Installation:
    home: Path
    server: str = ""
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "MULIN_HOME": str(self.home),
            "MULIN_DATABASE_URL": fresh_database(self.home, self.server),
            "MULIN_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "mulin.config.settings",
        }

    def python(self, statement: str) -> str:
        """Run a statement with Django set up in this installation; return what it prints."""
        script = f"import django; django.setup(); {statement}"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=self.environment,
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0"], env=self.environment, cwd=PROJECT, check=True
        )

    def create_tables(self) -> None:
        """Have today's tables with what migrations put in them."""
        if self.server:
            self.migrate()
        else:
            self.begin_as(_migrated())

    def begin_as(self, other: "Installation") -> None:
        """Become a copy of another one at rest: its keys and its database."""
        for key in other.home.glob("*.key"):
            shutil.copy(key, self.home)
        source, url = (one.environment["MULIN_DATABASE_URL"] for one in (other, self))
        if url.startswith("sqlite"):
            for path in other.home.glob("running.sqlite3*"):
                shutil.copy(path, self.home)
        else:
            _copy_database(source, url)

    def prepare(self) -> dict[str, str]:
        """Create the tables and a small town; return what the client needs to know."""
        self.create_tables()
        found: dict[str, str] = json.loads(self.python("from tests.trust.town import build; build()"))
        return found

    def start_web(self) -> None:
        self.web = self._start("web", "--port", str(self.port))

    def start_worker(self) -> None:
        self.worker = self._start("worker")

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "mulin.commands.main", *arguments]
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                command, env=self.environment, cwd=PROJECT, process_group=0, stdout=log, stderr=log
            )  # fmt: skip

    @property
    def log_file(self) -> Path:
        return self.home / "processes.log"

    def last_words(self) -> str:
        """What the processes wrote, for the message of a failed test."""
        return self.log_file.read_text(errors="replace")[-3000:] if self.log_file.exists() else ""

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the web process did not start:\n{self.last_words()}")

    def kill_worker(self) -> None:
        assert self.worker is not None
        _kill(self.worker)
        self.start_worker()

    def kill_web(self) -> None:
        assert self.web is not None
        _kill(self.web)
        self.start_web()

    def kill_one_web_process(self) -> None:
        """Kill one of the server's own processes; the server starts another."""
        assert self.web is not None
        if pids := children_of(self.web.pid):  # none while the server itself begins anew
            with suppress(ProcessLookupError):
                os.kill(pids[-1], signal.SIGKILL)

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process is not None:
                _kill(process)


@cache
def _migrated() -> Installation:
    """The migrations take seconds; they run once for all whose beginning they are."""
    first = Installation(Path(tempfile.mkdtemp(prefix="mulin-tables-")))
    atexit.register(shutil.rmtree, first.home)
    first.migrate()
    return first


def _copy_database(source: str, url: str) -> None:
    names = [conninfo_to_dict(one)["dbname"] for one in (source, url)]
    with psycopg.connect(os.environ["MULIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {names[1]}")
        connection.execute(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}")


def children_of(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(child) for child, parent in (line.split() for line in listing.splitlines()) if int(parent) == pid]


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
