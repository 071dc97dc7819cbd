"""Personal fields: encrypted at rest, found again by a keyed hash, under keys that live outside the database.

`suites` are the algorithms (AES-256-GCM with SHA-256; SM4-GCM with SM3 for 密评), `keys` the ring of keys, `ciphertext`
what stands in a column, `fields` the columns, `rotation` writes every row anew under the newest key.
"""

from mulin.core.encryption.ciphertext import decrypt, encrypt, is_current
from mulin.core.encryption.fields import EncryptedTextField, LookupHashField
from mulin.core.encryption.keys import KeyMissing
from mulin.core.encryption.lookup import first_keyed_hash, keyed_hash, keyed_hashes

__all__ = [
    "EncryptedTextField",
    "KeyMissing",
    "LookupHashField",
    "decrypt",
    "encrypt",
    "first_keyed_hash",
    "is_current",
    "keyed_hash",
    "keyed_hashes",
]
