"""Write every encrypted row, and the hash it is found by, anew under the newest key, while everybody goes on working.

A killed run is simply begun again: rows that stand under the newest key are passed over. A row somebody changes
meanwhile is left to them: the update asks for the bytes that were read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import BinaryField, ExpressionWrapper, F

from mulin.core.encryption import keys
from mulin.core.encryption.ciphertext import decrypt, encrypt, is_current
from mulin.core.encryption.fields import EncryptedTextField, LookupHashField
from mulin.core.encryption.lookup import is_current_hash

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """The encrypted columns of a model, and the hashes that follow them."""

    model: type[models.Model]
    fields: Sequence[EncryptedTextField]
    hashes: Sequence[LookupHashField]

    @property
    def rows(self) -> models.QuerySet[Any]:
        return self.model._default_manager.all()


def sealed_models() -> list[Sealed]:
    found = []
    for model in apps.get_models():
        columns = model._meta.concrete_fields
        fields = [field for field in columns if isinstance(field, EncryptedTextField)]
        if fields:
            found.append(Sealed(model, fields, [field for field in columns if isinstance(field, LookupHashField)]))
    return found


def count() -> int:
    """Return how many rows a rotation looks at."""
    return sum(one.rows.count() for one in sealed_models())


def is_whole() -> bool:
    """Say whether every row stands under the newest key."""
    return not any(batch.old for one in sealed_models() for batch in _batches(one))


def add_key_if_whole() -> int | None:
    """Add a key unless an earlier rotation is not through yet; return its number."""
    return keys.add() if is_whole() else None


def rotate() -> Iterator[int]:
    """Write anew what stands under an older key or another suite; yield how many rows were looked at."""
    for one in sealed_models():
        for batch in _batches(one):
            if batch.old:
                _rewrite(one, batch.old)
            yield batch.rows


@dataclass(frozen=True)
class _Batch:
    rows: int
    old: Sequence[dict[str, Any]]


def _batches(one: Sealed) -> Iterator[_Batch]:
    raw = {f"raw_{f.attname}": ExpressionWrapper(F(f.attname), output_field=BinaryField()) for f in one.fields}
    hashes = [field.attname for field in one.hashes]
    last: Any = None
    while True:
        rows = one.rows.order_by("pk").annotate(**raw).values("pk", *raw, *hashes)
        found = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
        if not found:
            return
        last = found[-1]["pk"]
        yield _Batch(len(found), [row for row in found if not _is_row_current(row, raw, hashes)])


def _is_row_current(row: Mapping[str, Any], raw: Iterable[str], hashes: Iterable[str]) -> bool:
    return all(is_current(_bytes(row[name])) for name in raw) and all(is_current_hash(row[name]) for name in hashes)


def _bytes(value: Any) -> bytes:
    return b"" if value is None else bytes(value)


@transaction.atomic
def _rewrite(one: Sealed, rows: Sequence[dict[str, Any]]) -> None:
    whole = {found.pk: found for found in one.rows.filter(pk__in=[row["pk"] for row in rows])} if one.hashes else {}
    for row in rows:
        change: dict[str, Any] = {}
        for field in one.fields:
            old = _bytes(row[f"raw_{field.attname}"])
            if not is_current(old):
                change[field.attname] = encrypt(decrypt(old, label=field.label), label=field.label)
        unchanged = {name: _bytes(row[f"raw_{name}"]) for name in change}
        if row["pk"] in whole:
            change |= {field.attname: field.hash_for(whole[row["pk"]]) for field in one.hashes}
            unchanged |= _read_with_the_hash(one, row)
        one.rows.filter(pk=row["pk"], **unchanged).update(**change)


def _read_with_the_hash(one: Sealed, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return all a hash may be of, as it was read: changed meanwhile, the hash is the other writer's."""
    raw = {field.attname: row[f"raw_{field.attname}"] for field in one.fields}
    hashes = {field.attname: row[field.attname] for field in one.hashes}
    return {name: bytes(value) for name, value in raw.items() if value is not None} | hashes


def forget_old_pages() -> None:
    """SQLite: write the file anew, so that no page still holds what stood there under the old key."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
