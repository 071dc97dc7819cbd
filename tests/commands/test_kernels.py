"""Kernels are compiled ahead of the first question: really, by a child nobody has to look after."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.kernels import readiness
from mulin.kernels.readiness import COMPILED, NotCompiled
from tests.trust.running import START_SECONDS, Installation

SMALL = ("network", "access", "siting")
PATIENCE_S = START_SECONDS
Found = TypeVar("Found")

FILL = f"from mulin.kernels import readiness; readiness.fill(kernels={SMALL})"
HOLD = """
import sys
from mulin.kernels import readiness

with readiness.filling():
    print("held", flush=True)
    sys.stdin.read()
"""
ASK = """
import json, sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from mulin.kernels.access.problem import Problem
from mulin.kernels.access.solve import solve
from mulin.kernels.network.snapping import snap
from mulin.kernels.siting.reach import reach
from mulin.kernels.stop import Stop
from tests.kernels.streets import spots, town

network = town(7, side=9)
doors, shops = snap(network, spots(1, 50, 9)), snap(network, spots(2, 8, 9))
solve(Problem(network, doors, shops, np.arange(8) % 3, 3), stop=Stop(rounds=3))
reach(network, shops, doors, 300.0)
loaded = [vars(module) for name, module in sys.modules.items() if name.startswith("mulin.kernels")]
stats = {id(each): each.stats for names in loaded for each in names.values() if isinstance(each, Dispatcher)}
count = lambda what: sum(sum(getattr(one, what).values()) for one in stats.values())
print(json.dumps([count("cache_hits"), count("cache_misses")]))
"""


def python(script: str, cache: Path) -> str:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.slow
def test_what_was_warmed_is_loaded_and_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    python(FILL, tmp_path)
    assert [kernel for kernel in COMPILED if readiness.is_ready(kernel)] == list(SMALL)
    hits, misses = json.loads(python(ASK, tmp_path))
    assert misses == 0
    assert hits > 0


@pytest.mark.slow
def test_every_kernel_with_compiled_code_is_warmed() -> None:
    kernels = Path(readiness.__file__).parent
    with_code = {
        path.relative_to(kernels).parts[0] for path in kernels.rglob("*.py") if "@compiled" in path.read_text()
    }
    assert with_code == set(COMPILED)


def test_what_is_not_compiled_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    told = CliRunner().invoke(app, ["kernels"])
    assert told.exit_code == 1
    assert all(kernel in told.output for kernel in COMPILED)


@pytest.fixture
def in_a_web_process() -> Iterator[None]:
    readiness.refuse_while_filling()
    yield
    readiness.refuse_while_filling(False)


@pytest.fixture
def filler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of an empty cache until it is told to end."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


@pytest.mark.usefixtures("in_a_web_process")
def test_a_web_process_refuses_while_another_compiles_and_no_longer(filler: subprocess.Popen[str]) -> None:
    with pytest.raises(NotCompiled) as refusal:
        readiness.require("groups")
    assert (refusal.value.done, refusal.value.total) == (0, len(COMPILED))
    filler.kill()
    filler.wait()
    readiness.require("groups")


@pytest.mark.usefixtures("filler")
def test_a_terminal_or_a_worker_compiles_for_itself() -> None:
    assert readiness.is_being_filled()
    readiness.require("groups")


@pytest.fixture
def warming(tmp_path: Path) -> Iterator[Installation]:
    """A web server that compiles beside itself, into an empty cache."""
    installation = Installation(tmp_path)
    installation.environment |= {"MULIN_WARM_KERNELS": "1", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    installation.start_web()
    yield installation
    installation.stop()


def lowest_priority_child(web: int) -> int | None:
    """The compiling child, once it has taken the lowest priority."""
    listing = subprocess.run(["ps", "-ewwo", "pid=,ppid=,ni=,stat=,args="], capture_output=True, text=True, check=True)
    for pid, parent, nice, state, arguments in (line.split(maxsplit=4) for line in listing.stdout.splitlines()):
        if int(parent) == web and nice == "19" and "kernels warm" in arguments and not state.startswith("Z"):
            return int(pid)
    return None


def awaited(look: Callable[[], Found | None]) -> Found:
    deadline = time.monotonic() + PATIENCE_S
    while (found := look()) is None:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def is_gone(pid: int) -> bool | None:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z") or None


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_child_ends_with_the_server(warming: Installation, end: signal.Signals) -> None:
    assert warming.web is not None
    web = warming.web.pid
    child = awaited(lambda: lowest_priority_child(web))
    warming.wait_until_it_answers()
    os.kill(web, end)
    assert awaited(lambda: is_gone(child))


@pytest.mark.slow
def test_nothing_hangs_on_the_child(warming: Installation) -> None:
    assert warming.web is not None
    web = warming.web.pid
    child = awaited(lambda: lowest_priority_child(web))
    os.kill(child, signal.SIGKILL)
    assert awaited(lambda: is_gone(child))
    warming.wait_until_it_answers()
    assert lowest_priority_child(web) is None
    assert warming.web.poll() is None
