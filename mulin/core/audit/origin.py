"""Where a request comes from, known to whoever records something while it is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    address: str = ""
    request_id: str = ""


_current: ContextVar[Origin] = ContextVar("where the request comes from")


def current() -> Origin:
    """Return the origin of the request being answered; an empty one in the worker and at the terminal."""
    return _current.get(Origin())


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
