"""What accounts do by the clock."""

from datetime import datetime, timedelta

from mulin.core.worker import periodic
from mulin.domains.accounts import services


@periodic("accounts.forget_old_entries", every=timedelta(hours=6))
def forget_old_entries(now: datetime) -> None:
    services.forget_old_entries(now=now)


@periodic("accounts.send_codes", every=timedelta(seconds=1))
def send_codes(now: datetime) -> None:
    services.send_waiting_codes(now=now)
