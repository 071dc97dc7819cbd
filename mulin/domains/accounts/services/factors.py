"""Writes of the second factor: authenticator app, recovery codes, passkeys."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import keyed_hash, keyed_hashes
from mulin.core.errors import Conflict, Invalid
from mulin.domains.accounts.models import Authenticator, Passkey, RecoveryCode, User
from mulin.domains.accounts.queries import credential_hash, needs_second_factor, second_factor_of
from mulin.domains.accounts.services.sessions import end_sessions

RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
RECOVERY_LENGTH = 10
STEP_S = 30
MOST_PASSKEYS = 10


class CodeWrong(Invalid):
    code = "code_wrong"
    sentence = _("验证码不对，或已经用过。")
    remedy = _("请等应用里的数字换过以后再输一次，并检查手机时间是否准确。")


class FactorDemanded(Conflict):
    code = "factor_demanded"
    sentence = _("您的身份要求第二步验证，不能去掉最后一种。")
    remedy = _("请先添加另一种。")


class PasskeyKnown(Conflict):
    code = "passkey_known"
    sentence = _("这个通行密钥已经登记过。")


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    sentence = _("通行密钥太多了。")
    remedy = _("请先移除不再使用的。")


@dataclass(frozen=True)
class NewPasskey:
    credential_id: str
    public_key: str
    sign_count: int


@transaction.atomic
def begin_authenticator(*, actor: User, now: datetime) -> str:
    """Return the secret to be put into an app; nothing is asked for until its first code was right."""
    row, is_new = Authenticator.objects.get_or_create(
        user=actor, defaults={"secret": pyotp.random_base32(), "created_at": now}
    )
    if not is_new and row.confirmed_at is not None:
        raise Conflict
    return row.secret


@transaction.atomic
def confirm_authenticator(*, actor: User, code: str, now: datetime) -> list[str]:
    """Take the app into use and return recovery codes, shown once. Raises CodeWrong."""
    row = Authenticator.objects.select_for_update().filter(user=actor, confirmed_at=None).first()
    step = _step_of(row, code, now=now) if row else None
    if row is None or step is None:
        raise CodeWrong
    row.confirmed_at, row.last_step = now, step
    row.save()
    return renew_recovery_codes(actor=actor, now=now)


@transaction.atomic
def use_code(*, actor: User, code: str, now: datetime) -> bool:
    """Take a code of the app. Raises CodeWrong; a code is good once."""
    row = Authenticator.objects.select_for_update().filter(user=actor).exclude(confirmed_at=None).first()
    step = _step_of(row, code, now=now) if row else None
    if row is None or step is None:
        raise CodeWrong
    row.last_step = step
    row.save()
    return True


@transaction.atomic
def use_recovery_code(*, actor: User, code: str, now: datetime) -> int:
    """Take a code from paper and return how many are left. Raises CodeWrong."""
    letters = "".join(letter for letter in code.lower() if letter in RECOVERY_LETTERS)
    unused = RecoveryCode.objects.filter(user=actor, used_at=None)
    if not unused.filter(code_hash__in=keyed_hashes(_recovery_text(actor, letters))).update(used_at=now):
        raise CodeWrong
    return unused.count()


@transaction.atomic
def renew_recovery_codes(*, actor: User, now: datetime) -> list[str]:
    """Return new recovery codes, shown once; those before are worth nothing."""
    codes = ["".join(secrets.choice(RECOVERY_LETTERS) for _n in range(RECOVERY_LENGTH)) for _c in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=actor).delete()
    hashes = [keyed_hash(_recovery_text(actor, code)) for code in codes]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=actor, code_hash=one) for one in hashes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def remove_authenticator(*, actor: User, now: datetime) -> None:
    """Stop asking for the app's codes. Raises FactorDemanded for the last factor of whom one is demanded from."""
    _keep_one(actor, without_app=True)
    Authenticator.objects.filter(user=actor).delete()
    RecoveryCode.objects.filter(user=actor).delete()


@transaction.atomic
def add_passkey(*, actor: User, name: str, passkey: NewPasskey, now: datetime) -> Passkey:
    """Keep the public half of a new passkey. Raises PasskeyKnown, TooManyPasskeys."""
    if Passkey.objects.filter(user=actor).count() >= MOST_PASSKEYS:
        raise TooManyPasskeys(most=MOST_PASSKEYS)
    found, is_new = Passkey.objects.get_or_create(
        credential_hash=credential_hash(passkey.credential_id),
        defaults={
            "user": actor,
            "name": name.strip()[:60],
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "created_at": now,
        },
    )
    if not is_new:
        raise PasskeyKnown
    return found


@transaction.atomic
def use_passkey(*, actor: User, passkey: Passkey, sign_count: int, now: datetime) -> None:
    Passkey.objects.filter(pk=passkey.pk).update(sign_count=sign_count, used_at=now)


@transaction.atomic
def remove_passkey(*, actor: User, passkey: Passkey, now: datetime) -> None:
    """Forget a passkey. Raises FactorDemanded for the last factor of whom one is demanded from."""
    _keep_one(actor, without_passkey=True)
    Passkey.objects.filter(pk=passkey.pk, user=actor).delete()


@transaction.atomic
def reset_second_factor(*, actor: User, user: User, now: datetime) -> None:
    """Forget app, codes and passkeys of somebody who has lost them; they set it up anew at the next sign-in."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    end_sessions(actor=actor, user=user, now=now)


def _keep_one(user: User, *, without_app: bool = False, without_passkey: bool = False) -> None:
    held = second_factor_of(user)
    left = (held.app and not without_app) + held.passkeys - without_passkey
    if needs_second_factor(user) and left < 1:
        raise FactorDemanded


def _step_of(row: Authenticator, code: str, *, now: datetime) -> int | None:
    """Return the 30 seconds a code belongs to: those of now, one before or one after, and none used already."""
    otp, current = pyotp.TOTP(row.secret), int(now.timestamp()) // STEP_S
    digits = "".join(code.split())
    steps = (step for step in (current, current - 1, current + 1) if step > row.last_step)
    return next((step for step in steps if constant_time_compare(otp.generate_otp(step), digits)), None)


def _recovery_text(user: User, letters: str) -> str:
    return f"recovery:{user.pk}:{letters}"
