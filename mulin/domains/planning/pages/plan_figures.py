"""The figures of a plan in words, beside those of today's grids and of METIS' plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mulin.domains.planning.models import Draft
from mulin.domains.planning.pages.draft_words import FIGURES
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.judging import figures_of, params_of


@dataclass(frozen=True)
class FigureRow:
    """A figure in words, and as `value` and `other` (of today, or of the plan beside it) for programs.

    `metis` is the figure of METIS' plan with as many grids, empty where there is none.
    """

    name: str
    value: float
    other: float | None
    label: str
    now: str
    present: str
    is_worse: bool
    metis: str = ""


def present_figures(draft: Draft) -> dict[str, Any]:
    """Return the figures of today's grids under the same bounds and weights; empty where there are none."""
    if draft.snapshot_id is None:
        return {}
    arrays = plans.ground_of(draft.snapshot_id).arrays
    if not (arrays.present >= 0).any():
        return {}
    return figures_of(arrays, arrays.present, plans.bounds_of(draft), params_of(draft.weights))


def metis_figures(draft: Draft) -> Mapping[str, Any]:
    """Return the figures of METIS' plan with as many grids as were computed; empty where there are none."""
    known: Mapping[str, Any] = draft.yardstick or {}
    return known if draft.head is not None and known.get("snapshot") == draft.head.snapshot_id else {}


def figure_rows(now: Mapping[str, Any], present: Mapping[str, Any], metis: Mapping[str, Any]) -> list[FigureRow]:
    return [
        FigureRow(
            name=name,
            value=now[name],
            other=present.get(name),
            label=str(label),
            now=figure(now[name], kind),
            present=figure(present[name], kind) if name in present else "—",
            is_worse=kind in ("fewer", "share") and name in present and now[name] > present[name],
            metis=figure(metis[name], kind) if name in metis else "",
        )
        for name, label, kind in FIGURES
        if name in now
    ]


def figure(value: float, kind: str) -> str:
    return f"{value:.1%}" if kind == "share" else f"{value:,.0f}"
