"""How a command ends when the system refuses: the sentence, what to do, exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from mulin.core.errors import Refused

REFUSED = 1


@contextmanager
def told_and_ended() -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        console = Console(stderr=True)
        console.print(str(refusal.sentence), style="bold red", markup=False)
        if refusal.remedy:
            console.print(str(refusal.remedy), markup=False)
        for row in refusal.details.get("rows", []):
            console.print(f"  {row['line']}: {row['reason']}", markup=False)
        raise typer.Exit(REFUSED) from refusal
