"""Rows that are never changed: each carries the hash of the one before it, one chain per owner.

Writers of different owners never wait for each other; two writers of the same owner meet at its lock and at
the unique (owner, sequence) constraint.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FIRST = "0" * 64


def chain_hash(previous: str, content: Mapping[str, Any]) -> str:
    """Return SHA-256 over `previous` and the canonical JSON of `content`, as 64 hex digits."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def words_digest(salt: str, *words: str) -> str:
    """Return the hash a chain keeps of words that must be erasable: with the salt gone, nobody can guess them."""
    canonical = json.dumps([salt, *words], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Link:
    """One row of a chain. `content` is None when it was erased and its hash can only be taken as it stands."""

    sequence: int
    previous: str
    hash: str
    content: Mapping[str, Any] | None
    is_changed: bool = False
    """Whether what the content holds a hash of is not what the hash says."""


def first_fault(links: Iterable[Link]) -> str | None:
    """Return what is wrong with a chain in order of sequence ('missing 3', 'changed 5'), or None."""
    expected, previous = 1, FIRST
    for link in links:
        if link.sequence != expected:
            return f"missing {expected}"
        if link.previous != previous:
            return f"unlinked {link.sequence}"
        if link.is_changed or (link.content is not None and chain_hash(link.previous, link.content) != link.hash):
            return f"changed {link.sequence}"
        expected, previous = expected + 1, link.hash
    return None
