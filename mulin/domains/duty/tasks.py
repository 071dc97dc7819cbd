"""What duty does by the clock: tenures end and begin on their day, absences begin at their hour."""

import logging
from datetime import datetime, timedelta

from mulin.core.privacy.retention import register
from mulin.core.worker import periodic
from mulin.domains.duty import queries, services

log = logging.getLogger(__name__)


@periodic("duty.turn_tenures", every=timedelta(minutes=1))
def turn_tenures(now: datetime) -> None:
    """Each step is a transaction of its own: killed anywhere, the next run goes on; done twice, it happens once."""
    for tenure_id in queries.tenures_to_end(now=now):
        services.end_if_due(actor=None, tenure_id=tenure_id, now=now)
    for tenure_id in queries.tenures_to_start(now=now):
        try:
            services.start_if_due(actor=None, tenure_id=tenure_id, now=now)
        except services.SeatTaken:
            log.info("Planned tenure %s waits: its seat is still held", tenure_id)
    for absence_id in queries.absences_to_tell(now=now):
        services.tell_absence(actor=None, absence_id=absence_id, now=now)


register("ABSENCE", services.reasons_over, services.erase_reasons)
