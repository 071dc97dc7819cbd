"""What the suggestion learns from the desk."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from mulin.core import versions
from mulin.core.encryption import keyed_hash, keyed_hashes
from mulin.domains.cases.models import LearntWord
from mulin.domains.cases.queries.suggestion import LEARNING_VERSION, ONCE_MARK
from mulin.domains.cases.suggest import CASES, words_of


@transaction.atomic
def learn(*, text: str, category_code: str) -> None:
    """Remember the words of a case that a desk confirmed as `category_code`.

    A word is kept as a hash until a second case contains it, so that a name said once is never stored.
    """
    words = words_of(text)
    if not words:
        return
    hashes = {mark: word for word in words for mark in _hashes(word)}
    held = LearntWord.objects.select_for_update().filter(word__in=[*hashes, *words, CASES])
    known = {(row.word, row.category_code): row for row in held}
    heard_once = {hashes[word] for word, _code in known if word in hashes}
    plain = {word for word, _code in known if word in words} | heard_once | {CASES}
    _reveal([row for row in known.values() if row.word in hashes], hashes)
    _count({*words, CASES} & plain, category_code)
    fresh = [LearntWord(word=_hash(word), category_code=category_code) for word in sorted(words - plain)]
    LearntWord.objects.bulk_create(fresh, ignore_conflicts=True)
    versions.bump(LEARNING_VERSION)


def _hash(word: str) -> str:
    return _mark(keyed_hash(word))


def _hashes(word: str) -> list[str]:
    """Return what a word heard once may stand under: its hash cannot be made anew when the key is changed."""
    return [_mark(one) for one in keyed_hashes(word)]


def _mark(hashed: str) -> str:
    return ONCE_MARK + hashed[:19]


def _reveal(rows: list[LearntWord], words: dict[str, str]) -> None:
    """A second case contains these words: they are common speech and stored as such."""
    for row in rows:
        row.word = words[row.word]
    LearntWord.objects.bulk_update(rows, ["word"])


def _count(words: Iterable[str], category_code: str) -> None:
    LearntWord.objects.bulk_create(
        [LearntWord(word=word, category_code=category_code, count=0) for word in sorted(words)], ignore_conflicts=True
    )
    LearntWord.objects.filter(word__in=list(words), category_code=category_code).update(count=F("count") + 1)
