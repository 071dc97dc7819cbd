"""Departments' nets: taken in, kept so that old codes go on answering, made one as a grid draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Conflict, Invalid
from mulin.core.geometry import shape_fields
from mulin.domains.accounts.models import User
from mulin.domains.places import queries as places
from mulin.domains.planning.models import CrossWalk, DepartmentGrid, DepartmentNet, Draft
from mulin.domains.planning.nets.merging import LaidNet, Merged, lay, merge
from mulin.domains.planning.nets.reading import ReadNets, read_nets
from mulin.domains.planning.queries import ground, nets
from mulin.domains.planning.rules.judging import figures_of
from mulin.domains.planning.rules.labels import living_on
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Outcome, Wish
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.problem import Bounds, Params

INSERT_SIZE = 1_000
BOUNDS = Bounds()
MOST_BUILDINGS = 3_000
"""What is merged while somebody waits; a whole district is merged from the terminal."""
SECONDS = 4.0


class GroundWithoutBuildings(Invalid):
    code = "ground_without_buildings"
    sentence = _("这个范围内还没有有位置的楼栋，不能比较网格。")
    remedy = _("请先导入楼栋。")


class NetsImpossible(Conflict):
    code = "nets_impossible"
    sentence = _("这些网格不能合并。")
    remedy = _("请检查各部门的边界和楼栋清单，至少要有一个部门的网格落在这个范围内。")


class TooLargeToMerge(Invalid):
    code = "nets_too_large"
    sentence = _("这个范围内的楼栋太多，页面上算不完。")
    remedy = _("请选一个街道，或用命令行 mulin plan merge。")


@dataclass(frozen=True)
class LaidNets:
    """What was read, laid over the ground of an area."""

    area_code: str
    arrays: GroundArrays
    laid: tuple[LaidNet, ...]
    read: ReadNets


def lay_files(
    *,
    actor: User | None,
    area_code: str,
    paths: Sequence[Path],
    crs: str,
    now: datetime,
    department: str = "",
    repair: bool = False,
) -> LaidNets:
    """Read departments' files over the ground of an area; nothing is kept. Raises what read_nets raises."""
    area = places.area_by_code(area_code)
    read = read_nets(paths, crs=crs, shift=places.stored_points, department=department, repair=repair)
    arrays = _ground(area.code, now=now)
    return LaidNets(area.code, arrays, lay(arrays, read.nets, nets.building_of(area.code)), read)


def _ground(area_code: str, *, now: datetime) -> GroundArrays:
    arrays = ground.problem_of(area_code, on=timezone.localdate(now))
    if not len(arrays):
        raise GroundWithoutBuildings
    return arrays


@transaction.atomic
def keep_nets(*, actor: User | None, laid: LaidNets, now: datetime) -> list[DepartmentNet]:
    """Keep the departments' grids with the buildings in them; a department's earlier net of the area gives way."""
    return [_keep(laid.area_code, laid.arrays, one, actor=actor, now=now) for one in laid.laid]


def _keep(area_code: str, arrays: GroundArrays, laid: LaidNet, *, actor: User | None, now: datetime) -> DepartmentNet:
    DepartmentNet.objects.filter(department=laid.net.department, area_code=area_code).delete()
    kept = DepartmentNet.objects.create(
        department=laid.net.department, area_code=area_code, imported_by=actor, imported_at=now
    )
    grids = DepartmentGrid.objects.bulk_create(
        DepartmentGrid(
            net=kept, code=old.code, name=old.name, **(shape_fields(old.outline) if old.outline is not None else {})
        )
        for old in laid.net.grids
    )
    inside = np.flatnonzero(laid.grid >= 0)
    rows = zip(laid.grid[inside].tolist(), arrays.building_ids[inside].tolist(), strict=True)
    CrossWalk.objects.bulk_create(
        (CrossWalk(old_grid=grids[number], building_id=building) for number, building in rows), batch_size=INSERT_SIZE
    )
    return kept


def lay_kept(*, actor: User | None, area_code: str, now: datetime) -> LaidNets:
    """Return the nets kept for an area over its ground as it is now."""
    kept = nets.kept(net.pk for net in nets.nets_of(area_code))
    arrays = _ground(area_code, now=now)
    return LaidNets(area_code, arrays, lay(arrays, kept, nets.building_of(area_code)), ReadNets(kept))


def merge_laid(*, actor: User | None, laid: LaidNets, bounds: Bounds, seconds: float, seed: int = 1) -> Merged:
    """Return the one net of least change; nothing is kept. Raises NetsImpossible."""
    try:
        return merge(laid.arrays, laid.laid, bounds, seconds=seconds, seed=seed)
    except BadProblem as bad:
        raise NetsImpossible(code=bad.code, facts={name: str(fact) for name, fact in bad.facts.items()}) from bad


def merge_kept(*, actor: User | None, area_code: str, now: datetime) -> Merged:
    """Make the nets kept for an area one while somebody waits; nothing is kept.

    Raises GroundWithoutBuildings, TooLargeToMerge, NetsImpossible.
    """
    laid = lay_kept(actor=actor, area_code=area_code, now=now)
    if len(laid.arrays) > MOST_BUILDINGS:
        raise TooLargeToMerge
    return merge_laid(actor=actor, laid=laid, bounds=BOUNDS, seconds=SECONDS)


@transaction.atomic
def draft_of_merge(
    *, actor: User | None, area_code: str, merged: Merged, bounds: Bounds, name: str, now: datetime
) -> Draft:
    """Make a grid draft of the one net, ready to be changed by hand and published like any other."""
    arrays = merged.arrays
    grid = living_on(merged.result.grid, arrays.present, len(arrays.grid_ids), arrays.households, arrays.community)
    named = dict(zip(merged.result.grid.tolist(), grid.tolist(), strict=True))
    outcome = Outcome(
        grid,
        figures_of(arrays, grid, bounds, Params()),
        merged.result.certificates,
        [named[label] for label in merged.result.unexplained if label in named],
    )
    wish = Wish(name=name, lowest=bounds.lowest, highest=bounds.highest)
    return drafting.take_in(actor=actor, area_code=area_code, wish=wish, arrays=arrays, outcome=outcome, now=now)
