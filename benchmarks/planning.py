"""Kernels of planning beside their rivals: `python -m benchmarks.planning --data PATH [--only partition,access]`.

Rivals are installed by `pip install -r requirements-benchmark.txt`. Every row is measured in this one run.
"""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.planning_rows import Row

PARTS = ("partition", "exact", "repartition", "assignment", "routing", "access", "siting")


def main(data: Annotated[Path, typer.Option()], only: str = ",".join(PARTS)) -> None:
    """Run each part in its own process, so that its memory is its own and no two solvers meet."""
    for part in only.split(","):
        if part not in PARTS:
            raise typer.BadParameter(f"{part}: one of {', '.join(PARTS)}")
        subprocess.run([sys.executable, "-m", "benchmarks.planning", "--part", part, str(data)], check=True)


def run_part(part: str, data: Path) -> None:
    """Print the rows of one part as they come."""
    module = importlib.import_module(f"benchmarks.planning_{part}")
    table = Table("what", "ours", "rival", "ratio", "target", "met", "MB", "note", title=part)
    for row in module.rows(data):
        table.add_row(*_cells(row))
    Console(width=180).print(table)


def _cells(row: Row) -> tuple[str, ...]:
    met = "yes" if row.met else "NO"
    return (
        row.name, row.ours, row.rival, f"{row.ratio:.3f}", f"{row.target:.3f}", met, f"{row.memory_mb:.0f}", row.note,
    )  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--part":
        run_part(sys.argv[2], Path(sys.argv[3]))
    else:
        typer.run(main)
