"""How much of a personal value is shown to who has not said why they need it."""

import re

_NO_ROOM = "号楼栋幢座弄路巷街米元年月日点时分层"
# 2单元301室, 3-2-501, 1203房; a number followed by 号楼, 栋, 路 … names no room.
_ROOM = re.compile(rf"(?<![\dA-Za-z])[A-Za-z]?\d{{3,5}}(?![\d{_NO_ROOM}])|\d{{1,5}}(?=号?(?:室|房|户))")
HIDDEN = "***"


def name(text: str) -> str:
    """王小明 → 王**."""
    return f"{text[0]}**" if text else ""


def phone(text: str) -> str:
    """13912345678 → 139****5678: enough to tell two apart, not enough to call."""
    if len(text) >= 8:
        return f"{text[:3]}****{text[-4:]}"
    return "****" if text else ""


def identity_number(text: str) -> str:
    """520302199001011234 → 5****************4."""
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) > 2 else "*" * len(text)


def room(text: str) -> str:
    return HIDDEN if text else ""


def address(text: str) -> str:
    """3栋2单元301室 → 3栋2单元***室: the entrance may be known, the door not."""
    return _ROOM.sub(HIDDEN, text)


def note(text: str) -> str:
    """A note on health or care is not shown in part."""
    return HIDDEN if text else ""
