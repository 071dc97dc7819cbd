"""A small community to plan in: a street of buildings, three households each, and drafts of it."""

from datetime import datetime, timedelta

from django.utils import timezone

from mulin.domains.planning import computing
from mulin.domains.planning.models import Draft, PlanVersion
from mulin.domains.planning.queries import ground, plans
from mulin.domains.planning.rules.judging import figures_of
from mulin.domains.planning.services import drafting
from mulin.domains.planning.services.drafting import Outcome, Wish
from mulin.kernels.partition.problem import Bounds, Params
from tests.factories import NOW, Town, make_town

HOUSEHOLDS = 10


def street(*, buildings: int = 12, grids: int = 2, **known) -> Town:
    """A community whose grids hold `buildings` × 10 households; 40 to 80 a grid is within reach."""
    return make_town(buildings=buildings, grids=grids, households=HOUSEHOLDS, **known)


def draft_of(town: Town, *, computed: bool = True, **wish) -> Draft:
    wanted = Wish(**{"lowest": 40, "highest": 80, "time_limit_s": 1, **wish})
    draft = drafting.ask_draft(actor=town.users["county"], area_code=town.community.code, wish=wanted, now=NOW)
    if computed:
        computing.compute(*claimed())
    return again(draft)


def drawn_by_hand(town: Town, *, lowest: int = 40, highest: int = 80) -> Draft:
    """A draft of today's grids, ready to be changed, without a computation."""
    arrays = ground.problem_of(town.community.code, on=timezone.localdate(NOW))
    figures = figures_of(arrays, arrays.present, Bounds(lowest, highest), Params())
    return drafting.take_in(
        actor=town.users["county"],
        area_code=town.community.code,
        wish=Wish(name="手工方案", lowest=lowest, highest=highest),
        arrays=arrays,
        outcome=Outcome(arrays.present, figures),
        now=NOW,
    )


def claimed(*, at: datetime = NOW) -> tuple[int, str]:
    """The draft that waits longest, and the lease to compute it under."""
    found = drafting.claim(actor=None, now=at)
    assert found is not None
    return found


def again(draft: Draft) -> Draft:
    return plans.draft(draft.pk)


def head_of(draft: Draft) -> PlanVersion:
    assert draft.head is not None
    return draft.head


def members(draft: Draft, label: int) -> list[int]:
    """The buildings (place ids) of a grid of the draft."""
    head = head_of(draft)
    return plans.ground_of(head.snapshot_id).arrays.building_ids[plans.plan_of(head) == label].tolist()


def later(**span):
    return NOW + timedelta(**span)
