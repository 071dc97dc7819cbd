"""How long each class of data is kept: dated rows, with the article. A district's own file takes their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mulin.core.csv_data import rows
from mulin.core.privacy.classes import DATA, Words


class Action(StrEnum):
    DELETE = "DELETE"
    ERASE = "ERASE"
    KEEP = "KEEP"


ACTION_LABELS = {Action.DELETE: _("删除"), Action.ERASE: _("擦除内容"), Action.KEEP: _("保留")}


@dataclass(frozen=True)
class Period:
    """A class of data, what happens to it, and after how many days since what."""

    code: str
    name: Words
    action: Action
    days: int | None
    since: Words
    source: str
    task: str = ""
    """The recurring task that sees to it, where that is not the retention job."""

    def before(self, now: datetime) -> datetime:
        """Return the time up to which everything is over."""
        assert self.days is not None, "what is kept is never over"
        return now - timedelta(days=self.days)

    def until(self, began_at: datetime) -> datetime | None:
        """Return when something that began its time then is over; None: it is kept."""
        return None if self.days is None else began_at + timedelta(days=self.days)


def periods(*, on: date) -> Mapping[str, Period]:
    """Return the periods in force on a day, by class."""
    in_force = [row for row in _rows(settings.MULIN_RETENTION_FILE) if _holds(row, on)]
    return {row["code"]: _period(row) for row in in_force}


@cache
def _rows(own_file: str) -> list[dict[str, str]]:
    return rows(Path(own_file) if own_file else DATA / "retention.csv")


def _holds(row: Mapping[str, str], on: date) -> bool:
    begun = date.fromisoformat(row["valid_from"]) <= on
    return begun and (not row["valid_to"] or on < date.fromisoformat(row["valid_to"]))


def _period(row: Mapping[str, str]) -> Period:
    days = int(getattr(settings, row["setting"])) if row["setting"] else int(row["days"]) if row["days"] else None
    names = Words(row["name_zh"], row["name_en"]), Words(row["since_zh"], row["since_en"])
    return Period(row["code"], names[0], Action(row["action"]), days, names[1], row["source"], row["task"])
