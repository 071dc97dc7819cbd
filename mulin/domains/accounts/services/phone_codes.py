"""One-time codes for phones: asked for, sent by the worker, used once."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core import ratelimit
from mulin.core.clock_watch import CLOCKS_DIFFER
from mulin.core.encryption import keyed_hash, keyed_hashes
from mulin.core.errors import Invalid
from mulin.core.text_messages import GatewayFailed, gateway
from mulin.domains.accounts.models import CodePurpose, PhoneCode, User
from mulin.domains.accounts.queries import phone_hash, phone_hashes

log = logging.getLogger(__name__)

CODE_LIFE = timedelta(minutes=5)
MOST_ATTEMPTS = 5
MOST_CODES_PER_PHONE, MOST_CODES_PER_ADDRESS = 3, 20


class PhoneInvalid(Invalid):
    code = "phone_invalid"
    sentence = gettext_lazy("手机号不对。")
    remedy = gettext_lazy("请填写 11 位手机号。")


@transaction.atomic
def ask_code(*, actor: User | None, phone: str, purpose: CodePurpose, address: str, now: datetime) -> None:
    """Make a code for a phone, a few times per phone and per address. Raises TooMany.

    For staff with nobody behind the number the same is written and counted, and never sent.
    """
    limits = {f"sms:{phone_hash(phone)[:40]}": MOST_CODES_PER_PHONE, f"sms-from:{address}": MOST_CODES_PER_ADDRESS}
    for bucket, most in limits.items():
        ratelimit.check(bucket, most=most, now=now)
    for bucket in limits:
        ratelimit.count_refused(bucket, now=now)
    digits = f"{secrets.randbelow(10**6):06}"
    PhoneCode.objects.create(
        user=actor,
        purpose=purpose,
        phone=phone,
        phone_hash=phone_hash(phone),
        code_hash=keyed_hash(f"code:{digits}"),
        sealed=digits,
        created_at=now,
        expires_at=now + CODE_LIFE,
    )


@transaction.atomic
def use_phone_code(*, hashed_phone: str, purpose: CodePurpose, code: str, now: datetime) -> User | None:
    """Return whose phone it is if this is the newest code sent there; each try counts, the fifth is the last."""
    row = _taken([hashed_phone], purpose, code, now=now)
    return row.user if row else None


@transaction.atomic
def use_reporters_code(*, phone: str, code: str, now: datetime) -> bool:
    """Return whether this is the newest code sent to a resident's phone; each try counts, the fifth is the last."""
    return _taken(phone_hashes(phone), CodePurpose.REPORTER, code, now=now) is not None


def _taken(hashed_phones: Sequence[str], purpose: CodePurpose, code: str, *, now: datetime) -> PhoneCode | None:
    row = PhoneCode.objects.filter(phone_hash__in=hashed_phones, purpose=purpose).order_by("-pk").first()
    if row is None:
        return None
    open_ = PhoneCode.objects.filter(pk=row.pk, used_at=None, attempts__lt=MOST_ATTEMPTS).filter(
        expires_at__gt=now, created_at__lt=now + CLOCKS_DIFFER
    )
    if not open_.update(attempts=F("attempts") + 1):
        return None
    hashes = keyed_hashes(f"code:{''.join(code.split())}")
    if not any(constant_time_compare(row.code_hash, one) for one in hashes):
        return None
    return row if PhoneCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now) else None


@transaction.atomic
def verify_phone(*, actor: User, code: str, now: datetime) -> bool:
    """Take a code as proof that the work phone is the person's; return whether it was right."""
    row = _taken(phone_hashes(actor.work_phone), CodePurpose.VERIFY_PHONE, code, now=now)
    if row is None or row.user != actor:
        return False
    User.objects.filter(pk=actor.pk).update(verified_phone=actor.work_phone)
    return True


def send_waiting_codes(*, now: datetime) -> int:
    """Hand codes to the gateway, outside any transaction; one it does not take is tried again until it expires."""
    is_somebodys = Q(user__isnull=False) | Q(purpose=CodePurpose.REPORTER)
    waiting = PhoneCode.objects.filter(is_somebodys, sent_at=None, expires_at__gt=now)
    return sum(_send(row, now=now) for row in waiting.order_by("pk")[:50])


def _send(row: PhoneCode, *, now: datetime) -> bool:
    rows = PhoneCode.objects.filter(pk=row.pk)
    if not rows.filter(sent_at=None).update(sent_at=now):
        return False  # another worker has it
    text = _("验证码 {code}，5 分钟内有效，请勿告诉他人。").format(code=row.sealed)
    try:
        gateway().send(phone=row.phone, text=text)
    except GatewayFailed as failure:
        log.warning("A code was not sent: %s", failure)
        rows.update(sent_at=None)
        return False
    rows.update(sealed="", phone="")
    return True
