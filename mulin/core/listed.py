"""Names in a row, separated as the reader's language does it."""

from collections.abc import Iterable

from django.utils.functional import lazy
from django.utils.translation import pgettext


def listed(words: Iterable[object]) -> str:
    """Return for example 甲、乙、丙, or in English A, B, C."""
    return pgettext("list separator", "、").join(str(word) for word in words)


listed_lazily = lazy(listed, str)
"""The same in the language of whoever reads it; `words` are asked for again then."""
