"""What the audit does by the clock."""

from datetime import datetime, timedelta

from mulin.core.audit import retention, sealing, verifying
from mulin.core.worker import periodic


@periodic("core.seal_audit", every=timedelta(minutes=1))
def seal_audit(now: datetime) -> int:
    return sealing.seal_all(now=now)


@periodic("core.verify_audit", every=timedelta(minutes=10))
def verify_audit(now: datetime) -> int:
    return verifying.verify_when_due(now=now)


@periodic("core.remove_old_audit", every=timedelta(hours=24))
def remove_old_audit(now: datetime) -> int:
    return retention.remove_old(now=now)
