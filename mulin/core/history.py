"""Rows that are never changed: each carries the hash of the one before it, one chain per owner.

Writers of different owners never wait for each other; two writers of the same owner meet at its lock and at
the unique (owner, sequence) constraint.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FIRST = "0" * 64


def chain_hash(previous: str, content: Mapping[str, Any]) -> str:
    """Return SHA-256 over `previous` and the canonical JSON of `content`, as 64 hex digits."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


@dataclass(frozen=True)
class Link:
    sequence: int
    previous: str
    hash: str
    content: Mapping[str, Any]


def first_fault(links: Iterable[Link]) -> str | None:
    """Return what is wrong with a chain in order of sequence ('missing 3', 'changed 5'), or None."""
    expected, previous = 1, FIRST
    for link in links:
        if link.sequence != expected:
            return f"missing {expected}"
        if link.previous != previous:
            return f"unlinked {link.sequence}"
        if chain_hash(link.previous, link.content) != link.hash:
            return f"changed {link.sequence}"
        expected, previous = expected + 1, link.hash
    return None
