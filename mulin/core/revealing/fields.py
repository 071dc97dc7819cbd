"""What can be revealed: each domain names its own, with who may see it and who may approve."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import NotFound, Text


@dataclass(frozen=True)
class Line:
    """One value in full; `dial` is what a phone calls."""

    label: str
    text: str
    dial: str = ""


@dataclass(frozen=True)
class Found:
    """What somebody may see: the rows the record names, the values, and whether a second person has to approve."""

    objects: tuple[Model, ...]
    lines: tuple[Line, ...]
    needs_approval: bool = False


@dataclass(frozen=True)
class SensitiveField:
    """A field, or fields shown together, under a dotted name.

    `find(user, object_id, now)` returns the values or raises why not; `may_approve(user, object_ids, now)` returns
    those objects whose revealing this person may approve; `page(object_id)` is the address of the object.
    """

    code: str
    name: Text
    find: Callable[[Any, int, datetime], Found]
    may_approve: Callable[[Any, Collection[int], datetime], Collection[int]]
    page: Callable[[int], str]
    title: Callable[[Collection[int]], dict[int, str]]


class FieldUnknown(NotFound):
    code = "sensitive_field_unknown"
    sentence = _("没有这一项个人信息。")


_fields: dict[str, SensitiveField] = {}


def register(field: SensitiveField) -> None:
    _fields[field.code] = field


def field_named(code: str) -> SensitiveField:
    if code not in _fields:
        raise FieldUnknown
    return _fields[code]


def all_fields() -> list[SensitiveField]:
    return list(_fields.values())
