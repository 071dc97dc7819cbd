"""The kinds of facilities of a 15-minute life circle, with the walk each is to be within: dated rows with a source."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from mulin.core import csv_data

FACILITY_KINDS = Path(__file__).parent.parent / "data" / "facility_kinds.csv"


@dataclass(frozen=True)
class FacilityKind:
    """`minutes` on foot, or `metres` of way, within which everybody should find one; `source` says who decided so."""

    code: str
    name_zh: str
    name_en: str
    minutes: int
    metres: float
    source: str
    starts_on: date
    ends_on: date | None
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_zh


@cache
def _all() -> tuple[FacilityKind, ...]:
    return tuple(
        FacilityKind(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            minutes=int(row["minutes"]),
            metres=float(row["metres"]),
            source=row["source"],
            starts_on=date.fromisoformat(row["starts_on"]),
            ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
            words=tuple(row["words"].split(";")),
        )
        for row in csv_data.rows(FACILITY_KINDS)
    )


def kinds_in_force(*, on: date) -> tuple[FacilityKind, ...]:
    return tuple(kind for kind in _all() if kind.starts_on <= on and (kind.ends_on is None or kind.ends_on > on))


@cache
def kind_by_word() -> dict[str, str]:
    """Return code by whatever a file may call a kind, in small letters."""
    return {word.lower(): kind.code for kind in _all() for word in (*kind.words, kind.name_zh, kind.name_en, kind.code)}
