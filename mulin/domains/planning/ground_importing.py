"""An import of ground truth carried on from wherever it stands, in a process of its own."""

from collections.abc import Callable
from datetime import UTC, datetime

from mulin.domains.planning.models import GroundImport, ImportState
from mulin.domains.planning.queries import ground_imports
from mulin.domains.planning.services import ground_applying
from mulin.domains.planning.services import ground_imports as services
from mulin.domains.planning.services.ground_imports import ImportBusy

Advance = Callable[[int], None]


def nobody_looks(_rows: int) -> None:
    """Progress nobody looks at."""


def carry_on(job_id: int) -> None:
    """Do what the import waits for; another process that was faster is no failure."""
    job = ground_imports.import_by_id(job_id)
    try:
        if job.state == ImportState.TO_READ:
            services.read(actor=None, job_id=job_id, now=datetime.now(UTC))
        elif job.state == ImportState.TO_CHECK:
            services.check(actor=None, job_id=job_id, now=datetime.now(UTC))
        elif job.state == ImportState.APPLYING:
            let_in(job)
    except ImportBusy:
        return


def let_in(job: GroundImport, advance: Advance = nobody_looks) -> None:
    """Let the rows in, portion by portion; killed between two of them, the next process goes on there."""
    while done := ground_applying.apply_portion(actor=None, job_id=job.pk, now=datetime.now(UTC)):
        advance(done)
