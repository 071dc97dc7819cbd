"""Migrations that turn plain columns into encrypted ones: rename the old one, add the new, copy, remove the old.

Ciphertext is bound to the name of its field, so the new column has its name from the beginning.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.migrations.operations import AddField, RemoveField, RenameField, RunPython
from django.db.migrations.operations.base import Operation
from django.db.models import Field

BATCH = 1_000
PLAIN = "plain_"
Finish = Callable[[Any], Mapping[str, Any]]
"""Given a historical row with its plain columns, returns further columns to be written with it."""


def encrypt_columns(
    app_label: str, model: str, columns: Mapping[str, "Field[Any, Any]"], *, finish: Finish | None = None
) -> list[Operation]:
    """Return the operations; a row's other columns may follow by `finish`. Can be taken back but for those."""
    renamed = [RenameField(model, name, f"{PLAIN}{name}") for name in columns]
    added = [AddField(model, name, field) for name, field in columns.items()]
    copied = RunPython(_copy(app_label, model, list(columns), finish), _copy_back(app_label, model, list(columns)))
    return [*renamed, *added, copied, *(RemoveField(model, f"{PLAIN}{name}") for name in columns)]


def _copy(app_label: str, model: str, names: Sequence[str], finish: Finish | None) -> Callable[[Any, Any], None]:
    def copy(apps: Any, editor: Any) -> None:
        for rows in _portions(apps.get_model(app_label, model), editor):
            changed = set(names)
            for row in rows:
                for name in names:
                    setattr(row, name, getattr(row, f"{PLAIN}{name}"))
                further = finish(row) if finish else {}
                for name, value in further.items():
                    setattr(row, name, value)
                changed |= set(further)
            type(rows[0])._base_manager.using(editor.connection.alias).bulk_update(
                rows, sorted(changed), batch_size=100
            )

    return copy


def _copy_back(app_label: str, model: str, names: Sequence[str]) -> Callable[[Any, Any], None]:
    def copy(apps: Any, editor: Any) -> None:
        for rows in _portions(apps.get_model(app_label, model), editor):
            for row in rows:
                for name in names:
                    setattr(row, f"{PLAIN}{name}", getattr(row, name))
            _write(rows, [f"{PLAIN}{name}" for name in names], editor)

    return copy


def _write(rows: Sequence[Any], names: Sequence[str], editor: Any) -> None:
    type(rows[0])._base_manager.using(editor.connection.alias).bulk_update(rows, names, batch_size=100)


def _portions(model: Any, editor: Any) -> Any:
    last, rows = 0, model._base_manager.using(editor.connection.alias).order_by("pk")
    while portion := list(rows.filter(pk__gt=last)[:BATCH]):
        yield portion
        last = portion[-1].pk
