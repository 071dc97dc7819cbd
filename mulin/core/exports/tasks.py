"""What exports do by the clock."""

from datetime import datetime, timedelta

from mulin.core.exports import services
from mulin.core.worker import periodic


@periodic("core.delete_exports", every=timedelta(minutes=10))
def delete_exports(now: datetime) -> int:
    return services.delete_expired(now=now)
