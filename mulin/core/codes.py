"""Codes that nobody can guess and anybody can read aloud."""

import secrets

from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotFound

# Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_LENGTH = 12  # 60 bits
GROUP = 4
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


class CodeUnknown(NotFound):
    code = "code_unknown"
    sentence = _("没有这个查询码。")
    remedy = _("请核对回执上的 12 位查询码，或重新扫描回执二维码。")


def new_code(length: int = RECEIPT_LENGTH) -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))  # 32 letters divide 256


def normalised(code: str) -> str:
    """Return the code as stored: capitals, no spaces or hyphens, misread letters mended."""
    kept = "".join(letter for letter in code.upper() if letter.isalnum())
    return kept.translate(_MISREAD)[:RECEIPT_LENGTH]


def grouped(code: str) -> str:
    """Return 'ABCD-EFGH-JKMN' for people to read."""
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))
