"""What notices say: a notice keeps its kind and facts, and is worded when it is read, in the reader's language.

Each domain words its own kinds in `pages/notice_words.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
Teller = Callable[[Facts], str]
_TELLERS: dict[str, Teller] = {}


def words(*kinds: str) -> Callable[[Teller], Teller]:
    """Say that notices of these kinds are worded by the decorated function; it may ask nothing of the database."""

    def register(teller: Teller) -> Teller:
        for kind in kinds:
            if _TELLERS.setdefault(kind, teller) is not teller:
                raise ValueError(f"notices of the kind {kind} have words already")
        return teller

    return register


def kinds() -> list[str]:
    """Return the kinds that can be said."""
    return sorted(_TELLERS)


def worded(kind: str, facts: Facts) -> str:
    return _TELLERS[kind](facts)
