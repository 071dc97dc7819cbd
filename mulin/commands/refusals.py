"""How a command ends when the system refuses: the sentence, what to do, exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from mulin.core.errors import Refused
from mulin.core.outages import outage_of

REFUSED = 1


@contextmanager
def told_and_ended() -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        _tell(refusal)
        raise typer.Exit(REFUSED) from refusal
    except Exception as failure:
        outage = outage_of(failure)
        if outage is None:
            raise
        _tell(outage)
        raise typer.Exit(REFUSED) from failure


def _tell(refusal: Refused) -> None:
    console = Console(stderr=True)
    console.print(str(refusal.sentence), style="bold red", markup=False)
    if refusal.remedy:
        console.print(str(refusal.remedy), markup=False)
    for row in refusal.details.get("rows", []):
        console.print(f"  {row['line']}: {row['reason']}", markup=False)
