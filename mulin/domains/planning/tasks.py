"""What planning does by the clock: start computations, look after them, put plans in force on their day."""

import subprocess
import sys
from datetime import datetime, timedelta

from mulin.core.worker import periodic
from mulin.domains.planning.services import drafting, publishing

AT_ONCE = 1
"""Computations of one worker process: each keeps a core busy."""

_running: dict[tuple[int, str], subprocess.Popen[bytes]] = {}


@periodic("planning.compute_drafts", every=timedelta(seconds=1))
def compute_drafts(now: datetime) -> None:
    """A computation has a process of its own: events and deadlines do not wait for it, and it may be killed."""
    for (draft_id, lease), process in list(_running.items()):
        if process.poll() is not None:
            del _running[draft_id, lease]
            drafting.let_go(actor=None, draft_id=draft_id, lease=lease, now=now)
    while len(_running) < AT_ONCE and (claimed := drafting.claim(actor=None, now=now)):
        draft_id, lease = claimed
        _running[claimed] = subprocess.Popen(
            [sys.executable, "-m", "django", "compute_draft", str(draft_id), lease], stdin=subprocess.DEVNULL
        )


@periodic("planning.carry_out_publications", every=timedelta(minutes=1))
def carry_out_publications(now: datetime) -> None:
    publishing.carry_out_due(actor=None, now=now)
