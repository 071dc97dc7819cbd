"""The one way a function is compiled: cached on disk, and without the interpreter's lock while it runs."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])

KERNELS = Path(__file__).parent
BUILT_UPON = "network"  # the one kernel whose compiled functions others call
KEPT_S = 86_400.0


def cache_home() -> Path:
    """Where compiled code is kept: where NUMBA_CACHE_DIR says, beside the source, or else in the data directory.

    A source that its user may not write is what a packaged installation has; the data directory he always may.
    """
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    beside = KERNELS / "__pycache__"
    if os.access(beside if beside.exists() else KERNELS, os.W_OK):
        return beside
    return Path(os.environ.get("MULIN_HOME", "var")).resolve() / "kernels"


@cache
def source_of(kernel: str) -> str:
    """A digest of the kernel's source: numba does not notice a change of a function called from another file."""
    digest = hashlib.sha256()
    for part in (kernel, BUILT_UPON):
        for source in sorted((KERNELS / part).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory(kernel: str) -> Path:
    return cache_home() / f"{kernel}-{source_of(kernel)}"


@cache
def _prepared(kernel: str) -> str:
    """The kernel's directory; what earlier sources left is removed after a day, when nobody runs them any more."""
    directory = cache_directory(kernel)
    if not directory.exists():
        for old in directory.parent.glob(f"{kernel}-*"):
            if time.time() - old.stat().st_mtime > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
    return str(directory)


def compiled(function: Function) -> Function:
    """Compile at the first call (once per machine) and keep the function's type for the reader and the checker."""
    return _compiled(function)


def in_place(function: Function) -> Function:
    """Compile a function that writes into the arrays it is given and makes none: numba refuses it if it does.

    Such arrays are their caller's, so nobody counts who holds them: with a town of nine arrays, the counting at every
    call takes half the time of a small step.
    """
    return _compiled(function, _nrt=False)


def _compiled(function: Function, **options: Any) -> Function:
    import numba  # a web process asks where the cache is without loading the compiler

    vars(numba.config)["CACHE_DIR"] = _prepared(function.__module__.split(".")[2])
    return cast(Function, numba.njit(cache=True, nogil=True, **options)(function))
