"""For what personal data is looked at: a short list that is data, and words of one's own for what it does not name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mulin.core.csv_data import rows
from mulin.core.errors import Invalid

FILE = Path(__file__).with_name("purposes.csv")
CONTACT, OTHER, SEARCH, RETENTION = "CONTACT", "OTHER", "SEARCH", "RETENTION"
LONGEST_NOTE = 200


class PurposeMissing(Invalid):
    code = "purpose_missing"
    sentence = _("请说明查看的用途。")
    remedy = _("从列表中选一项；选“其他”时写明用途。")


@dataclass(frozen=True)
class Purpose:
    """Why somebody looks; `note` is what they wrote themselves."""

    code: str
    note: str = ""


TO_CONTACT, TO_SEARCH = Purpose(CONTACT), Purpose(SEARCH)


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in rows(FILE)}


def name_of(code: str) -> str:
    """Return the name of a purpose in the reader's language."""
    chinese, english = _names().get(code, ("", ""))
    return english if (get_language() or "").startswith("en") else chinese


@cache
def _asked() -> tuple[str, ...]:
    return tuple(row["code"] for row in rows(FILE) if row["asked"] == "1")


def choices() -> list[tuple[str, str]]:
    """Return the purposes somebody may name."""
    return [(code, name_of(code)) for code in _asked()]


def recorded() -> list[tuple[str, str]]:
    """Return every purpose a record may have, those that go without saying too."""
    return [(code, name_of(code)) for code in _names()]


def named(code: str, note: str = "") -> Purpose:
    """Return the purpose somebody gave; raise PurposeMissing if it is none."""
    words = " ".join(note.replace("\x00", "").split())[:LONGEST_NOTE]
    if code not in _asked() or (code == OTHER and not words):
        raise PurposeMissing(purposes=list(_asked()))
    return Purpose(code, words)
