"""The ring of field keys: the first one, and those added since, each with its number. The newest encrypts.

Keys added by `mulin keys rotate` stand in a file beside the first one, one "number key" a line; an installation whose
secrets come from the environment names them in MULIN_FIELD_KEYS ("2:…,3:…"). Processes that run meanwhile see a
new key without a restart.
"""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from mulin.core.encryption.suites import Suite

FIRST = 1
MOST = 0xFFFF


class KeyMissing(Exception):
    """A row was encrypted under a key that is not in the ring: it was restored without its key."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Field key number {number} is not in the ring; put it back (docs/privacy.md).")
        self.number = number


@dataclass(frozen=True)
class Ring:
    secrets: dict[int, str]

    @property
    def newest(self) -> int:
        return max(self.secrets)


def derived(number: int, suite: Suite, purpose: str, *, among: Ring | None = None) -> bytes:
    """Return the key of a number for a purpose; raise KeyMissing."""
    found = (among or ring()).secrets.get(number)
    if found is None:
        raise KeyMissing(number)
    return _derived(found, suite, purpose)


@cache
def _derived(secret: str, suite: Suite, purpose: str) -> bytes:
    return suite.derive(secret, purpose)


def ring() -> Ring:
    """Return the keys as they are now; the file is read again when it has changed."""
    path = str(settings.MULIN_FIELD_KEYS_FILE)
    try:
        state = os.stat(path)
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
    except FileNotFoundError:
        stamp = (0, 0, 0)
    return _ring(settings.MULIN_FIELD_KEY, settings.MULIN_FIELD_KEYS, path, stamp)


@cache
def _ring(first: str, others: str, path: str, stamp: tuple[int, int, int]) -> Ring:
    found = {FIRST: first}
    for entry in filter(None, (part.strip() for part in others.split(","))):
        number, _colon, secret = entry.partition(":")
        found[int(number)] = secret
    for line in Path(path).read_text(encoding="ascii").splitlines() if stamp[1] else []:
        number, _space, secret = line.partition(" ")
        found[int(number)] = secret
    return Ring(found)


def add() -> int:
    """Make a new key, on disk before anything is encrypted under it; return its number."""
    path, number = Path(settings.MULIN_FIELD_KEYS_FILE), ring().newest + 1
    if number > MOST:
        raise OverflowError("no number is left for another key")
    before = path.read_text(encoding="ascii") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(f"{before}{number} {secrets.token_urlsafe(48)}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _keep(path.parent)
    return number


def _keep(folder: Path) -> None:
    """Make the new name last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
