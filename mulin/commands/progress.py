"""A bar for what takes a while, on the terminal's error stream."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Item = TypeVar("Item")


@contextmanager
def progress(label: str, *, total: int | None, console: Console | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar; the yielded function moves it on by a number of steps."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console or Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def counted(
    label: str, items: Iterable[Item], *, total: int | None, console: Console | None = None
) -> Iterator[Iterator[Item]]:
    """Show a bar that moves on with every item taken from the yielded iterator."""
    with progress(label, total=total, console=console) as advance:

        def taken() -> Iterator[Item]:
            for item in items:
                yield item
                advance(1)

        yield taken()
