"""What an action of the audit is called by people: data, with the area of work for what has no name of its own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from mulin.core.csv_data import rows

FILE = Path(__file__).with_name("actions.csv")


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in rows(FILE)}


def action_words(action: str) -> str:
    """Return the name of an action in the reader's language; of one without a name the area of work."""
    found = _names().get(action) or _names().get(action.partition(".")[0], ("", ""))
    return found[1] if (get_language() or "").startswith("en") else found[0]


def areas() -> list[tuple[str, str]]:
    """Return the areas of work, for choosing one."""
    return [(code, action_words(code)) for code in _names() if "." not in code]
