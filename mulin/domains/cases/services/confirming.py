"""A resident shows that the number they left is theirs. Nobody has to: a case is reported and followed without."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from mulin.core.encryption import keyed_hashes
from mulin.core.errors import Conflict
from mulin.domains.accounts import services as accounts
from mulin.domains.accounts.models import CodePurpose, User
from mulin.domains.cases import rules
from mulin.domains.cases.models import Case, Reporter
from mulin.domains.cases.services.own_data import copies_of


@transaction.atomic
def ask_to_confirm_phone(*, actor: User | None, reporter: Reporter, address: str, now: datetime) -> None:
    """Have a code sent to the number a resident left.

    Raises Conflict without a mobile number or where residents are sent no messages, TooMany.
    """
    phone = rules.mobile(reporter.phone)
    if not settings.MULIN_SMS_RESIDENTS or not phone or reporter.phone_confirmed_at is not None:
        raise Conflict
    accounts.ask_code(actor=actor, phone=phone, purpose=CodePurpose.REPORTER, address=address, now=now)


@transaction.atomic
def confirm_phone(*, actor: User | None, case: Case, reporter: Reporter, code: str, now: datetime) -> bool:
    """Take a code as proof that the number is the resident's; return whether it was right."""
    phone = rules.mobile(reporter.phone)
    if not phone or not accounts.use_reporters_code(phone=phone, code=code, now=now):
        return False
    ids = [one.pk for one in copies_of(case=case, reporter=reporter)]
    Reporter.objects.filter(pk__in=ids, phone_hash__in=keyed_hashes(reporter.phone_key)).update(phone_confirmed_at=now)
    return True
