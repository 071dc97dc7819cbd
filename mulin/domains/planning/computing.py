"""The computation of a draft, in a process of its own: read the ground, solve, save what there is on the way.

The process holds a lease (services/drafting.py). It may be killed at any moment: what was saved stays, and the next
process begins anew.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of, params_of
from mulin.domains.planning.rules.labels import apart_from, living_on
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Outcome
from mulin.kernels.facts import BadProblem
from mulin.kernels.partition.problem import Integers
from mulin.kernels.partition.result import Progress
from mulin.kernels.stop import Stop

log = logging.getLogger(__name__)

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
        _tell(draft, _("草案“{name}”算不出方案").format(name=draft.name))
        return
    if drafting.finish(actor=None, draft_id=draft_id, lease=lease, outcome=outcome, now=_now()):
        _tell(draft, _("草案“{name}”已有方案").format(name=draft.name))


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(draft: Draft, subject: str) -> None:
    link = reverse("planning:draft", args=[draft.pk])
    drafting.tell_ready(actor=None, draft_id=draft.pk, subject=subject, link=link, now=_now())


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


@dataclass
class _Run:
    """One search: what it starts from, and what it tells on the way."""

    draft: Draft
    lease: str
    arrays: GroundArrays
    began: float = field(default_factory=time.monotonic)
    saved_at: float = float("-inf")
    asked_at: float = float("-inf")
    is_wanted: bool = True

    def outcome(self) -> Outcome:
        from mulin.kernels.partition.solving import solve  # compiled code, which few processes need

        head = self.draft.head
        problem = self.arrays.problem(
            plans.bounds_of(self.draft),
            present=self._start(head),
            locked=tuple(head.locked) if head else (),
            grid=plans.plan_of(head) if head else None,
        )
        stop = Stop(seconds=self.draft.time_limit_s, asked=self._is_to_end)
        result = solve(problem, stop=stop, seed=self.draft.seed, params=params_of(self._weights()), watch=self._watch)
        grid = self._named(result.grid)
        return Outcome(grid, self._figures(grid), result.certificates, self._unexplained(result, grid))

    def _start(self, head: PlanVersion | None) -> Integers | None:
        """The plan to begin with: the one there is, else today's grids if they are to be kept."""
        if head is not None:
            return plans.plan_of(head)
        has_grids = bool(len(self.arrays.grid_ids)) and bool((self.arrays.present >= 0).any())
        return self.arrays.present if self.draft.keeps_present and has_grids else None

    def _weights(self) -> dict[str, float]:
        """Who draws anew is not held back by what is there."""
        return dict(self.draft.weights) if self.draft.keeps_present else {**self.draft.weights, "change": 0.0}

    def _named(self, grid: Integers) -> Integers:
        start = self._start(self.draft.head)
        if start is not None:
            return apart_from(grid, start, len(self.arrays.grid_ids))
        arrays = self.arrays
        return living_on(grid, arrays.present, len(arrays.grid_ids), arrays.households, arrays.community)

    def _figures(self, grid: Integers) -> dict[str, Any]:
        return figures_of(self.arrays, grid, plans.bounds_of(self.draft), params_of(self._weights()))

    def _unexplained(self, result: Any, grid: Integers) -> list[int]:
        """The result's labels under the names the plan gives them."""
        named = dict(zip(result.grid.tolist(), grid.tolist(), strict=True))
        return [named[label] for label in result.unexplained if label in named]

    def _watch(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self.saved_at < SAVE_EVERY_S:
            return
        grid = self._named(progress.grid)
        self._save(grid=grid, figures=self._figures(grid))
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
