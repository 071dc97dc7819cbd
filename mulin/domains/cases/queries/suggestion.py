"""The category suggestion of this process: the directory's keywords and what the desk has taught."""

from dataclasses import dataclass
from datetime import date

from mulin.core.versions import Remembered
from mulin.domains.cases.models import LearntWord
from mulin.domains.cases.queries import directory
from mulin.domains.cases.suggest import CategoryWords, Counts, Suggester, Suggestion

LEARNING_VERSION = "cases.learning"
ONCE_MARK = "#"
"""Begins the hash of a word only one case contains: it teaches nothing and may name a person."""


@dataclass(frozen=True)
class _Taught:
    rows: tuple[tuple[str, str, int], ...]


def _load_words() -> tuple[CategoryWords, ...]:
    latest = {c.code: c for c in reversed(directory.categories())}
    return tuple(
        CategoryWords(c.code, c.group_code, tuple(word for word in c.keywords.split("|") if word))
        for c in latest.values()
    )


def _load_taught() -> _Taught:
    rows = LearntWord.objects.exclude(word__startswith=ONCE_MARK)
    return _Taught(tuple(rows.values_list("word", "category_code", "count")))


_words = Remembered[tuple[CategoryWords, ...]](directory.DIRECTORY_VERSION, _load_words)
_taught = Remembered[_Taught](LEARNING_VERSION, _load_taught)
_made: list[tuple[tuple[CategoryWords, ...], _Taught, Suggester]] = []


def suggester() -> Suggester:
    words, taught = _words.get(), _taught.get()
    if not _made or _made[0][0] is not words or _made[0][1] is not taught:
        made = Suggester(words, fallback=directory.OTHER, counts=Counts.from_rows(taught.rows))
        _made[:] = [(words, taught, made)]
    return _made[0][2]


def suggest(text: str, *, on: date, area_code: str, limit: int = 3) -> list[Suggestion]:
    """Return the likeliest categories in force, best first; empty when nothing in the text speaks for any."""
    valid = directory.kinds(on=on, area_code=area_code)
    found = suggester().suggest(text, limit=limit + 2) if text.strip() else []
    return [s for s in found if s.code in valid and s.because][:limit]


def category_of(text: str, *, on: date, area_code: str) -> str:
    """Return the code a case is filed under when the reporter chose none."""
    best = suggest(text, on=on, area_code=area_code, limit=1)
    return best[0].code if best else directory.OTHER
