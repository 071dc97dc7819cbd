"""Hashes under a key by which an encrypted value is found again.

Written under the newest key; what an older key wrote is found too, until a rotation has written it anew. Under the
first key a hash is 64 hex digits, under a later one it begins with the key's number. What only a hash is kept of
(recovery codes, words heard once) cannot be hashed anew: it is compared under every key there is.
"""

from django.conf import settings

from mulin.core.encryption import keys, suites
from mulin.core.encryption.keys import Ring
from mulin.core.encryption.suites import Suite

DIGITS = 64


def keyed_hash(text: str) -> str:
    """Return the HMAC of the suite in use under the newest key."""
    ring = keys.ring()
    return _hash(ring, ring.newest, suites.named(settings.MULIN_CIPHER_SUITE), text)


def keyed_hashes(text: str) -> list[str]:
    """Return the hashes under every key and suite, newest first: while rows are written anew, all kinds are found."""
    ring = keys.ring()
    return [
        _hash(ring, number, suite, text)
        for number in sorted(ring.secrets, reverse=True)
        for suite in suites.BY_NAME.values()
    ]


def first_keyed_hash(text: str) -> str:
    """Return the hash under the first key, which stays whatever is rotated: it tells two installations apart."""
    return _hash(keys.ring(), keys.FIRST, suites.named(settings.MULIN_CIPHER_SUITE), text)


def is_current_hash(value: str) -> bool:
    """Say whether a hash stands under the newest key; the empty one always does."""
    number = keys.ring().newest
    return not value or (":" not in value if number == keys.FIRST else value.startswith(_head(number)))


def _hash(ring: Ring, number: int, suite: Suite, text: str) -> str:
    digest = suite.keyed(keys.derived(number, suite, "lookup", among=ring), text.encode())
    return digest if number == keys.FIRST else f"{_head(number)}{digest}"[:DIGITS]


def _head(number: int) -> str:
    return f"{number:04x}:"
