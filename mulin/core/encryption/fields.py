"""Personal fields: encrypted at rest with AES-256-GCM, found again by a keyed hash.

The key lives outside the database (`MULIN_FIELD_KEY`). The model and field name are bound into each
ciphertext, so that a value copied to another column does not decrypt.
"""

import hashlib
import hmac
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import CheckMessage
from django.db import models

NONCE_BYTES = 12
FORMAT = b"\x01"


@cache
def _key(purpose: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return derive.derive(settings.MULIN_FIELD_KEY.encode())


def encrypt(text: str, *, label: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(_key("field")).encrypt(nonce, text.encode(), label.encode())


def decrypt(data: bytes, *, label: str) -> str:
    """Return the text; raise cryptography's InvalidTag if it was changed or belongs to another field."""
    nonce, body = data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
    return AESGCM(_key("field")).decrypt(nonce, body, label.encode()).decode()


def keyed_hash(text: str) -> str:
    """Return the HMAC-SHA256 by which an encrypted value can be looked up, as 64 hex digits."""
    return hmac.new(_key("lookup"), text.encode(), hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    _Base = models.BinaryField[str, str]
else:
    _Base = models.BinaryField


class EncryptedTextField(_Base):
    """Text that is ciphertext in the database and plain in Python; the empty string stays empty bytes."""

    @property
    def _label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):
            value = encrypt(value, label=self._label) if value else b""
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        return decrypt(bytes(value), label=self._label) if len(value) else ""

    def _check_str_default_value(self) -> list[CheckMessage]:
        """The default is text here: Django's rule for binary columns does not fit."""
        return []

    def get_default(self) -> Any:
        return "" if not self.null else None
