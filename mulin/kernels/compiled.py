"""The one way a function is compiled: cached on disk, and without the interpreter's lock while it runs."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])

KERNELS = Path(__file__).parent
BUILT_UPON = "network"  # the one kernel whose compiled functions others call
KEPT_S = 86_400.0


@cache
def _cache_directory(kernel: str) -> str:
    """A directory for exactly this source: numba does not notice a change of a function called from another file.

    What earlier sources left is removed after a day, when nobody runs them any more.
    """
    digest = hashlib.sha256()
    for part in (kernel, BUILT_UPON):
        for source in sorted((KERNELS / part).rglob("*.py")):
            digest.update(source.read_bytes())
    home = KERNELS / "__pycache__"
    if not os.access(home if home.exists() else KERNELS, os.W_OK):
        home = Path.home() / ".cache" / "mulin"
    directory = home / f"{kernel}-{digest.hexdigest()[:16]}"
    if not directory.exists():
        for old in home.glob(f"{kernel}-*"):
            if time.time() - old.stat().st_mtime > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
    return str(directory)


def compiled(function: Function) -> Function:
    """Compile at the first call (once per machine) and keep the function's type for the reader and the checker."""
    if not os.environ.get("NUMBA_CACHE_DIR"):
        vars(numba.config)["CACHE_DIR"] = _cache_directory(function.__module__.split(".")[2])
    return cast(Function, numba.njit(cache=True, nogil=True)(function))
