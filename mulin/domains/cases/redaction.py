"""What lists show and a search looks into: words without the numbers that say who somebody is or which door is theirs.

The words themselves are encrypted. Whole words cannot be searched then, so this copy is kept beside them; it holds
no phone, no identity or card number and no room.
"""

import re
import unicodedata

MARK = "＊"
BOUNDARY = "\x1f"
"""Stands between the words and the address, so that a list shows the words alone."""

_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d(?!\d)")
_LONG_NUMBER = re.compile(r"(?<![\dA-Za-z])\+?\d(?:[ \-]?\d){6,}[Xx]?(?![\dA-Za-z])")
_NUMERAL = "零〇一二两三四五六七八九十百"
_AMOUNT = r"(?!\d|\s*[%％个元块米人只辆])"
_ROOM_NUMBER = rf"(?:[A-Za-z]?\d{{3,5}}{_AMOUNT}|[{_NUMERAL}]{{3,7}})"
_ROOMS = (
    re.compile(rf"{_ROOM_NUMBER}(?=\s*(?:室|房(?!屋)|户|号房|号室))"),
    re.compile(rf"(?<=单元)\s*(?:第?[\d{_NUMERAL}]{{1,3}}[层楼])?\s*{_ROOM_NUMBER}"),
    re.compile(rf"(?<=[栋幢座楼#])\s*{_ROOM_NUMBER}"),
    re.compile(r"(?<![\dA-Za-z])[\dA-Za-z]{1,3}[-–—/][\dA-Za-z]{1,2}[-–—/][A-Za-z]?\d{3,5}(?!\d)"),
    re.compile(r"(?<![\dA-Za-z\-])[\dA-Za-z]{1,2}[-–—/][A-Za-z]?\d{3,5}(?![\d\-])"),
)
_ROOM_AT_END = re.compile(rf"{_ROOM_NUMBER}\s*$")
_KEPT = "\x02"
_TELLING = re.compile(rf"\d|[{_NUMERAL}]{{3}}")
"""What every pattern needs: most of what people write has none of it and is not looked at again."""


def without_numbers(text: str) -> str:
    """Return `text` with phones, identity and card numbers and rooms made unreadable; dates stay.

    >>> without_numbers("我住3栋2单元502，电话139 0000 1234")
    '我住3栋2单元＊，电话＊'
    """
    text = text.translate(_DIGITS)
    if not _TELLING.search(text):
        return text
    dates = [found.group() for found in _DATE.finditer(text)]
    text = _LONG_NUMBER.sub(MARK, _DATE.sub(_KEPT, text))
    for pattern in _ROOMS:
        text = pattern.sub(MARK, text)
    for day in dates:
        text = text.replace(_KEPT, day, 1)
    return text


def search_text(words: str, address: str) -> str:
    shown = without_numbers(words.replace(BOUNDARY, " ").replace(_KEPT, " "))
    where = unicodedata.normalize("NFKC", address.replace(BOUNDARY, " ").replace(_KEPT, " "))
    return f"{shown}{BOUNDARY}{_ROOM_AT_END.sub(MARK, without_numbers(where))}" if where else shown


def words_of(search_text: str) -> str:
    """Return the words alone, for a list."""
    return search_text.partition(BOUNDARY)[0]
