"""From what people write or type to a building: exact, beginning, pinyin, initials, and with a slip of the hand.

An address is taken apart into its stem (the words) and its numbers, because 3栋 and 13栋 differ by one letter and
are different buildings, while 锦秀华庭 and 锦绣华庭 differ by one letter and are the same estate.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from mulin.domains.places.pinyin import syllables

LONGEST_QUERY = 80
CLOSE_STEMS = 40
LEAST_SIMILAR = 50.0
LEAST_SCORE = 45.0
# Once the building is surely found, its neighbours with other numbers are left out.
LEAST_SHARE_OF_BEST = 0.62
SOUNDS_ALIKE = 0.95
LOOKS_ALIKE = 0.98
MOST_NEIGHBOURS = 100

Numbers = tuple[str, ...]
CodeRange = tuple[str, str]


def building_name(estate: str | None, name: str) -> str:
    """Return estate and building as people say it: 幸福里 and 3栋, but 幸福里3栋 alone.

    >>> building_name("幸福里", "3栋"), building_name("幸福里", "幸福里3栋"), building_name(None, "3栋")
    ('幸福里3栋', '幸福里3栋', '3栋')
    """
    return name if not estate or estate in name else f"{estate}{name}"


@dataclass(frozen=True, slots=True)
class BuildingEntry:
    place_id: int
    area_code: str
    estate: str
    name: str
    address: str

    @property
    def full_name(self) -> str:
        return building_name(self.estate, self.name)

    def spellings(self) -> Iterator[str]:
        """What people may write for it."""
        yield self.full_name
        yield self.address
        if self.name not in self.address:
            yield f"{self.address}{self.name}"
            yield f"{self.address}{self.full_name}"


@dataclass(frozen=True, slots=True)
class BuildingHit:
    """A building that may be meant, how surely (0–100), and the entrance and room that were written behind it."""

    place_id: int
    name: str
    address: str
    score: float
    unit: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class AddressParts:
    stem: str
    numbers: Numbers
    unit: str = ""
    room: str = ""


_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百]+(?=(?:号|栋|幢|座|单元|层|楼|室|组|期|#))")
_LATIN_MARKS = (
    (re.compile(r"(?<=\d)\s*(?:dan\s*yuan|dy)(?![a-z])"), "单元"),
    (re.compile(r"(?<=\d)\s*(?:hao\s*lou|hao\s*fang|dong|zhuang|zuo|hl|hf|d|z)(?![a-z])"), "栋"),
    (re.compile(r"(?<=\d)\s*(?:hao|h)(?![a-z])"), "号"),
)
_DASHED = re.compile(r"(\d+|\b[a-z])\s*[-–—/]\s*(\d+)(?:\s*[-–—/]\s*(\d+))?\s*(?:室|号)?\s*$")
_BUILDING = re.compile(r"(\d+|(?<![a-z])[a-z])(?:#楼|号楼|号栋|号房|栋楼|栋|幢|座|#)")
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]")
_BEHIND = re.compile(
    r"(?:(?P<unit>\d+|[a-z])单元)?(?:\d{1,2}[层楼])?(?P<room>[a-z]?\d{1,5})?(?:室|房|户|号)?"  # 2单元 5楼 501室
)
_DASHED_ROOM = re.compile(
    r"(?:(?<![0-9a-z])\d+[-–—/])?(?<![0-9a-z])(\d{1,2}|[a-z])"  # a building that is known already, an entrance
    r"[-–—/](?=[a-z]?\d{3,5}(?:室|房|户|号)?$)"
)
_ROOM_AT_END = re.compile(
    r"(?:(?P<unit>(?<!\d)\d{1,2}|(?<![a-z])[a-z])单元)?(?:\d{1,2}[层楼])?(?<!\d)(?P<room>[a-z]?\d{3,5})(?:室|房|户|号)?$"
)
_UNIT_OR_ROOM = re.compile(r"(?:\d+|[a-z])单元|\d{3,5}(?:室|房|户)")
_NUMBER = re.compile(r"((?:\d+|(?<![a-z])[a-z](?=栋))号?)栋?")


def _numeral(match: re.Match[str]) -> str:
    """Return a Chinese number in digits: 十二 → 12, 二十 → 20, 三〇二 → 302."""
    text = match.group()
    if "百" in text:
        hundreds, _, rest = text.partition("百")
        return str(int(_DIGITS.get(hundreds, "1")) * 100 + int(_tens(rest.lstrip("零〇")) or 0))
    return _tens(text)


def _tens(text: str) -> str:
    if "十" not in text:
        return "".join(_DIGITS.get(letter, "") for letter in text)
    tens, _, ones = text.partition("十")
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))


def _dashed(match: re.Match[str]) -> str:
    """3-2-501 is building, entrance, room; 3-501 building and room; 3-2 building and entrance."""
    building, second, third = match.groups()
    if third:
        return f"{building}栋{second}单元{third}"
    return f"{building}栋{second}" if len(second) > 2 else f"{building}栋{second}单元"


def normalised(text: str) -> str:
    """Return half-width small letters with digits for Chinese numbers and one word, 栋, for a building."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_QUERY]).lower()
    for pattern, mark in _LATIN_MARKS:
        text = pattern.sub(mark, text)
    text = _BUILDING.sub(r"\1栋", _DASHED.sub(_dashed, _NUMERAL.sub(_numeral, text)))
    return _BUILDING.sub(r"\1栋", _NOISE.sub("", text))


def parse(text: str, area_names: Sequence[str] = ()) -> AddressParts:
    """Take an address apart; names of areas at its beginning are left out, unless nothing would remain."""
    text = _without_areas(normalised(text), area_names)
    cut, unit, room = len(text), "", ""
    if buildings := list(re.finditer(r"(?:\d+|[a-z])栋", text)):
        cut = buildings[-1].end()
    elif found := _UNIT_OR_ROOM.search(text):
        cut = found.start()
    if behind := _BEHIND.match(text, cut):
        unit, room = behind["unit"] or "", behind["room"] or ""
    head = text[:cut]
    return AddressParts(_NUMBER.sub("", head), tuple(_NUMBER.findall(head)), unit, room)


def entrance_and_room(text: str) -> tuple[str, str]:
    """Return the entrance and the room somebody writes behind a known building; either may be empty.

    >>> entrance_and_room("3栋二单元502室"), entrance_and_room("2-502"), entrance_and_room("走廊")
    (('2', '502'), ('2', '502'), ('', ''))
    """
    text = "".join(unicodedata.normalize("NFKC", text[:LONGEST_QUERY]).lower().split())
    text = _DASHED_ROOM.sub(r"\1单元", _NUMERAL.sub(_numeral, _LATIN_MARKS[0][0].sub("单元", text)))
    found = _ROOM_AT_END.search(_NOISE.sub("", text))
    return (found["unit"] or "", found["room"]) if found else ("", "")


def _without_areas(text: str, names: Sequence[str]) -> str:
    while name := next((n for n in names if text.startswith(n) and len(text) > len(n)), None):
        text = text[len(name) :]
    return text


class BuildingIndex:
    """All buildings by stem; a few thousand stems are compared in a millisecond or two."""

    def __init__(self, entries: Iterable[BuildingEntry], area_names: Iterable[str] = ()) -> None:
        self._entries = list(entries)
        self._areas = sorted({name for name in map(normalised, area_names) if name}, key=len, reverse=True)
        self._rows: dict[str, list[tuple[int, Numbers]]] = defaultdict(list)
        self._numbered: dict[tuple[str, str], list[tuple[int, Numbers]]] = defaultdict(list)
        for index, entry in enumerate(self._entries):
            for parts in {parse(spelling, self._areas) for spelling in entry.spellings()}:
                self._rows[parts.stem].append((index, parts.numbers))
                for number in set(map(_value, parts.numbers)):
                    self._numbered[parts.stem, number].append((index, parts.numbers))
        self._stems = [stem for stem in self._rows if stem]
        readings = [syllables(stem) for stem in self._stems]
        self._pinyin = ["".join(reading) for reading in readings]
        self._initials = ["".join(s if s.isdigit() else s[:1] for s in reading) for reading in readings]

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, text: str, *, within: CodeRange | None = None, limit: int = 8) -> list[BuildingHit]:
        """Return the buildings most likely meant, best first."""
        wanted = parse(text, self._areas)
        if not (wanted.stem or wanted.numbers):
            return []
        scores: dict[int, float] = {}
        for stem, similarity in self._similar_stems(wanted.stem):
            for index, numbers in self._candidates(stem, wanted.numbers):
                score = similarity * _number_match(wanted.numbers, numbers)
                if score > scores.get(index, LEAST_SCORE) and _lies_in(self._entries[index], within):
                    scores[index] = score
        least = LEAST_SHARE_OF_BEST * max(scores.values(), default=0.0)
        near = (i for i in scores if scores[i] >= least)
        best = sorted(near, key=lambda i: (-scores[i], _natural(self._entries[i].full_name)))[:limit]
        return [self._hit(index, scores[index], wanted) for index in best]

    def _hit(self, index: int, score: float, wanted: AddressParts) -> BuildingHit:
        entry = self._entries[index]
        return BuildingHit(entry.place_id, entry.full_name, entry.address, round(score, 1), wanted.unit, wanted.room)

    def _candidates(self, stem: str, numbers: Numbers) -> list[tuple[int, Numbers]]:
        """Those with the number that was written, then their neighbours, should the number be the slip."""
        named = self._numbered.get((stem, _value(numbers[-1])), []) if numbers else []
        return [*named, *self._rows[stem][:MOST_NEIGHBOURS]]

    def _similar_stems(self, wanted: str) -> list[tuple[str, float]]:
        if not wanted:
            return [("", 100.0)] if "" in self._rows else []
        found: dict[int, float] = {}
        if wanted.isascii():
            _keep(found, _alike(wanted, self._pinyin))
            _keep(found, _alike(wanted, self._initials))
        else:
            _keep(found, _alike(wanted, self._stems))
            sound = "".join(syllables(wanted))
            _keep(found, ((i, s * SOUNDS_ALIKE) for i, s in _alike(sound, self._pinyin) if s >= 75.0))
        best = sorted(found.items(), key=lambda item: -item[1])[:CLOSE_STEMS]
        return [(self._stems[i], similarity) for i, similarity in best]


def _alike(wanted: str, keys: list[str]) -> Iterator[tuple[int, float]]:
    """Yield keys that equal, begin with, contain, are contained in, or resemble what is wanted."""
    length = len(wanted)
    for i, key in enumerate(keys):
        if wanted in key:
            yield i, 75.0 + 25.0 * length / len(key) + (1.0 if key.startswith(wanted) and key != wanted else 0.0)
        elif len(key) > 2 and key in wanted:
            yield i, 60.0 + 40.0 * len(key) / length
    for _key, similarity, i in process.extract(
        wanted, keys, scorer=fuzz.ratio, limit=CLOSE_STEMS, score_cutoff=LEAST_SIMILAR
    ):
        yield i, similarity * LOOKS_ALIKE if similarity < 100.0 else similarity


def _keep(found: dict[int, float], similar: Iterable[tuple[int, float]]) -> None:
    for i, similarity in similar:
        if similarity > found.get(i, 0.0):
            found[i] = similarity


def _value(number: str) -> str:
    return number.removesuffix("号")


def _number_match(wanted: Numbers, numbers: Numbers) -> float:
    """Return how well the numbers agree; a door number along a road (12号) is not a building's (12栋)."""
    if wanted == numbers:
        return 1.0
    if not wanted:
        return 0.95
    if not numbers:
        return 0.8
    if wanted[-1] == numbers[-1]:
        return 0.97
    if wanted[-1] in numbers:
        return 0.93
    if _value(wanted[-1]) == _value(numbers[-1]):
        return 0.9 if len(numbers) == 1 else 0.8
    return 0.7 if set(wanted) & set(numbers) else 0.6


def _lies_in(entry: BuildingEntry, within: CodeRange | None) -> bool:
    return within is None or within[0] <= entry.area_code <= within[1]


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort 9栋 before 10栋."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", name)]
