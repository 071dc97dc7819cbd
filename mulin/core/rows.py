"""Rows of a model made without `Model.__init__`, for the path of a report (decision 6).

Django sets each field by itself, through its descriptor, between two signals that nobody here listens to; a case has
forty fields. The values are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

ModelT = TypeVar("ModelT", bound=Model)


def new_row(model: type[ModelT], **values: Any) -> ModelT:
    """Return the unsaved row `model(**values)`; raise TypeError for a name that is neither column nor relation."""
    fixed, made = _defaults(model)
    row = _empty(model)
    row.__dict__.update(fixed)
    for name, make in made.items():
        if name not in values:
            row.__dict__[name] = make()
    for name, value in values.items():
        if name in fixed or name in made:
            row.__dict__[name] = value
        elif name in _relations(model):
            setattr(row, name, value)
        else:
            raise TypeError(f"{model.__name__} has no column {name}")
    return row


def read_row(model: type[ModelT], names: Sequence[str], values: Sequence[Any]) -> ModelT:
    """Return the row `model.from_db()` would; what is not among its column `names` is read when asked for."""
    row = _empty(model)
    row.__dict__.update(zip(names, values, strict=True))
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def _empty(model: type[ModelT]) -> ModelT:
    row = model.__new__(model)
    row._state = ModelState()
    return row


@cache
def _defaults(model: type[Model]) -> tuple[Mapping[str, Any], Mapping[str, Callable[[], Any]]]:
    """Return the defaults of the columns: those that are the same for every row, and those made anew."""
    fixed: dict[str, Any] = {}
    made: dict[str, Callable[[], Any]] = {}
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            made[field.attname] = field.get_default
        else:
            fixed[field.attname] = field.get_default()
    return fixed, made


@cache
def _relations(model: type[Model]) -> frozenset[str]:
    return frozenset(field.name for field in model._meta.concrete_fields if field.is_relation)
