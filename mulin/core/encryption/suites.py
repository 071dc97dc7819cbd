"""Two suites of algorithms: the usual one, and the Chinese commercial one that a 密评 (GB/T 39786-2021) asks for."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as sealed
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16


class Suite(Protocol):
    """Authenticated encryption and a keyed hash. `mark` is the byte that names the suite in a ciphertext."""

    @property
    def name(self) -> str: ...
    @property
    def mark(self) -> int: ...
    def derive(self, secret: str, purpose: str) -> bytes: ...
    def seal(self, key: bytes, nonce: bytes, text: bytes, label: bytes) -> bytes: ...
    def open(self, key: bytes, nonce: bytes, body: bytes, label: bytes) -> bytes:
        """Raise InvalidTag when the body was changed or belongs to another label."""
        ...

    def keyed(self, key: bytes, text: bytes) -> str: ...
    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class International:
    """AES-256-GCM, HKDF and HMAC with SHA-256."""

    name: str = "aes"
    mark: int = 1

    def derive(self, secret: str, purpose: str) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())

    def seal(self, key: bytes, nonce: bytes, text: bytes, label: bytes) -> bytes:
        return _aes(key).encrypt(nonce, text, label)

    def open(self, key: bytes, nonce: bytes, body: bytes, label: bytes) -> bytes:
        return _aes(key).decrypt(nonce, body, label)

    def keyed(self, key: bytes, text: bytes) -> str:
        return hmac.new(key, text, hashlib.sha256).hexdigest()


@cache
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)


@dataclass(frozen=True)
class Commercial:
    """SM4-GCM (GB/T 32907), HKDF and HMAC with SM3 (GB/T 32905)."""

    name: str = "sm"
    mark: int = 2

    def derive(self, secret: str, purpose: str) -> bytes:
        return HKDF(algorithm=hashes.SM3(), length=16, salt=None, info=purpose.encode()).derive(secret.encode())

    def seal(self, key: bytes, nonce: bytes, text: bytes, label: bytes) -> bytes:
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(label)
        return encryptor.update(text) + encryptor.finalize() + encryptor.tag

    def open(self, key: bytes, nonce: bytes, body: bytes, label: bytes) -> bytes:
        if len(body) < TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(label)
        return decryptor.update(body[:-TAG_BYTES]) + decryptor.finalize()

    def keyed(self, key: bytes, text: bytes) -> str:
        found = sealed.HMAC(key, hashes.SM3())
        found.update(text)
        return found.finalize().hex()


AES, SM = International(), Commercial()
BY_NAME: dict[str, Suite] = {AES.name: AES, SM.name: SM}
BY_MARK: dict[int, Suite] = {AES.mark: AES, SM.mark: SM}


def named(name: str) -> Suite:
    if name not in BY_NAME:
        raise ValueError(f"MULIN_CIPHER_SUITE is {name!r}; use one of {', '.join(sorted(BY_NAME))}.")
    return BY_NAME[name]
