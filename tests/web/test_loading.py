"""What the web server holds before its processes part: all it answers with, and nothing they must not share."""

import json
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import gc, json, sys
import mulin.config.wsgi
from django.db import connections
print(json.dumps({
    "loaded": [name for name in ("mulin.config.urls", "rjieba", "pypinyin") if name in sys.modules],
    "connections": [one.alias for one in connections.all(initialized_only=True) if one.connection is not None],
    "collects": gc.isenabled(),
    "frozen": gc.get_freeze_count(),
}))
"""


@pytest.fixture(scope="module")
def held() -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_request_waits_for_what_can_be_loaded_before(held: dict[str, Any]) -> None:
    assert held["loaded"] == ["mulin.config.urls", "rjieba", "pypinyin"]


def test_no_connection_is_shared(held: dict[str, Any]) -> None:
    assert held["connections"] == []


def test_what_comes_later_is_collected(held: dict[str, Any]) -> None:
    assert held["collects"]
    assert held["frozen"] > 100_000
