"""How a place name is read: pypinyin, put right by data/pinyin.csv where a place is read otherwise than a word."""

from functools import cache
from pathlib import Path

from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict

from mulin.core import csv_data

READINGS = Path(__file__).parent / "data" / "pinyin.csv"


@cache
def _load_readings() -> None:
    """Single characters first; a word of the file wins over its characters."""
    rows = [(row["text"], row["pinyin"].split()) for row in csv_data.rows(READINGS)]
    load_single_dict({ord(text): syllables[0] for text, syllables in rows if len(text) == 1})
    load_phrases_dict({text: [[s] for s in syllables] for text, syllables in rows if len(text) > 1})


def syllables(text: str) -> list[str]:
    """Return one syllable per Chinese character, without tones; other letters stay as they are."""
    _load_readings()
    return [syllable.replace("ü", "v") for syllable in lazy_pinyin(text)]
