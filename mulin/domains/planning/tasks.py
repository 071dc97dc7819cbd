"""What planning does by the clock: start computations, look after them, put plans in force on their day."""

import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta

from mulin.core.privacy.retention import register
from mulin.core.worker import periodic
from mulin.domains.planning.queries import ground_imports
from mulin.domains.planning.services import drafting, publishing, retention
from mulin.domains.planning.services.ground_imports import ImportBusy, give_up

AT_ONCE = 1
"""Computations of one worker process: each keeps a core busy."""

_running: dict[tuple[int, str], subprocess.Popen[bytes]] = {}
_importing: dict[int, subprocess.Popen[bytes]] = {}


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


@periodic("planning.import_ground", every=timedelta(seconds=1))
def import_ground(now: datetime) -> None:
    """A file is read, checked and let in by a process of its own; one that was killed is followed by another."""
    for job_id, process in list(_importing.items()):
        if process.poll() is None:
            continue
        del _importing[job_id]
        if process.returncode > 0:
            with suppress(ImportBusy):
                give_up(actor=None, job_id=job_id, now=now)
    for job in ground_imports.at_work()[: AT_ONCE - len(_importing)]:
        _importing[job.pk] = subprocess.Popen(
            [sys.executable, "-m", "django", "import_ground", str(job.pk)], stdin=subprocess.DEVNULL
        )


register("IMPORT", retention.imports_over, retention.erase_imports)
