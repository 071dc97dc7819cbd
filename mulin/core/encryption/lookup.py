"""Hashes under a key by which an encrypted value is found again.

Their key is derived from the first field key and is not rotated: what only a hash is kept of (recovery codes) could
never be hashed anew.
"""

from django.conf import settings

from mulin.core.encryption import keys, suites
from mulin.core.encryption.suites import Suite


def keyed_hash(text: str) -> str:
    """Return the HMAC of the suite in use, as 64 hex digits."""
    return _hash(suites.named(settings.MULIN_CIPHER_SUITE), text)


def keyed_hashes(text: str) -> list[str]:
    """Return the hashes of every suite: while rows are written anew for another one, both kinds are found."""
    return [_hash(suite, text) for suite in suites.BY_NAME.values()]


def _hash(suite: Suite, text: str) -> str:
    return suite.keyed(keys.derived(keys.FIRST, suite, "lookup"), text.encode())
