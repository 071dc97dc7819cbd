"""The rules of duty that need no database."""

_BESIDE_DIGITS = frozenset("+- ")


def is_work_phone(text: str) -> bool:
    return all(letter.isdigit() or letter in _BESIDE_DIGITS for letter in text)
