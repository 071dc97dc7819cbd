"""`mulin lifecycle`: the life of a case as a page, drawn from the table the code runs by."""

import typer
from django.utils import translation

from mulin.core.lifecycle import Move
from mulin.domains.cases.states import LIFECYCLE, RESIDENT, SYSTEM, Status

WHO = {SYSTEM: "时钟与系统", RESIDENT: "居民（凭查询码）"}


def lifecycle() -> None:
    """打印事项生命周期（Markdown）。 Print the lifecycle of a case."""
    typer.echo(page())


def page() -> str:
    """Return docs/cases-lifecycle.md."""
    with translation.override("zh-hans"):
        return "\n".join(
            [
                "# 事项的一生 · The life of a case",
                "",
                "Drawn by `mulin lifecycle` from `mulin/domains/cases/states.py`; a test keeps this page equal to it.",
                "",
                "```mermaid",
                "stateDiagram-v2",
                *(f'    state "{LIFECYCLE.labels[state]}" as {state}' for state in Status.values),
                f"    [*] --> {LIFECYCLE.start}: 点单",
                *(edge for move in LIFECYCLE.moves for edge in _edges(move)),
                "```",
                "",
                "| 步骤 | name | 从 | 到 | 谁 | 说明 |",
                "|---|---|---|---|---|---|",
                *(_row(move) for move in LIFECYCLE.moves),
            ]
        )


def _edges(move: Move) -> list[str]:
    if move.target is None:
        return []
    return [f"    {source} --> {move.target}: {move.label}" for source in sorted(move.sources)]


def _row(move: Move) -> str:
    sources = "、".join(str(LIFECYCLE.labels[state]) for state in sorted(move.sources))
    target = LIFECYCLE.labels[move.target] if move.target else "不变"
    who = WHO.get(move.permission, f"`{move.permission}`")
    return f"| {move.label} | `{move.name}` | {sources} | {target} | {who} | {move.why} |"
