"""A small OpenID Connect provider on this machine: discovery, authorization code with PKCE, signed ID tokens.

It behaves as the standard says; `spoiled` lets a test change what it signs, as a broken or hostile one would.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "mulin", "a secret & more"
Claims = dict[str, Any]


@dataclass
class Person:
    """Who is signed in at the provider."""

    subject: str
    claims: Claims
    only_in_userinfo: bool = False


@dataclass
class Grant:
    """What a code stands for."""

    person: Person
    redirect_uri: str
    nonce: str
    challenge: str


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


_first_key = cache(_new_key)


@dataclass
class Provider:
    person: Person
    redirect_uris: set[str]
    spoiled: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[["Provider", Claims], str] = lambda provider, claims: provider.signed(claims)
    discovery: Claims = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Person] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    back_after_sign_out: set[str] = field(default_factory=set)
    signed_out: list[str] = field(default_factory=list)
    issuer: str = ""

    def __post_init__(self) -> None:
        self.key, self.key_id = _first_key(), "first"

    def change_key(self) -> None:
        self.key, self.key_id = _new_key(), secrets.token_hex(4)

    def start(self) -> "Server":
        server = Server(self)
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def document(self) -> Claims:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
        found = {name: f"{self.issuer}/{name}" for name in names}
        return {"issuer": self.issuer, **found, "code_challenge_methods_supported": ["S256"], **self.discovery}

    def keys(self) -> Claims:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}

    def signed(self, claims: Claims) -> str:
        return jwt.encode(claims, self.key, "RS256", {"kid": self.key_id})

    def authorized(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent: somebody is signed in here already."""
        if asked.get("client_id") != CLIENT or asked.get("redirect_uri") not in self.redirect_uris:
            raise ValueError("unknown client or redirect_uri")
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
            raise ValueError("only the code flow with PKCE")
        if "openid" not in asked.get("scope", "").split():
            raise ValueError("not OpenID Connect")
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(self.person, asked["redirect_uri"], asked["nonce"], asked["code_challenge"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def tokens(self, form: dict[str, str], authorization: str) -> Claims:
        grant = self.grants.pop(form.get("code", ""), None)
        if authorization != _basic(CLIENT, SECRET):
            raise ValueError("invalid_client")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant is None or grant.redirect_uri != form.get("redirect_uri") or grant.challenge != challenge:
            raise ValueError("invalid_grant")
        access, now_s = secrets.token_urlsafe(16), int(time.time())
        self.access[access] = grant.person
        claims: Claims = {"iss": self.issuer, "sub": grant.person.subject, "aud": CLIENT, "nonce": grant.nonce}
        claims |= {"iat": now_s, "exp": now_s + 300}
        claims |= {} if grant.person.only_in_userinfo else grant.person.claims
        return {"access_token": access, "token_type": "Bearer", "id_token": self.sign(self, self.spoiled(claims))}

    def ended(self, asked: dict[str, str]) -> str:
        """End somebody's session (RP-Initiated Logout 1.0): who it is says a token of ours, however old."""
        claims = jwt.decode(
            asked["id_token_hint"],
            self.key.public_key(),
            ["RS256"],
            audience=asked["client_id"],
            options={"verify_exp": False},
        )
        if asked["post_logout_redirect_uri"] not in self.back_after_sign_out:
            raise ValueError("unknown post_logout_redirect_uri")
        self.signed_out.append(claims["sub"])
        return asked["post_logout_redirect_uri"]

    def userinfo(self, authorization: str) -> Claims:
        person = self.access[authorization.removeprefix("Bearer ")]
        return self.spoiled({"sub": person.subject, **person.claims})


def _basic(client: str, secret: str) -> str:
    """Both parts are form-encoded first (RFC 6749 2.3.1)."""
    pair = f"{urlencode({'': client})[1:]}:{urlencode({'': secret})[1:]}"
    assert unquote_plus(pair) == f"{client}:{secret}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


class Server(ThreadingHTTPServer):
    def __init__(self, provider: Provider) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.provider = provider


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        address, provider = urlsplit(self.path), self.server.provider
        answers: dict[str, Callable[[], Claims | str]] = {
            "/.well-known/openid-configuration": provider.document,
            "/jwks_uri": provider.keys,
            "/userinfo_endpoint": lambda: provider.userinfo(self.headers["Authorization"]),
            "/authorization_endpoint": lambda: provider.authorized(_pairs(address.query)),
            "/end_session_endpoint": lambda: provider.ended(_pairs(address.query)),
        }
        self.answer(answers[address.path])

    def do_POST(self) -> None:
        form = _pairs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(lambda: self.server.provider.tokens(form, self.headers.get("Authorization", "")))

    def answer(self, make: Callable[[], Claims | str]) -> None:
        """An address is gone to, claims are told, and what the provider refuses is kept for the test."""
        try:
            made, status = make(), 200
        except (ValueError, KeyError) as refusal:
            self.server.provider.refusals.append(str(refusal))
            made, status = {"error": str(refusal)}, 400
        body = b"" if isinstance(made, str) else json.dumps(made).encode()
        self.send_response(302 if isinstance(made, str) else status)
        if isinstance(made, str):
            self.send_header("Location", made)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Silence: the test says what came."""


def _pairs(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded).items()}
