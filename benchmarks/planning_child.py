"""A rival in a process of its own: its memory is its own, and its solver meets no other."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from benchmarks.planning_rows import peak_memory_mb

Answer = TypeVar("Answer")


def in_child(function: Callable[..., Answer], *arguments: object) -> tuple[Answer, float]:
    """What the function answers, and the peak memory of the process in MB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, function, *arguments).result()


def _measured(function: Callable[..., Answer], *arguments: object) -> tuple[Answer, float]:
    return function(*arguments), peak_memory_mb()
