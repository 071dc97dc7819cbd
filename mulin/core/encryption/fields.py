"""Columns that are ciphertext in the database and plain in Python, and the hashes they are found by."""

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage
from django.db import models

from mulin.core.encryption.ciphertext import decrypt, encrypt
from mulin.core.encryption.lookup import keyed_hash

if TYPE_CHECKING:
    _Base = models.BinaryField[str, str]
    _HashBase = models.CharField[str, str]
else:
    _Base, _HashBase = models.BinaryField, models.CharField


class EncryptedTextField(_Base):
    """Text that is ciphertext in the database; the empty string stays empty bytes, and only it can be asked for."""

    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def stored(self, text: str) -> bytes:
        """Return what the database keeps of a text."""
        return encrypt(text, label=self.label) if text else b""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.stored(value) if isinstance(value, str) else value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        return decrypt(bytes(value), label=self.label) if len(value) else ""

    def _check_str_default_value(self) -> list[CheckMessage]:
        """The default is text here: Django's rule for binary columns does not fit."""
        return []

    def get_default(self) -> Any:
        return "" if not self.null else None


class LookupHashField(_HashBase):
    """The keyed hash of what the model calls `of` (an attribute or property), kept in step with it on every save.

    A historical model in a migration does not know the property: there the value is set by hand.
    """

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if hasattr(model_instance, self.of):
            setattr(model_instance, self.attname, self.hash_for(model_instance))
        return super().pre_save(model_instance, add)

    def hash_for(self, one: models.Model) -> str:
        text = getattr(one, self.of)
        return keyed_hash(text) if text else ""
