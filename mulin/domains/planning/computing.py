"""The computation of a draft, in a process of its own: read the ground, solve, save what there is on the way.

The process holds a lease (services/drafting.py). It may be killed at any moment: what was saved stays, and the next
process begins anew.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from mulin.domains.planning.general_program import figures_beside
from mulin.domains.planning.models import Draft
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.rules.labels import apart_from, living_on
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Outcome
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.problem import Bounds, Integers, Params
from mulin.kernels.partition.result import Progress, Watcher
from mulin.kernels.stop import Stop

SAVE_EVERY_S = 1.0
ASK_EVERY_S = 0.5
NO_BUILDINGS = "no_buildings"


def compute(draft_id: int, lease: str) -> None:
    """Compute a claimed draft to its end: a plan, or the reason why there is none."""
    draft = plans.draft(draft_id)
    try:
        arrays = _ground(draft)
        outcome = _Run(draft, lease, arrays).outcome()
    except BadProblem as bad:
        drafting.fail(actor=None, draft_id=draft_id, lease=lease, code=bad.code, facts=plain(bad.facts), now=_now())
        _tell(draft, has_plan=False)
        return
    if drafting.finish(actor=None, draft_id=draft_id, lease=lease, outcome=outcome, now=_now()):
        _tell(draft, has_plan=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(draft: Draft, *, has_plan: bool) -> None:
    link = reverse("planning:draft", args=[draft.pk])
    drafting.tell_asker(actor=None, draft_id=draft.pk, has_plan=has_plan, link=link, now=_now())


def _ground(draft: Draft) -> GroundArrays:
    if draft.snapshot_id is not None:
        return plans.ground_of(draft.snapshot_id).arrays
    arrays = ground.problem_of(draft.area_code, on=timezone.localdate(_now()))
    if not len(arrays):
        raise BadProblem(NO_BUILDINGS)
    drafting.take_snapshot(actor=None, draft_id=draft.pk, arrays=arrays, now=_now())
    return arrays


def plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as JSON keeps them."""
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return str(value)


@dataclass(frozen=True)
class Search:
    """What is asked of the kernel, and how its answer is named: by today's grids where they live on."""

    arrays: GroundArrays
    bounds: Bounds
    weights: Mapping[str, float]
    keeps_present: bool = True
    seed: int = 1
    start: Integers | None = None
    locked: tuple[int, ...] = ()

    @property
    def params(self) -> Params:
        """Who draws anew is not held back by what is there."""
        return params_of({**self.weights, **({} if self.keeps_present else {"change": 0.0})})

    def outcome(self, stop: Stop, watch: Watcher | None = None) -> Outcome:
        """Return the plan found until `stop`. Raises BadProblem."""
        from mulin.kernels.partition.solving import solve  # compiled code, which few processes need

        begin = self._begin()
        problem = self.arrays.problem(self.bounds, present=begin, locked=self.locked, grid=self.start)
        result = solve(problem, stop=stop, seed=self.seed, params=self.params, watch=watch)
        grid = self.named(result.grid)
        names = dict(zip(result.grid.tolist(), grid.tolist(), strict=True))
        unexplained = [names[label] for label in result.unexplained if label in names]
        beside = figures_beside(self.arrays, grid, self.bounds, self.params)
        return Outcome(grid, self.figures(grid), result.certificates, unexplained, beside)

    def _begin(self) -> Integers | None:
        """The plan to begin with: the one there is, else today's grids if they are to be kept."""
        if self.start is not None:
            return self.start
        has_grids = bool((self.arrays.present >= 0).any())
        return self.arrays.present if self.keeps_present and has_grids else None

    def named(self, grid: Integers) -> Integers:
        arrays, begin = self.arrays, self._begin()
        if begin is not None:
            return apart_from(grid, begin, len(arrays.grid_ids))
        return living_on(grid, arrays.present, len(arrays.grid_ids), arrays.households, arrays.community)

    def figures(self, grid: Integers) -> dict[str, Any]:
        return figures_of(self.arrays, grid, self.bounds, self.params)


def search_of(draft: Draft, arrays: GroundArrays) -> Search:
    head = draft.head
    return Search(
        arrays,
        plans.bounds_of(draft),
        draft.weights,
        keeps_present=draft.keeps_present,
        seed=draft.seed,
        start=plans.plan_of(head) if head else None,
        locked=tuple(head.locked) if head else (),
    )


@dataclass
class _Run:
    """One search of a draft under its lease, and what it saves on the way."""

    draft: Draft
    lease: str
    arrays: GroundArrays
    began: float = field(default_factory=time.monotonic)
    saved_at: float = float("-inf")
    asked_at: float = float("-inf")
    is_wanted: bool = True

    def __post_init__(self) -> None:
        self.search = search_of(self.draft, self.arrays)

    def outcome(self) -> Outcome:
        return self.search.outcome(Stop(seconds=self.draft.time_limit_s, asked=self._is_to_end), self._watch)

    def _watch(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self.saved_at < SAVE_EVERY_S:
            return
        grid = self.search.named(progress.grid)
        self._save(grid=grid, figures=self.search.figures(grid))
        self.saved_at = self.asked_at = now

    def _is_to_end(self) -> bool:
        now = time.monotonic()
        if now - self.asked_at >= ASK_EVERY_S:
            self._save()
            self.asked_at = now
        return not self.is_wanted

    def _save(self, **known: Any) -> None:
        seconds = time.monotonic() - self.began
        self.is_wanted = drafting.save_progress(
            actor=None, draft_id=self.draft.pk, lease=self.lease, seconds=seconds, now=_now(), **known
        )
