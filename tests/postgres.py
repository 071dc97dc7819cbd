"""A PostgreSQL for one test run: its own data directory, a Unix socket in it, no durability, gone at the end."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB", "max_connections=60")
START_SECONDS = 60


class PostgresMissing(Exception):
    pass


@dataclass
class Postgres:
    directory: Path
    process: subprocess.Popen[bytes]
    url: str

    @classmethod
    def start(cls, tuning: Sequence[str] = SPEED) -> "Postgres":
        """Start a server with these settings (`name=value`); without SPEED it is as durable as in production."""
        programs = find_programs()
        directory = Path(tempfile.mkdtemp(prefix="mulin-pg-"))
        person = _unprivileged(directory)
        data = directory / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "mulin", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=directory, **person,
        )  # fmt: skip
        server = cls(directory, _launch(programs, directory, tuning), f"postgresql://mulin@/postgres?host={directory}")
        server.wait()
        return server

    def crash(self) -> None:
        """End the server without a word to anybody, as a cut of power would; its data stay."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)

    def start_again(self, tuning: Sequence[str] = SPEED) -> None:
        self.process = _launch(find_programs(), self.directory, tuning)
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.directory / "log").read_text(errors="replace")
                    self.stop()
                    raise PostgresMissing(f"PostgreSQL did not start:\n{log[-2000:]}") from error
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # "fast": ends open sessions
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=10)
        shutil.rmtree(self.directory, ignore_errors=True)


def _launch(programs: Path, directory: Path, tuning: Sequence[str]) -> subprocess.Popen[bytes]:
    options = [part for option in (*tuning, "listen_addresses=", f"unix_socket_directories={directory}")
               for part in ("-c", option)]  # fmt: skip
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", directory / "data", *options],
            stdout=log, stderr=log, cwd=directory, process_group=0, **_unprivileged(directory),
        )  # fmt: skip


def find_programs() -> Path:
    """Return the directory of `initdb` and `postgres`, newest version first; raise PostgresMissing if there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    brew = sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    on_path = [Path(found).resolve().parent for name in ("postgres", "initdb") if (found := shutil.which(name))]
    for directory in (*debian, *brew, *on_path):
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise PostgresMissing(
        "No PostgreSQL server here (initdb, postgres). "
        "Debian: apt-get install postgresql; macOS: brew install postgresql."
    )


def _unprivileged(directory: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: give the directory, and the processes, to somebody else."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    person = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(directory, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
