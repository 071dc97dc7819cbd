"""Passkeys (WebAuthn Level 2) by py_webauthn: what the browser is asked for, and whether its answer holds.

Nothing here touches the database. The device itself asks for finger, face or PIN (user verification), so that a
passkey is two factors in one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mulin.core.errors import Invalid

NAME = "睦邻 Mulin"


class PasskeyRefused(Invalid):
    code = "passkey_refused"
    sentence = _("通行密钥没有通过验证。")
    remedy = _("请再试一次；仍不行，请换一种登录方式。")


@dataclass(frozen=True)
class Site:
    """Whom a passkey is made for: the host the browser shows, and scheme with host."""

    host: str
    origin: str


@dataclass(frozen=True)
class Asked:
    """Options for the browser, and the challenge its answer must contain."""

    options: dict[str, Any]
    challenge: str


@dataclass(frozen=True)
class Registered:
    credential_id: str
    public_key: str
    sign_count: int


def ask_to_register(site: Site, *, user_id: int, username: str, name: str, known: Iterable[str]) -> Asked:
    made = generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=str(user_id).encode(),
        user_name=username,
        user_display_name=name,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Asked(json.loads(options_to_json(made)), bytes_to_base64url(made.challenge))


def registered(site: Site, credential: dict[str, Any], *, challenge: str) -> Registered:
    """Return the new passkey. Raises PasskeyRefused for an answer that is not to our question."""
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as failure:
        raise PasskeyRefused from failure
    return Registered(
        bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count
    )


def ask_to_sign_in(site: Site, *, known: Iterable[str] = ()) -> Asked:
    """Ask for one of the passkeys `known`, or for any the device offers."""
    made = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(json.loads(options_to_json(made)), bytes_to_base64url(made.challenge))


def signed(site: Site, credential: dict[str, Any], *, challenge: str, public_key: str, sign_count: int) -> int:
    """Return the device's new counter. Raises PasskeyRefused for a signature that does not hold."""
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        ).new_sign_count
    except (WebAuthnException, ValueError, TypeError, KeyError) as failure:
        raise PasskeyRefused from failure


def _descriptors(credential_ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in credential_ids]
