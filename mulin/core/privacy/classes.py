"""Which field holds what about people: one file per domain, one line per field, none left out.

Classes follow GB/T 45574-2025 and PIPL Art 28: SENSITIVE is what harms dignity or safety when it leaks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.apps import AppConfig, apps
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mulin.core.csv_data import rows

DATA = Path(__file__).with_name("data")


class Sensitivity(StrEnum):
    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    PERSONAL = "PERSONAL"
    SENSITIVE = "SENSITIVE"

    @property
    def is_personal(self) -> bool:
        return self in (Sensitivity.PERSONAL, Sensitivity.SENSITIVE)


SENSITIVITY_LABELS = {
    Sensitivity.PUBLIC: _("公开"),
    Sensitivity.INTERNAL: _("内部"),
    Sensitivity.PERSONAL: _("个人信息"),
    Sensitivity.SENSITIVE: _("敏感个人信息"),
}


@dataclass(frozen=True)
class Words:
    """A name in both languages; `str` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@dataclass(frozen=True)
class Purpose:
    """What data is kept for, and the article that allows it."""

    code: str
    name: Words
    basis: Words


@dataclass(frozen=True)
class FieldClass:
    """A field, how sensitive it is, and for personal data its purpose and the class of retention."""

    app_label: str
    model: str
    field: str
    sensitivity: Sensitivity
    purpose: Purpose | None
    retention: str

    @property
    def name(self) -> str:
        return f"{self.app_label}.{self.model}.{self.field}"


@cache
def purposes() -> Mapping[str, Purpose]:
    return {
        row["code"]: Purpose(
            row["code"], Words(row["name_zh"], row["name_en"]), Words(row["basis_zh"], row["basis_en"])
        )
        for row in rows(DATA / "purposes.csv")
    }


@cache
def fields() -> Mapping[str, FieldClass]:
    """Return every classed field by its name `app.model.field`."""
    found = (one for config in apps.get_app_configs() if config.name.startswith("mulin.") for one in _of(config))
    return {one.name: one for one in found}


def file_of(config: AppConfig) -> Path:
    """Return where the fields of an app are classed."""
    return DATA / "core.csv" if config.label == "core" else Path(config.path) / "data" / "privacy.csv"


def _of(config: AppConfig) -> list[FieldClass]:
    path = file_of(config)
    return [
        FieldClass(
            config.label,
            row["model"],
            row["field"],
            Sensitivity(row["class"]),
            purposes()[row["purpose"]] if row["purpose"] else None,
            row["retention"],
        )
        for row in (rows(path) if path.exists() else [])
    ]
