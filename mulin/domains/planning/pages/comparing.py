"""Two drafts beside each other: their figures, and on the map the buildings that differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import Conflict
from mulin.domains.places import queries as places
from mulin.domains.planning.models import Draft
from mulin.domains.planning.pages.drafts import NoPlanYet, PlanView, ground_features, outline_data
from mulin.domains.planning.pages.plan_figures import FigureRow, figure_rows, metis_columns, present_figures
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.changes import Why, why_changed
from mulin.domains.planning.rules.labels import living_on
from mulin.domains.planning.rules.snapshot import NO_GRID, GroundArrays
from mulin.kernels.partition.problem import Integers

SHOWN_BUILDINGS = 200
REASONS: Mapping[Why, Any] = {
    Why.WITHOUT: gettext_lazy("现在不在任何网格里"),
    Why.BROKEN: gettext_lazy("现在的网格不相连，或跨了社区"),
    Why.ABOVE: gettext_lazy("现在的网格户数太多"),
    Why.BELOW: gettext_lazy("现在的网格户数太少"),
    Why.CLOSED: gettext_lazy("现在的网格撤并"),
    Why.NEEDED: gettext_lazy("新网格现在户数太少，要补"),
    Why.BETTER: gettext_lazy("规矩都守，换了指标更好，或由人工移动"),
}


class NotComparable(Conflict):
    code = "drafts_not_comparable"
    sentence = gettext_lazy("这两份草案不是在同一份底数上做的，不能比较。")
    remedy = gettext_lazy("请先对较早的一份“更新底数”，再比较。")


@dataclass(frozen=True)
class Comparison:
    first: str
    second: str
    figures: list[FigureRow]
    metis: list[str]
    buildings: int
    households: int
    moved: list[tuple[str, str, str]]
    reasons: list[str]
    maps: list[tuple[str, Mapping[str, Any]]]

    @property
    def rows(self) -> list[tuple[tuple[str, str, str], str]]:
        """What stands in the table: building, both grids, and where today's grids are meant the reason."""
        return list(zip(self.moved, self.reasons or [""] * len(self.moved), strict=True))


def comparison(one: Draft, other: Draft) -> Comparison:
    """Raises NotComparable."""
    first, second, differs = _laid_beside(one, other)
    figures, beside = ((draft.head.figures if draft.head else {}) for draft in (one, other))
    metis = metis_columns(one, other)
    return Comparison(
        first=numbered(one),
        second=numbered(other),
        figures=figure_rows(figures, beside, metis.values()),
        metis=list(metis),
        buildings=len(differs),
        households=int(first.ground.arrays.households[differs].sum()),
        moved=_moved(first, second, differs),
        reasons=[],
        maps=[(numbered(one), _map(one, first, differs)), (numbered(other), _map(other, second, differs))],
    )


def changes(draft: Draft) -> Comparison:
    """Return a draft beside today's grids: what gets another grid, and why. Raises NoPlanYet."""
    if draft.head is None:
        raise NoPlanYet
    second = PlanView.of(draft.head.snapshot_id, plans.plan_of(draft.head))
    first = PlanView.of(draft.head.snapshot_id, second.ground.arrays.present)
    why = why_changed(second.ground.arrays, second.grid, plans.bounds_of(draft))
    metis = metis_columns(draft)
    differs, today = np.array(sorted(why), dtype=np.int64), _("现状")
    return Comparison(
        first=today,
        second=numbered(draft),
        figures=figure_rows(present_figures(draft), draft.head.figures, metis.values()),
        metis=list(metis),
        buildings=len(differs),
        households=int(second.ground.arrays.households[differs].sum()),
        moved=_moved(first, second, differs),
        reasons=[str(REASONS[why[index]]) for index in differs[:SHOWN_BUILDINGS].tolist()],
        maps=[(today, _map(draft, first, differs)), (numbered(draft), _map(draft, second, differs))],
    )


def _moved(first: PlanView, second: PlanView, differs: Integers) -> list[tuple[str, str, str]]:
    """Return building, its grid in the first plan, its grid in the second."""
    ids = first.ground.arrays.building_ids
    names = plans.building_names(ids[differs[:SHOWN_BUILDINGS]].tolist())
    return [
        (
            names.get(int(ids[index]), ""),
            first.names.get(int(first.grid[index]), "—"),
            second.names.get(int(second.grid[index]), "—"),
        )
        for index in differs[:SHOWN_BUILDINGS].tolist()
    ]


def _laid_beside(one: Draft, other: Draft) -> tuple[PlanView, PlanView, Integers]:
    """Return both plans and the buildings in which they differ. Raises NotComparable."""
    if one.head is None or other.head is None or one.head.snapshot_id != other.head.snapshot_id:
        raise NotComparable
    first = PlanView.of(one.head.snapshot_id, plans.plan_of(one.head))
    second = PlanView.of(other.head.snapshot_id, plans.plan_of(other.head))
    return first, second, np.flatnonzero(_told_alike(first.grid, second.grid, first.ground.arrays) != first.grid)


def differs_geojson(one: Draft, other: Draft) -> str:
    """Return the buildings that differ, each with its grid in both drafts, for other maps. Raises NotComparable."""
    first, second, differs = _laid_beside(one, other)
    arrays = first.ground.arrays
    features = ground_features(first.ground)["features"]
    told = []
    for index in differs.tolist():
        properties = {
            "building": int(arrays.building_ids[index]),
            "name": features[index]["properties"]["label"],
            "households": int(arrays.households[index]),
            "first": first.codes.get(int(first.grid[index]), ""),
            "second": second.codes.get(int(second.grid[index]), ""),
        }
        told.append({"type": "Feature", "properties": properties, "geometry": features[index]["geometry"]})
    return json.dumps({"type": "FeatureCollection", "features": told}, ensure_ascii=False)


def numbered(draft: Draft) -> str:
    """Return name and number: two drafts may have one name."""
    return f"{draft.name} #{draft.pk}"


def _told_alike(first: Integers, second: Integers, arrays: GroundArrays) -> Integers:
    """Return the second plan with the first one's numbers for new grids where they share most households.

    Today's grids have one number in both; a new one has a number of its own in each.
    """
    told, fresh = second.copy(), np.flatnonzero(second >= len(arrays.grid_ids))
    if len(fresh):
        counterpart = np.where(first[fresh] >= len(arrays.grid_ids), first[fresh], NO_GRID)
        beyond = 1 + int(max(first.max(), second.max()))
        told[fresh] = living_on(second[fresh], counterpart, beyond, arrays.households[fresh], arrays.community[fresh])
    return told


def _map(draft: Draft, view: PlanView, differs: Any) -> dict[str, Any]:
    tones = dict.fromkeys(differs.tolist(), "warn")
    return {
        "bounds": places.bounds_of(draft.area_code),
        "layers": [
            {"id": "buildings", "kind": "block", "data": ground_features(view.ground, tones)},
            {"id": "grids", "kind": "grid", "data": outline_data(view)},
        ],
        "legend": [{"tone": "warn", "label": _("网格不同的楼栋")}],
    }
