"""The one way a function is compiled: cached on disk, and without the interpreter's lock while it runs."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile at the first call (once per machine) and keep the function's type for the reader and the checker."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))
