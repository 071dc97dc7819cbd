"""What is kept about somebody who works here: found by the classification, through every key that points at them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey, Model, Q, QuerySet

from mulin.core.encryption import EncryptedTextField
from mulin.core.privacy.classes import FieldClass, Purpose, fields
from mulin.core.privacy.periods import Period, periods

OWN_PURPOSES = {"ACCOUNT", "DUTY", "TRACE"}
# What lets somebody in, and what only machines read: never handed out, not even to its owner.
SECRETS = {"password", "key_hash", "code_hash", "phone_hash", "credential_hash", "credential_id", "public_key",
           "session_key", "session_data", "subject_hash", "bucket", "last_step", "sign_count"}  # fmt: skip
MOST_ROWS = 1_000


@dataclass(frozen=True)
class About:
    """One class of data about a person, for one purpose, and in how many rows."""

    purpose: Purpose
    period: Period
    rows: int


def about(person: Model, *, on: date) -> list[About]:
    """Return the classes of data kept about `person`; one query per table."""
    kept, counts = periods(on=on), defaultdict[tuple[str, str], int](int)
    for model, personal in _tables():
        number = _rows_of(model, person).count()
        for purpose, retention in {(one.purpose.code, one.retention) for one in personal if one.purpose}:
            counts[purpose, retention] += number
    known = {one.purpose.code: one.purpose for one in fields().values() if one.purpose}
    return [About(known[purpose], kept[retention], rows) for (purpose, retention), rows in counts.items() if rows]


def copy_for(person: Model) -> dict[str, list[dict[str, Any]]]:
    """Return the rows themselves, the latest of each table, without secrets and without what is about residents."""
    found = {}
    for model, personal in _tables():
        names = [one.field for one in personal if one.field not in SECRETS and _is_plain(model, one.field)]
        rows = list(_rows_of(model, person).order_by("-pk").values(*names)[:MOST_ROWS]) if names else []
        if rows:
            found[model._meta.label_lower] = rows
    return found


def _is_plain(model: type[Model], name: str) -> bool:
    return not isinstance(model._meta.get_field(name), EncryptedTextField)


def _tables() -> Iterator[tuple[type[Model], list[FieldClass]]]:
    grouped: dict[tuple[str, str], list[FieldClass]] = defaultdict(list)
    for one in fields().values():
        if one.purpose is not None and one.purpose.code in OWN_PURPOSES:
            grouped[one.app_label, one.model].append(one)
    for (app_label, name), personal in grouped.items():
        model = apps.get_model(app_label, name)
        if model is get_user_model() or _keys(model):
            yield model, personal


def _keys(model: type[Model]) -> list[str]:
    people = get_user_model()
    return [f.name for f in model._meta.concrete_fields if isinstance(f, ForeignKey) and f.related_model is people]


def _rows_of(model: type[Model], person: Model) -> QuerySet[Any]:
    if model is get_user_model():
        return model._default_manager.filter(pk=person.pk)
    condition = Q()
    for name in _keys(model):
        condition |= Q(**{name: person.pk})
    return model._default_manager.filter(condition)
