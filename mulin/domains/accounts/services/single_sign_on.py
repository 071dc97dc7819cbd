"""Accounts and the city's single sign-on: whom it names is linked once, by data that is already there."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from mulin.domains.accounts.models import SignOnLink, User
from mulin.domains.accounts.queries import subject_hash, user_by_username, user_by_work_phone

PHONE_CLAIMS = {"phone_number", "mobile", "phone"}


@transaction.atomic
def use_sign_on(*, issuer: str, subject: str, claim: str, now: datetime) -> User | None:
    """Return whose account it is: by the link, or by the claim the first time, which makes the link.

    No account is made here. A name given to somebody else later opens nothing: the link holds the subject, which a
    provider never gives twice (OpenID Connect Core 2), and an account has one link.
    """
    hashed = subject_hash(issuer, subject)
    link = SignOnLink.objects.select_related("user").filter(subject_hash=hashed).first()
    if link is not None:
        return link.user if link.user.is_active else None
    user = user_by_work_phone(claim) if settings.MULIN_OIDC_CLAIM in PHONE_CLAIMS else user_by_username(claim)
    if user is None or not user.is_active:
        return None
    made, is_new = SignOnLink.objects.get_or_create(user=user, defaults={"subject_hash": hashed, "linked_at": now})
    return user if is_new or made.subject_hash == hashed else None


@transaction.atomic
def unlink_sign_on(*, actor: User, user: User, now: datetime) -> None:
    """Forget whom the city's sign-on has named for this account; the next one it names so is linked anew."""
    SignOnLink.objects.filter(user=user).delete()
