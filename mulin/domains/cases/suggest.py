"""Category suggestions from a resident's own words: offline, and learning from the desk.

Two sources of evidence are added together, as logarithms:

* the keywords of the category directory, which work on the first day;
* a naive Bayes count of the words in cases whose category the desk has confirmed.

The count is smoothed towards the language as a whole (Dirichlet smoothing), so a category the
desk has never confirmed is neither favoured nor punished: with nothing learned the keywords alone
decide. No database, no clock; the counts come in and go out as plain values.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

WEAK_MARK = "~"
"""A keyword ending in this mark is a hint only: it is common in other categories as well."""

READ_CHARACTERS = 1_500
"""Longer messages repeat themselves; what is wrong stands near the beginning."""

MINIMUM_SHARE = 0.02
"""Suggestions weaker than this are noise on the screen and are left out."""

CASES = ""
"""The word under which the number of confirmed cases of a category is stored."""

LONGEST_WORD = 8
MOST_REASONS = 5

_LEARNED_CHARACTERS = 400
_OPENING_CHARACTERS = 60
_OPENING_BONUS = 0.4
_WEAK_WEIGHT = 0.35
_SIBLING_SHARE = 0.3
_HIT_SCALE = 1.5
_FALLBACK_HITS = 0.4
_SMOOTHING = 100.0
_EVIDENCE_EXPONENT = 0.75
_NOISE = 2.0
_CHINESE = re.compile(r"[一-鿿]+")


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """One category of the directory as the suggester sees it."""

    code: str
    group: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, its share of the evidence (0–1) and the words that speak for it."""

    code: str
    score: float
    because: tuple[str, ...]


@dataclass(slots=True)
class Counts:
    """What the desk's confirmations have taught: words per category and cases per category."""

    words: dict[str, dict[str, int]] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str, int]]) -> Counts:
        """Rebuild from stored (word, code, count); the row of CASES counts the cases themselves."""
        counts = cls()
        for word, code, count in rows:
            if word == CASES:
                counts.cases[code] = count
            else:
                counts.words.setdefault(word, {})[code] = count
        return counts

    def rows(self, *, minimum_cases: int = 2, limit: int = 60_000) -> Iterator[tuple[str, str, int]]:
        """Yield the rows to store: the cases per code, then the words most often seen, at most `limit`.

        A word that only one case contains is left out: it teaches nothing and may name a person.
        """
        yield from ((CASES, code, count) for code, count in self.cases.items())
        seen = {word: total for word, codes in self.words.items() if (total := sum(codes.values())) >= minimum_cases}
        for word in sorted(seen, key=lambda word: (-seen[word], word))[:limit]:
            yield from ((word, code, count) for code, count in self.words[word].items())

    def add(self, words: Iterable[str], code: str) -> None:
        """Count one more case of a category."""
        self.cases[code] = self.cases.get(code, 0) + 1
        for word in words:
            codes = self.words.setdefault(word, {})
            codes[code] = codes.get(code, 0) + 1


def words_of(text: str) -> frozenset[str]:
    """Return the words and character pairs of a text that are worth counting.

    Only Chinese characters are kept: numbers, phones, plates and codes never enter the counts.
    """
    import rjieba  # its dictionary takes longer to load than most commands take

    runs = _CHINESE.findall(text[:_LEARNED_CHARACTERS])
    words = {word for run in runs for word in rjieba.cut(run) if 1 < len(word) <= LONGEST_WORD}
    pairs = {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
    return frozenset(words | pairs)


class Suggester:
    """Suggests categories for a text; one instance per process, renewed when the directory is."""

    def __init__(self, directory: Iterable[CategoryWords], *, fallback: str, counts: Counts | None = None) -> None:
        self.counts = counts if counts is not None else Counts()
        self._fallback = fallback
        self._weights: dict[str, dict[str, float]] = {}
        self._groups: dict[str, str] = {}
        self._by_opening: dict[str, list[str]] = {}
        self._read_directory(tuple(directory))

    def suggest(self, text: str, limit: int = 3) -> list[Suggestion]:
        """Return the likeliest categories, best first; the fallback when nothing fits."""
        hits, because = self._keyword_hits(_normalised(text))
        scores = {code: _HIT_SCALE * hit for code, hit in hits.items()}
        for code, evidence in self._learned_evidence(text).items():
            scores[code] = scores.get(code, 0.0) + evidence
        scores[self._fallback] = scores.get(self._fallback, 0.0) + _HIT_SCALE * _FALLBACK_HITS
        return [
            Suggestion(code, share, _strongest(because[code]) if code in because else self._taught_words(text, code))
            for code, share in _shares(scores, limit)
        ]

    def learn(self, text: str, code: str) -> frozenset[str]:
        """Count a case whose category the desk has confirmed; return the words counted, to be stored."""
        if code not in self._groups:
            raise KeyError(code)
        words = words_of(text)
        self.counts.add(words, code)
        return words

    def _read_directory(self, directory: Sequence[CategoryWords]) -> None:
        owners: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for category in directory:
            for keyword in category.keywords:
                word, weight = _weighed(keyword)
                owners[word][category.code] = weight
        for word, codes in owners.items():
            self._weights[word] = {code: weight / len(codes) for code, weight in codes.items()}
        self._groups = {category.code: category.group for category in directory}
        for word in sorted(self._weights, key=len, reverse=True):
            self._by_opening.setdefault(word[:2], []).append(word)

    def _keyword_hits(self, text: str) -> tuple[dict[str, float], dict[str, list[str]]]:
        """Sum the keywords found; a word heard again counts less, one at the opening more."""
        found: Counter[str] = Counter()
        opening: set[str] = set()
        for position, word in self._keywords_in(text):
            found[word] += 1
            if position < _OPENING_CHARACTERS:
                opening.add(word)
        hits: defaultdict[str, float] = defaultdict(float)
        because: defaultdict[str, list[str]] = defaultdict(list)
        for word, times in found.items():
            strength = 1 + math.log(times) + (_OPENING_BONUS if word in opening else 0)
            for code, weight in self._weights[word].items():
                hits[code] += weight * strength
                because[code].append(word)
        return self._with_siblings(hits), because

    def _with_siblings(self, hits: Mapping[str, float]) -> dict[str, float]:
        """A category gains a little from its group: four words about schools mean a school matter."""
        groups: defaultdict[str, float] = defaultdict(float)
        for code, hit in hits.items():
            groups[self._groups[code]] += hit
        return {code: hit + _SIBLING_SHARE * (groups[self._groups[code]] - hit) for code, hit in hits.items()}

    def _keywords_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Walk the text and take the longest keyword at each place, without overlap."""
        position = 0
        while position < len(text) - 1:
            for word in self._by_opening.get(text[position : position + 2], ()):
                if text.startswith(word, position):
                    yield position, word
                    position += len(word)
                    break
            else:
                position += 1

    def _learned_evidence(self, text: str) -> dict[str, float]:
        """Log-odds of each learned category against the language as a whole, per the counts."""
        cases = {code: count for code, count in self.counts.cases.items() if code in self._groups}
        known = [codes for word in words_of(text) if (codes := self.counts.words.get(word))] if cases else []
        if not known:
            return {}
        total = sum(cases.values())
        gains = {code: -len(known) * math.log1p(count / _SMOOTHING) for code, count in cases.items()}
        for codes in known:
            expected = _SMOOTHING * sum(codes.values()) / total
            for code, count in codes.items():
                if code in gains:
                    gains[code] += math.log1p(count / expected)
        damping = len(known) ** (_EVIDENCE_EXPONENT - 1)
        return {code: lift for code, gain in gains.items() if (lift := damping * gain - _NOISE) > 0}

    def _taught_words(self, text: str, code: str) -> tuple[str, ...]:
        """Return the learned words that speak most for a category which no keyword names."""
        counted = {word: self.counts.words.get(word, {}) for word in words_of(text)}
        shares = {word: codes[code] / sum(codes.values()) for word, codes in counted.items() if code in codes}
        return tuple(sorted(shares, key=lambda word: (-shares[word], -len(word), word))[:MOST_REASONS])


def _shares(scores: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
    """Turn log scores into shares of one, best first; only the best may be weaker than MINIMUM_SHARE."""
    best = max(scores.values())
    weights = {code: math.exp(score - best) for code, score in scores.items()}
    total = sum(weights.values())
    order = sorted(weights, key=lambda code: (-weights[code], code))[:limit]
    shares = [(code, round(weights[code] / total, 4)) for code in order]
    return shares[:1] + [pair for pair in shares[1:] if pair[1] >= MINIMUM_SHARE]


def _normalised(text: str) -> str:
    return "".join(text[:READ_CHARACTERS].lower().split())


def _weighed(keyword: str) -> tuple[str, float]:
    """Longer words are more particular; a weak mark makes a word a hint."""
    word = keyword.removesuffix(WEAK_MARK).lower()
    weight = 1.0 + 0.35 * (min(len(word), 5) - 2)
    return word, weight * (_WEAK_WEIGHT if keyword.endswith(WEAK_MARK) else 1.0)


def _strongest(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(words), key=len, reverse=True)[:MOST_REASONS])
