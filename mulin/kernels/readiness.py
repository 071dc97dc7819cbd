"""Whether a kernel's code lies compiled on the disk, and the one that compiles it ahead of the first question.

Compiling takes a minute or two per machine and version. Whoever fills the cache holds a lock; a web process, which
must not keep people waiting, refuses meanwhile (`refuse_while_filling`). Where nobody fills it, the first question
compiles what it needs, as anywhere else.
"""

import fcntl
import hashlib
import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event

from mulin.kernels.compiled import cache_directory, cache_home

COMPILED = ("network", "access", "siting", "groups", "assignment", "partition", "routing")
"""The kernels with compiled code, those that somebody waits for on a page first."""

_known_ready: set[Path] = set()
_refuses = Event()


class NotCompiled(Exception):
    """The kernel is being compiled just now: so many of all are done."""

    def __init__(self, kernel: str, done: int) -> None:
        super().__init__(f"{kernel} is being compiled ({done} of {len(COMPILED)} are)")
        self.done, self.total = done, len(COMPILED)


def is_ready(kernel: str) -> bool:
    """Whether all compiled functions of the kernel lie in the cache, for this machine and these versions."""
    mark = cache_directory(kernel) / _mark()
    if mark not in _known_ready and mark.exists():
        _known_ready.add(mark)
    return mark in _known_ready


@cache
def _mark() -> str:
    """What compiled code depends on besides its source; numba asks the same of its own files."""
    from numba.core.registry import cpu_target

    machine = cpu_target.target_context.codegen().magic_tuple()
    parts = (importlib.metadata.version("numba"), sys.version, *map(str, machine))
    return "ready-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def fill(told: Callable[[str], None] = lambda _kernel: None, *, kernels: Iterable[str] = COMPILED) -> None:
    """Compile what is not ready by running each kernel's example; `told` the name of every kernel that is.

    Two that fill at once wait for each other.
    """
    with filling():
        for kernel in kernels:
            if not is_ready(kernel):
                importlib.import_module(f"mulin.kernels.{kernel}.example").run()
                (cache_directory(kernel) / _mark()).touch()
            told(kernel)


@contextmanager
def filling() -> Iterator[None]:
    _lock().parent.mkdir(parents=True, exist_ok=True)
    with _lock().open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_being_filled() -> bool:
    """Whether somebody holds the lock; one that was killed holds it no more."""
    try:
        with _lock().open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock() -> Path:
    return cache_home() / "filling.lock"


def refuse_while_filling(refuses: bool = True) -> None:
    """From now on this process refuses rather than waits for a kernel that is being compiled."""
    _refuses.set() if refuses else _refuses.clear()


def require(kernel: str) -> None:
    """Called before compiled code is loaded. Raises NotCompiled where this process must not wait for the compiler."""
    if _refuses.is_set() and not is_ready(kernel) and is_being_filled():
        raise NotCompiled(kernel, sum(map(is_ready, COMPILED)))
