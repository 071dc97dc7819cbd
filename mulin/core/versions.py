"""Numbers that tell a process whether what it remembers is still true."""

import secrets
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db.models import F

from mulin.core.models import Version

Value = TypeVar("Value")

# A change made in another process is seen at the latest after this many seconds; reference data
# (calendar, categories, post kinds, geometry) changes a few times a year.
CHECK_EVERY_S = 2.0


def current(name: str) -> int:
    return Version.objects.filter(name=name).values_list("number", flat=True).first() or 0


def bump(name: str) -> None:
    """Say that what goes by `name` has changed; call it in the transaction that changes it.

    The number jumps by chance, so that a process that loaded inside a transaction later rolled back does not
    take the next change for the one it knows.
    """
    step = 1 + secrets.randbelow(1_000_000)
    if not Version.objects.filter(name=name).update(number=F("number") + step):
        Version.objects.create(name=name, number=step)


class Remembered(Generic[Value]):
    """A value loaded once per process and loaded again when its version has moved."""

    instances: list["Remembered[object]"] = []

    def __init__(self, name: str, load: Callable[[], Value]) -> None:
        self._name, self._load = name, load
        self._value: Value | None = None
        self._version, self._checked_at = -1, float("-inf")
        Remembered.instances.append(self)  # type: ignore[arg-type]

    def get(self) -> Value:
        if self._value is not None and time.monotonic() - self._checked_at < CHECK_EVERY_S:
            return self._value
        version = current(self._name)
        if self._value is None or version != self._version:
            self._value, self._version = self._load(), version
        self._checked_at = time.monotonic()
        return self._value

    @property
    def version(self) -> int:
        """The version the value of the last `get` belongs to, for entity tags."""
        return self._version

    def forget(self) -> None:
        self._value = None


_others: list[Callable[[], None]] = []


def also_forget(forget: Callable[[], None]) -> None:
    """Have something kept under a key with a version in it forgotten by `forget_all` too."""
    _others.append(forget)


def forget_all() -> None:
    """Forget every remembered value of this process: after a load, and between tests."""
    for remembered in Remembered.instances:
        remembered.forget()
    for forget in _others:
        forget()
