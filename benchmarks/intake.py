"""Reports per second through HTTP, beside the floor and a plain Django view, on SQLite and PostgreSQL, in one run.

    .venv/bin/python -m benchmarks.intake [--seconds 6] [--rounds 3] [--database sqlite|postgresql]

Each database holds the demo town; each server is granian with two processes; rounds are interleaved, medians compared.
"""

import argparse
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import load
from tests.postgres import Postgres

REPORT = "/api/v1/reports"
LIST = "/api/v1/cases?limit=50"
SERVERS = {
    "Mulin": "mulin.commands.web_process:application",
    "plain Django view": "benchmarks.plain_django:application",
    "floor (raw driver)": "benchmarks.floor_app:application",
}
FLOOR = "floor (raw driver)"


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Make an empty database with the demo town in a home of its own; yield the environment that leads to it."""
    home = Path(tempfile.mkdtemp(prefix="mulin-bench-"))
    server = Postgres.start(tuning=("max_connections=60", "shared_buffers=512MB")) if kind == "postgresql" else None
    url = server.url if server else f"sqlite:///{home / 'mulin.sqlite3'}"
    environment = {**os.environ, "MULIN_HOME": str(home), "MULIN_DATABASE_URL": url, "MULIN_LOG_LEVEL": "ERROR"}
    environment["DJANGO_SETTINGS_MODULE"] = "mulin.config.settings"
    try:
        run = [sys.executable, "-m", "django", "migrate", "-v0"]
        subprocess.run(run, env=environment, check=True)
        subprocess.run([sys.executable, "-m", "mulin.commands.main", "demo"], env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        yield environment
    finally:
        if server:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def serving(application: str, environment: dict[str, str]) -> Iterator[int]:
    """Serve with two processes; yield the port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1",
               "--port", str(port), "--no-ws", "--workers-kill-timeout", "5", application]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def facts(environment: dict[str, str]) -> dict[str, str]:
    """Ask the database for a door code and a desk's token."""
    script = "from benchmarks.intake_facts import main; main()"
    out = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(out.stdout)
    return found


def requests_for(known: dict[str, str]) -> dict[str, Callable[[int], bytes]]:
    body = {"text": "三单元二楼楼道灯不亮，老人晚上出门看不清。", "category": "0601", "board": known["board_code"]}
    encoded = json.dumps(body).encode()
    desk = {"Authorization": f"Bearer {known['token']}"}  # without it one address may report 30 times in ten minutes
    return {
        "report": lambda n: load.post(REPORT, encoded, {**desk, "Idempotency-Key": secrets.token_hex(16)}),
        "list of 50": lambda n: load.get(LIST, desk),
    }


def measure(kind: str, *, seconds: float, rounds: int) -> None:
    with database(kind) as environment:
        known = facts(environment)
        asked = requests_for(known)
        results: dict[tuple[str, str], list[load.Measured]] = {}
        with serving(SERVERS["Mulin"], environment) as port:
            load.run(port, asked["report"], seconds=1)  # leaves the rows the others copy
        for _ in range(rounds):
            for name, application in SERVERS.items():
                with serving(application, environment) as port:
                    for what, request in asked.items():
                        load.run(port, request, seconds=2.5)  # caches and plans of both processes
                        results.setdefault((what, name), []).append(load.run(port, request, seconds=seconds))
        for what in asked:
            show(kind, what, {name: results[what, name] for name in SERVERS})


def show(kind: str, what: str, measured: dict[str, list[load.Measured]]) -> None:
    rates = {name: statistics.median(m.rate for m in runs) for name, runs in measured.items()}
    print(f"\n{kind}: {what}\n{'':24}{'per second':>12}{'of floor':>10}{'p99 ms':>9}  other answers")
    for name, runs in measured.items():
        p99 = statistics.median(m.p99_ms for m in runs)
        other = {s: c for m in runs for s, c in m.statuses.items() if not 200 <= s < 300}
        print(f"{name:24}{rates[name]:12.0f}{rates[name] / rates[FLOOR]:10.2f}{p99:9.1f}  {other or '-'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    for kind in asked.database or ["sqlite", "postgresql"]:
        measure(kind, seconds=asked.seconds, rounds=asked.rounds)


if __name__ == "__main__":
    main()
