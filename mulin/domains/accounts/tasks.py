"""What accounts do by the clock."""

from datetime import datetime, timedelta

from mulin.core.privacy.retention import register
from mulin.core.worker import periodic
from mulin.domains.accounts import services
from mulin.domains.accounts.services import retention


@periodic("accounts.forget_old_entries", every=timedelta(hours=6))
def forget_old_entries(now: datetime) -> None:
    services.forget_old_entries(now=now)


@periodic("accounts.send_codes", every=timedelta(seconds=1))
def send_codes(now: datetime) -> None:
    services.send_waiting_codes(now=now)


register("NOTICE", retention.notices_over, retention.delete_notices)
register("ACCOUNT", retention.accounts_over, retention.erase_accounts)
