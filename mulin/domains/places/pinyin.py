"""How a place name is read: pypinyin, put right by data/pinyin.csv where a place is read otherwise than a word.

Its dictionaries take longer to load than most commands take, so they are imported where a name is read.
"""

import re
from functools import cache
from pathlib import Path

from mulin.core import csv_data

READINGS = Path(__file__).parent / "data" / "pinyin.csv"


@cache
def _readings() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """Words of the file are cut out first, so that no segmentation takes 业大 out of 商业大厦."""
    from pypinyin import load_single_dict

    rows = {row["text"]: row["pinyin"].split() for row in csv_data.rows(READINGS)}
    load_single_dict({ord(text): reading[0] for text, reading in rows.items() if len(text) == 1})
    words = sorted((text for text in rows if len(text) > 1), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, words))})"), rows


def syllables(text: str) -> list[str]:
    """Return one syllable per Chinese character, without tones; other letters stay as they are."""
    from pypinyin import lazy_pinyin

    words, readings = _readings()
    found: list[str] = []
    for part in filter(None, words.split(text)):
        found += readings.get(part) or lazy_pinyin(part)
    return [syllable.replace("ü", "v") for syllable in found]
