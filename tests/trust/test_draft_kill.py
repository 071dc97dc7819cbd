"""The computation of a draft is killed in the middle: it is begun again, and the plan comes."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.trust.running import Installation

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
WAIT_SECONDS = 90


def child_of(pid: int) -> int | None:
    """The computing process a worker has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for text in children.read_text().split() if children.exists() else []:
        if b"compute_draft" in Path(f"/proc/{text}/cmdline").read_bytes():
            return int(text)
    return None


def wait_for(what):
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen")


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the process by /proc")
def test_a_killed_computation_is_begun_again(tmp_path):
    installation = Installation(tmp_path)
    try:
        installation.prepare()
        installation.python("from tests.trust.drafts import ask; ask()")
        installation.start_worker()
        first = wait_for(lambda: child_of(installation.worker.pid))
        os.kill(first, signal.SIGKILL)
        second = wait_for(lambda: (found := child_of(installation.worker.pid)) != first and found)
        assert second != first

        def is_ready():
            state = json.loads(installation.python("from tests.trust.drafts import tell; tell()"))
            return state if state["state"] == "READY" else None

        state = wait_for(is_ready)
        assert state == {"state": "READY", "versions": 1, "buildings": 12, "attempts": 2}
    finally:
        installation.stop()
