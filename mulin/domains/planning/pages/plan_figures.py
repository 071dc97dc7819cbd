"""The figures of a plan in words, beside those of today's grids and of METIS' plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from mulin.domains.planning.models import Draft
from mulin.domains.planning.pages.draft_words import FIGURES
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.judging import figures_of, params_of


@dataclass(frozen=True)
class FigureRow:
    """A figure of a plan, of the plan beside it (today's, or another draft), and of each of METIS' plans shown."""

    name: str
    label: str
    kind: str
    value: float
    other: float | None
    metis: list[float | None]

    @property
    def is_worse(self) -> bool:
        return self.kind in ("fewer", "share") and self.other is not None and self.value > self.other

    @property
    def words(self) -> str:
        return figure(self.value, self.kind)

    @property
    def other_words(self) -> str:
        return figure(self.other, self.kind)

    @property
    def metis_words(self) -> list[str]:
        return [figure(value, self.kind) for value in self.metis]


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


def metis_columns(*drafts: Draft) -> dict[str, Mapping[str, Any]]:
    """Return METIS' figures beside these drafts under their headings: one column for each number of grids."""
    known = [found for found in map(metis_figures, drafts) if found]
    return {metis_heading(figures): figures for figures in known}


def metis_heading(figures: Mapping[str, Any]) -> str:
    return _("METIS（{count} 格）").format(count=figures["grids"])


def figure_rows(
    now: Mapping[str, Any], other: Mapping[str, Any], metis: Iterable[Mapping[str, Any]] = ()
) -> list[FigureRow]:
    columns = list(metis)
    return [
        FigureRow(name, str(label), kind, now[name], other.get(name), [column.get(name) for column in columns])
        for name, label, kind in FIGURES
        if name in now
    ]


def figure(value: float | None, kind: str) -> str:
    if value is None:
        return "—"
    return f"{value:.1%}" if kind == "share" else f"{value:,.0f}"
