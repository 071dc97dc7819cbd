"""The city's single sign-on: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636), one provider.

Here is found out whom the provider names; whose account that is, services say. Nothing here touches the database.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotAllowed

# Signed by the provider's key alone: never "none", and no HMAC, whose key we would share.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
TIMEOUT_S, MOST_BYTES, LEEWAY_S = 5, 1_000_000, 60
DISCOVERY = "/.well-known/openid-configuration"
DISCOVERY_KEPT_S = 600.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class SignOnRefused(NotAllowed):
    code = "sign_on_refused"
    sentence = _("统一认证没有通过。")
    remedy = _("请从头再试一次；仍不行，请用密码登录，并告知安全管理员。")


class SignOnUnreachable(NotAllowed):
    code = "sign_on_unreachable"
    sentence = _("现在连不上统一认证。")
    remedy = _("请稍后再试，或用密码登录。")


@dataclass(frozen=True)
class Provider:
    """What the discovery document says (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    takes_basic: bool


@dataclass(frozen=True)
class Leaving:
    """What the session keeps while somebody is at the provider: its answer must fit all three."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Named:
    """Whom the provider names: `subject` stays the same for ever, `claim` is what an account is found by.

    `id_token` says at sign-out whose session at the provider is to end.
    """

    subject: str
    claim: str
    used_two_factors: bool
    id_token: str


def is_on() -> bool:
    return bool(settings.MULIN_OIDC_ISSUER and settings.MULIN_OIDC_CLIENT_ID)


def leave(redirect_uri: str) -> tuple[str, Leaving]:
    """Return the address at the provider to send somebody to, and what to keep until they come back."""
    kept = Leaving(*(secrets.token_urlsafe(48) for _field in range(3)))
    asked = {
        "response_type": "code",
        "client_id": settings.MULIN_OIDC_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": settings.MULIN_OIDC_SCOPE,
        "state": kept.state,
        "nonce": kept.nonce,
        "code_challenge": _challenge(kept.verifier),
        "code_challenge_method": "S256",
    }
    address = _provider().authorization
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}", kept


def come_back(answer: Mapping[str, str], kept: Leaving, redirect_uri: str) -> Named:
    """Return whom the provider names in its answer. Raises SignOnRefused, SignOnUnreachable."""
    provider = _provider()
    if not constant_time_compare(answer.get("state", ""), kept.state) or "error" in answer:
        raise SignOnRefused
    if answer.get("iss", provider.issuer) != provider.issuer or not answer.get("code"):  # RFC 9207
        raise SignOnRefused
    tokens = _tokens(provider, answer["code"], kept, redirect_uri)
    id_token = str(tokens.get("id_token", ""))
    claims = _checked(provider, id_token, kept.nonce)
    if settings.MULIN_OIDC_CLAIM not in claims and provider.userinfo:
        claims = {**_userinfo(provider, tokens, claims["sub"]), **claims}
    return _named(claims, id_token)


def leave_for_good(id_token: str, back: str) -> str:
    """Return the address at the provider that ends its session too (OpenID Connect RP-Initiated Logout 1.0).

    Empty when the provider has none, or is away: signed out here one is in any case.
    """
    try:
        address = _provider().end_session
    except (SignOnRefused, SignOnUnreachable):
        return ""
    asked = {"id_token_hint": id_token, "client_id": settings.MULIN_OIDC_CLIENT_ID, "post_logout_redirect_uri": back}
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}" if _is_safe(address) else ""


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _named(claims: dict[str, Any], id_token: str) -> Named:
    name = settings.MULIN_OIDC_CLAIM
    claim, factors = claims.get(name), claims.get("amr")
    if not isinstance(claim, str) or not claim or claims.get(f"{name}_verified") is False:
        raise SignOnRefused
    return Named(str(claims["sub"]), claim, isinstance(factors, list) and "mfa" in factors, id_token)


def _tokens(provider: Provider, code: str, kept: Leaving, redirect_uri: str) -> dict[str, Any]:
    """Exchange the code; only who has the verifier can (RFC 7636), and the client's secret where there is one."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    form["code_verifier"] = kept.verifier
    client, secret = settings.MULIN_OIDC_CLIENT_ID, settings.MULIN_OIDC_CLIENT_SECRET
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if secret and provider.takes_basic:
        pair = f"{quote_plus(client)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
    return _fetched(provider.token, urlencode(form).encode(), headers)


def _checked(provider: Provider, id_token: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token that is the provider's, for us, of this sign-in (Core 3.1.3.7)."""
    try:
        key = _key(provider, jwt.get_unverified_header(id_token))
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key,
            algorithms=ALGORITHMS,
            audience=settings.MULIN_OIDC_CLIENT_ID,
            issuer=provider.issuer,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as wrong:
        raise SignOnRefused from wrong
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp", None if others else settings.MULIN_OIDC_CLIENT_ID)
    if party != settings.MULIN_OIDC_CLIENT_ID or not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise SignOnRefused
    return claims


def _key(provider: Provider, header: dict[str, Any]) -> jwt.PyJWK:
    """Return the provider's key of that name, asked for anew each time: a provider changes its keys when it likes."""
    published = jwt.PyJWKSet.from_dict(_fetched(provider.keys)).keys
    fitting = [key for key in published if key.public_key_use in (None, "sig")]
    if "kid" in header:
        fitting = [key for key in fitting if key.key_id == header["kid"]]
    if len(fitting) != 1:
        raise SignOnRefused
    return fitting[0]


def _userinfo(provider: Provider, tokens: dict[str, Any], subject: str) -> dict[str, Any]:
    """Return what the provider tells of the same subject (Core 5.3.2)."""
    found = _fetched(provider.userinfo, headers={"Authorization": f"Bearer {tokens.get('access_token', '')}"})
    if found.get("sub") != subject:
        raise SignOnRefused
    return found


_discovered: dict[str, tuple[float, Provider]] = {}


def _provider() -> Provider:
    issuer, now_s = settings.MULIN_OIDC_ISSUER, time.monotonic()
    kept = _discovered.get(issuer)
    if kept is None or now_s - kept[0] > DISCOVERY_KEPT_S:
        kept = _discovered[issuer] = (now_s, _discover(issuer))
    return kept[1]


def _discover(issuer: str) -> Provider:
    found = _fetched(issuer.rstrip("/") + DISCOVERY)
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    provider = Provider(
        issuer=str(found.get("issuer", "")),
        authorization=str(found.get("authorization_endpoint", "")),
        token=str(found.get("token_endpoint", "")),
        keys=str(found.get("jwks_uri", "")),
        userinfo=str(found.get("userinfo_endpoint", "")),
        end_session=str(found.get("end_session_endpoint", "")),
        takes_basic="client_secret_basic" in methods,
    )
    asked = (provider.authorization, provider.token, provider.keys)
    if provider.issuer != issuer or not all(map(_is_safe, asked)):
        raise SignOnUnreachable
    return provider


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _fetched(address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a JSON object from the provider; no redirect is followed, so that nothing is sent elsewhere."""
    if not _is_safe(address):
        raise SignOnUnreachable
    request = Request(address, body, {"Accept": "application/json", **(headers or {})})
    try:
        with _opener().open(request, timeout=TIMEOUT_S) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except HTTPError as refused:
        raise SignOnRefused from refused
    except (OSError, ValueError) as failure:
        raise SignOnUnreachable from failure
    if not isinstance(found, dict):
        raise SignOnUnreachable
    return found


def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener
