"""What stands in an encrypted column.

Written under the first key with AES: 0x01, nonce, body. Otherwise: 0x02, suite, number of the key (two bytes), nonce,
body. The model and field name, and the head, are bound in: a value copied to another column does not decrypt.
"""

import os

from cryptography.exceptions import InvalidTag
from django.conf import settings

from mulin.core.encryption import keys, suites
from mulin.core.encryption.suites import NONCE_BYTES, Suite

PLAIN_HEAD = b"\x01"
HEAD_BYTES = 4


def encrypt(text: str, *, label: str) -> bytes:
    suite, ring = suites.named(settings.MULIN_CIPHER_SUITE), keys.ring()
    number = ring.newest
    head, nonce = _head(suite, number), os.urandom(NONCE_BYTES)
    bound = label.encode() if head == PLAIN_HEAD else head + label.encode()
    return head + nonce + suite.seal(keys.derived(number, suite, "field", among=ring), nonce, text.encode(), bound)


def _head(suite: Suite, number: int) -> bytes:
    if suite is suites.AES and number == keys.FIRST:
        return PLAIN_HEAD
    return bytes([2, suite.mark, *number.to_bytes(2)])


def decrypt(data: bytes, *, label: str) -> str:
    """Return the text. Raise InvalidTag if it was changed or belongs to another field, KeyMissing without its key."""
    suite: Suite
    if data[:1] == PLAIN_HEAD:
        head, suite, number, bound = PLAIN_HEAD, suites.AES, keys.FIRST, label.encode()
    else:
        head = data[:HEAD_BYTES]
        if head[:1] != b"\x02" or len(head) < HEAD_BYTES or head[1] not in suites.BY_MARK:
            raise InvalidTag
        suite, number = suites.BY_MARK[head[1]], int.from_bytes(head[2:])
        bound = head + label.encode()
    nonce, body = data[len(head) : len(head) + NONCE_BYTES], data[len(head) + NONCE_BYTES :]
    if len(nonce) < NONCE_BYTES:
        raise InvalidTag
    return suite.open(keys.derived(number, suite, "field"), nonce, body, bound).decode()


def is_current(data: bytes) -> bool:
    """Say whether a value stands under the newest key and the suite of the settings; the empty one always does."""
    head = _head(suites.named(settings.MULIN_CIPHER_SUITE), keys.ring().newest)
    return not data or data[: len(head)] == head
